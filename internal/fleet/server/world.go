package server

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// world is a World as it is served.
type world struct {
	World
	lists  *lists
	orders orders
	leases leases
	ready  abilities

	rollouts sync.Mutex // of beginning, and of owners
	store    store      // nil: the fleet keeps no rollouts
}

func newWorld(w World, o Options) *world {
	if w.Keeper == nil {
		w.Keeper = NewMemory()
	}
	if w.Do == nil {
		w.Do = func(f func()) { f() }
	}
	own := &world{World: w}
	referred := func() (map[string]bool, error) { return nil, nil }
	switch {
	case w.Ledger != nil:
		own.store = ledger{w.Ledger, own}
	case w.Journals != nil:
		own.store = &decoded{world: own}
	}
	if own.store != nil {
		referred = own.store.referred
	}
	own.lists = newLists(w.Keeper, o, referred)
	own.leases.now = w.Now
	return own
}

// getFleet describes the fleet.
func (w *world) getFleet(x *call) error {
	head, err := w.describe(x.Context())
	if err != nil {
		return err
	}
	head.At = head.At.UTC()
	return x.Answer(http.StatusOK, contract.FleetOf(&head))
}

func (w *world) describe(ctx context.Context) (head engine.Head, err error) {
	w.Do(func() { head, err = w.Fleet.Describe(ctx) })
	if err == nil {
		w.ready.learn(head.Capabilities, w.Now())
	}
	return head, err
}

// listInstances lists a page of the instances.
func (w *world) listInstances(x *call) error {
	return page(w, x, "instances", w.Fleet.Instances)
}

// listTenants lists a page of the tenants.
func (w *world) listTenants(x *call) error { return page(w, x, "tenants", w.Fleet.Tenants) }

// page answers a page of a list: of the one that a cursor is from, or of a new one.
func page[T any](w *world, x *call, what string, read func(context.Context) iter.Seq2[T, error]) error {
	limit, err := x.limit()
	if err != nil {
		return err
	}
	of := fmt.Sprintf("%s of %s in %s", what, w.Plugin, w.Environment)
	if cursor := x.URL.Query().Get("cursor"); cursor != "" {
		p, err := x.shelf.at(of, cursor)
		if err != nil {
			return err
		}
		items := p.items.([]T)
		some := items[p.from:min(p.from+limit, len(items))]
		return x.Answer(http.StatusOK, contract.Page[T]{At: x.At(), Items: some, Next: x.shelf.after(p, len(some), len(items))})
	}
	items := []T{}
	w.Do(func() {
		for item, failed := range read(x.Context()) {
			if err = failed; err != nil {
				return
			}
			items = append(items, item)
		}
	})
	if err != nil {
		return err
	}
	answer := contract.Page[T]{At: x.At(), Items: items[:min(limit, len(items))]}
	if len(items) > limit {
		answer.Next = x.shelf.after(x.shelf.put(of, items, len(items)), limit, len(items))
	}
	return x.Answer(http.StatusOK, answer)
}

// abilities are what a fleet said last that it can do.
type abilities struct {
	mu    sync.Mutex
	known engine.Capabilities
	asked time.Time
}

// abilitiesFor is how long what a fleet said of itself is believed.
const abilitiesFor = time.Minute

func (a *abilities) learn(c engine.Capabilities, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known, a.asked = c, at
}

// capabilities is what the fleet can do, as it said within a minute.
func (w *world) capabilities(ctx context.Context) (engine.Capabilities, error) {
	w.ready.mu.Lock()
	known, fresh := w.ready.known, !w.ready.asked.IsZero() && w.Now().Sub(w.ready.asked) < abilitiesFor
	w.ready.mu.Unlock()
	if fresh {
		return known, nil
	}
	head, err := w.describe(ctx)
	return head.Capabilities, err
}
