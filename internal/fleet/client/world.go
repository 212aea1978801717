package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// url is an address of the world.
func (w *World) url(elems ...string) *url.URL {
	return w.c.conn.URL(append([]string{"v1", "environments", string(w.environment), "plugins", w.plugin}, elems...)...)
}

func withQuery(u *url.URL, query url.Values) *url.URL {
	u.RawQuery = query.Encode()
	return u
}

func asProblem(err error) (*Problem, bool) {
	var p *Problem
	ok := errors.As(err, &p)
	return p, ok
}

// Describe implements [engine.Fleet].
func (w *World) Describe(ctx context.Context) (engine.Head, error) {
	if _, err := w.c.Service(ctx); err != nil {
		return engine.Head{}, err
	}
	var f contract.Fleet
	if err := w.c.call(ctx, get(w.url()), &f); err != nil {
		return engine.Head{}, err
	}
	if wrong := w.wrong(&f); wrong != "" {
		return engine.Head{}, w.contradicts(wrong)
	}
	w.remembers.Store(slices.Contains(f.Capabilities.Can, engine.CanJournal))
	return f.Head(), nil
}

// wrong says what of a fleet cannot be; "": nothing.
func (w *World) wrong(f *contract.Fleet) string {
	if f.Environment != "" && f.Environment != string(w.environment) || f.Plugin != "" && f.Plugin != w.plugin {
		return fmt.Sprintf("the answer is about %q in %q, and %q in %q was asked for", f.Plugin, f.Environment, w.plugin, w.environment)
	}
	for _, v := range f.Versions {
		if v.Instances < 0 || v.Ready < 0 || v.Ready > v.Instances {
			return fmt.Sprintf("%d of %d instances of slot %q with version %q are ready", v.Ready, v.Instances, v.Slot, v.Version)
		}
	}
	return ""
}

// contradicts is an answer to what lies below the world that cannot be.
func (w *World) contradicts(what string, elems ...string) error {
	return fmt.Errorf("GET %s: %s. No fleet that keeps the contract answers so; hotswap conformance says where this one does not, for whoever runs it to mend", w.url(elems...), what)
}

// Instances implements [engine.Fleet].
func (w *World) Instances(ctx context.Context) iter.Seq2[engine.Instance, error] {
	return list(ctx, w, "instances", func(i *engine.Instance) string { return i.ID })
}

// Tenants implements [engine.Fleet].
func (w *World) Tenants(ctx context.Context) iter.Seq2[engine.Tenant, error] {
	return list(ctx, w, "tenants", func(t *engine.Tenant) string { return t.ID })
}

// mostRestarts is how often a list that expired while it was read is begun again.
const mostRestarts = 5

// list reads a list page by page. Where the fleet keeps it no longer, it is begun again,
// and what was given already is passed over: the list is sorted.
func list[T any](ctx context.Context, w *World, what string, id func(*T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		l := listing[T]{w: w, what: what, id: id, yield: yield}
		for restarts := 0; ; restarts++ {
			err := l.read(ctx)
			switch {
			case l.over || err == nil:
				return
			case reasonOf(err) != contract.SnapshotExpired || restarts == mostRestarts:
				var none T
				yield(none, err)
				return
			}
		}
	}
}

// listing is a list that is being read.
type listing[T any] struct {
	w     *World
	what  string
	id    func(*T) string
	yield func(T, error) bool
	last  string // id that was given last
	any   bool   // one was
	over  bool   // nobody wants more
}

// read gives what comes after last, from the list's beginning to its end.
func (l *listing[T]) read(ctx context.Context) error {
	s, err := l.w.c.Service(ctx)
	if err != nil {
		return err
	}
	query := url.Values{"limit": {strconv.Itoa(s.Limits.Page)}}
	before, began := "", false // of this reading
	for {
		var page contract.Page[T]
		if err := l.w.c.call(ctx, get(withQuery(l.w.url(l.what), query)), &page); err != nil {
			return err
		}
		for i := range page.Items {
			id := l.id(&page.Items[i])
			if began && id <= before {
				return l.w.contradicts(fmt.Sprintf("the %s are not sorted by id, or there twice: %q comes after %q", l.what, id, before), l.what)
			}
			before, began = id, true
			if l.any && id <= l.last {
				continue // given before the list was begun again
			}
			l.last, l.any = id, true
			if !l.yield(page.Items[i], nil) {
				l.over = true
				return nil
			}
		}
		switch {
		case page.Next == "":
			return nil
		case page.Next == query.Get("cursor"):
			return l.w.contradicts(fmt.Sprintf("the %s do not end: the page at cursor %q names itself as the next", l.what, page.Next), l.what)
		}
		query.Set("cursor", page.Next)
	}
}
