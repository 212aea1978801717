package server

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// orders holds the fence: what is older than the newest order never reaches the fleet.
type orders struct {
	mu    sync.Mutex
	known bool // newest was read
	newest
}

// newest is the newest order that the fleet took.
type newest struct {
	Rollout string `json:"rollout"`
	Ordinal int64  `json:"ordinal"`
	Seq     int64  `json:"seq"`
	Digest  string `json:"digest"` // of the order, as it is written here
}

// newestName is where a keeper has it.
const newestName = "newest-order"

// putOrder takes a change.
func (w *world) putOrder(x *call) error {
	rollout, err := x.rollout()
	if err != nil {
		return err
	}
	seq, err := strconv.ParseInt(x.PathValue("seq"), 10, 64)
	if err != nil || seq < 0 {
		return exchange.Refuse(contract.InvalidRequest, "%q is not the number of an order", x.PathValue("seq"))
	}
	var body contract.Order
	if err := x.body(&body); err != nil {
		return err
	}
	if err := checkOrder(&body); err != nil {
		return err
	}
	w.orders.mu.Lock()
	defer w.orders.mu.Unlock()
	written, err := json.Marshal(body)
	if err != nil {
		return err
	}
	next := newest{rollout, body.Ordinal, seq, contract.DigestOf(written)}
	again, err := w.fence(&next)
	if err != nil {
		return err
	}
	if again {
		return x.Taken(http.StatusAccepted)
	}
	order, err := w.order(&body, &next)
	if err != nil {
		return err
	}
	w.Do(func() { err = w.Fleet.Make(x.Context(), order) })
	if err != nil {
		return err
	}
	if err := w.took(next); err != nil {
		return err
	}
	return x.Taken(http.StatusAccepted)
}

// checkOrder finds what no order can be.
func checkOrder(o *contract.Order) error {
	c := &o.Change
	switch {
	case o.Ordinal < 1:
		return exchange.Wrong("ordinal", "%d is below 1", o.Ordinal)
	case c.Kind == "":
		return exchange.Wrong("change.kind", "is missing")
	case c.Count < 0:
		return exchange.Wrong("change.count", "%d is below 0", c.Count)
	case o.Targets == "" && (c.Instances != engine.Range{} || c.Tenants != engine.Range{}):
		return exchange.Wrong("targets", "is missing, and the change counts places in a list")
	}
	for _, r := range c.Routes {
		if !(r.Percent >= 0 && r.Percent <= 100) {
			return exchange.Wrong("change.routes", "%g %% for slot %s is not in 0..100", r.Percent, r.Slot)
		}
	}
	if !slices.Contains(kinds, c.Kind) {
		return exchange.Refuse(contract.Refused, "there is no kind %q of changes here", c.Kind)
	}
	return nil
}

// kinds are the kinds of changes that the engine knows.
var kinds = []engine.ChangeKind{
	engine.Install, engine.Replace, engine.Activate, engine.Remove, engine.Pin, engine.Unpin, engine.Provision, engine.Retire, engine.Smoke, engine.Shift,
}

// readNewest reads the newest order that was taken, once.
func (w *world) readNewest() error {
	o := &w.orders
	if o.known {
		return nil
	}
	text, err := w.Keeper.Get(newestName)
	if err == nil {
		err = json.Unmarshal(text, &o.newest)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	o.known = true
	return nil
}

// taken is the ordinal of the newest order that was taken; 0: none was. A rollout that
// begins has a greater one: else all of its orders would be too old.
func (w *world) taken() (int64, error) {
	w.orders.mu.Lock()
	defer w.orders.mu.Unlock()
	err := w.readNewest()
	return w.orders.Ordinal, err
}

// fence says whether an order was taken before, or why it comes too late.
func (w *world) fence(next *newest) (again bool, err error) {
	o := &w.orders
	if err := w.readNewest(); err != nil {
		return false, err
	}
	last := &o.newest
	switch cmp.Or(cmp.Compare(next.Ordinal, last.Ordinal), cmp.Compare(next.Seq, last.Seq)) {
	case 1:
		return false, nil
	case -1:
		return false, exchange.Refuse(contract.Superseded, "order %d of ordinal %d comes after order %d of ordinal %d, of %s", next.Seq, next.Ordinal, last.Seq, last.Ordinal, last.Rollout)
	}
	if *next != *last {
		return false, exchange.Refuse(contract.OrderDiffers, "another order %d of ordinal %d, of %s, was taken before", next.Seq, next.Ordinal, last.Rollout)
	}
	return true, nil
}

// took remembers the newest order before it is answered.
func (w *world) took(next newest) error {
	text, err := json.Marshal(next)
	if err == nil {
		err = w.Keeper.Put(newestName, text)
	}
	if err == nil {
		w.orders.newest = next
	}
	return err
}

// order is what the fleet is told.
func (w *world) order(body *contract.Order, at *newest) (engine.Order, error) {
	l, err := w.lists.find(body.Targets)
	if err != nil {
		return engine.Order{}, err
	}
	instances, err := view(l.targets.Instances, body.Change.Instances, "change.instances")
	if err != nil {
		return engine.Order{}, err
	}
	tenants, err := view(l.targets.Tenants, body.Change.Tenants, "change.tenants")
	if err != nil {
		return engine.Order{}, err
	}
	if len(body.Except) > 0 {
		instances = slices.DeleteFunc(slices.Clone(instances), func(i engine.PlanInstance) bool { return slices.Contains(body.Except, i.ID) })
	}
	return engine.Order{
		Rollout: at.Rollout, Ordinal: at.Ordinal, Seq: at.Seq, Candidate: body.Candidate, Change: body.Change,
		Instances: instances, Tenants: tenants, Targets: l.targets,
	}, nil
}
