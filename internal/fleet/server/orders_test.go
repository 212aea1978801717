package server_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// recording is a fleet that remembers what it was told.
type recording struct {
	engine.Fleet
	orders  *[]engine.Order
	watches *[]engine.Watch
	err     *error
}

func (f recording) Make(_ context.Context, o engine.Order) error {
	*f.orders = append(*f.orders, o)
	return *f.err
}

func (f recording) Look(_ context.Context, w engine.Watch) (engine.Condition, error) {
	*f.watches = append(*f.watches, w)
	return engine.Condition{}, nil
}

func newRecording() recording {
	return recording{orders: new([]engine.Order), watches: new([]engine.Watch), err: new(error)}
}

// TestFence sends orders in and out of turn, some to a handler that was started anew.
func TestFence(t *testing.T) {
	f := newRecording()
	keeper := server.NewFolder(t.TempDir())
	open := func() *rig {
		return newRig(t, func(r *rig, _ *simulator.Config, w *server.World) { w.Fleet, w.Keeper = f, keeper })
	}
	r := open()
	order := func(ordinal, seq int, slot string) (string, string) {
		return fmt.Sprintf("%s/rollouts/r%d/orders/%d", base, ordinal, seq), fmt.Sprintf(`{"ordinal": %d, "candidate": "1.6.0", "change": {"kind": "retire", "slot": %q}}`, ordinal, slot)
	}
	for i, c := range []struct {
		ordinal, seq int
		slot         string
		fails        error
		reason       contract.Reason // "": it is taken
		orders       int             // that the fleet was told by then
	}{
		{2, 5, "a", nil, "", 1},
		{2, 5, "a", nil, "", 1},
		{2, 5, "b", nil, contract.OrderDiffers, 1},
		{2, 4, "a", nil, contract.Superseded, 1},
		{1, 9, "a", nil, contract.Superseded, 1},
		{2, 7, "a", &engine.Refused{Reason: "never"}, contract.Refused, 2},
		{2, 7, "b", &engine.Unavailable{}, contract.Unavailable, 3},
		{2, 6, "a", nil, "", 4}, // for what was refused is not taken
		{2, 7, "b", errors.New("a fuse blew"), contract.Internal, 5},
		{2, 7, "b", nil, "", 6},
		{2, 7, "b", nil, "", 6},
		{3, 0, "a", nil, "", 7},
		{2, 99, "a", nil, contract.Superseded, 7},
		{4, 0, "a", engine.ErrSuperseded, contract.Superseded, 8},
	} {
		if i%2 == 0 {
			r = open()
		}
		*f.err = c.fails
		path, body := order(c.ordinal, c.seq, c.slot)
		if c.reason == "" {
			r.want(t, 202, "PUT", path, body)
		} else {
			r.refused(t, refusal{reason: c.reason, method: "PUT", path: path, body: body})
		}
		if n := len(*f.orders); n != c.orders {
			t.Fatalf("step %d: the fleet was told %d orders, want %d", i, n, c.orders)
		}
	}
	// Another rollout under the same ordinal and number, and one that is written otherwise.
	_, body := order(3, 0, "a")
	r.refused(t, refusal{reason: contract.OrderDiffers, method: "PUT", path: base + "/rollouts/other/orders/0", body: body})
	r.want(t, 202, "PUT", base+"/rollouts/r3/orders/0", strings.Replace(body, "{", `{"new": 1, `, 1))
	if len(*f.orders) != 8 {
		t.Error("the fleet was told of an order that it has")
	}
}

// TestViews hands the fleet views of one list, so that it may know them by their address.
func TestViews(t *testing.T) {
	f := newRecording()
	r := newRig(t, func(_ *rig, _ *simulator.Config, w *server.World) { w.Fleet = f })
	p := r.plan(t, "r1", "1.6.0")
	s, list := start(p)
	path := base + "/rollouts/r1/"
	order := fmt.Sprintf(`{"ordinal": 1, "candidate": "1.6.0", "targets": %q, "change": {"kind": "install", "version": "1.6.0", "instances": {"from": 2, "to": 6}, "tenants": {"from": 0, "to": 3}, "named": ["late"]}, "except": ["`+p.Instances[3].ID+`"]}`, s.Targets)
	missing := refusal{reason: contract.TargetsMissing, method: "PUT", path: path + "orders/1", body: order}
	r.refused(t, missing)
	r.want(t, 201, "PUT", base+"/targets/"+s.Targets, list, "Content-Type: "+contract.NDJSON)
	r.want(t, 200, "PUT", base+"/targets/"+s.Targets, list, "Content-Type: "+contract.NDJSON)
	r.want(t, 202, "PUT", path+"orders/1", order)
	o := (*f.orders)[0]
	if o.Rollout != "r1" || o.Ordinal != 1 || o.Seq != 1 || o.Candidate != "1.6.0" || len(o.Tenants) != 3 || o.Tenants[2] != p.Tenants[2] || o.Change.Named[0] != "late" {
		t.Errorf("%+v", o)
	}
	if len(o.Instances) != 3 || o.Instances[0].ID != p.Instances[2].ID || o.Instances[1].ID != p.Instances[4].ID {
		t.Errorf("without one of them: %+v", o.Instances)
	}
	since := r.world.Now()
	for range 2 {
		look := contract.Watch{Candidate: "1.6.0", Targets: s.Targets, Instances: engine.Range{From: 2, To: 6}, Slot: "blue", Named: []string{"n"}, Except: []string{"e"}, Failures: 3, Since: since, AnyVersion: true}
		r.want(t, 200, "POST", path+"condition", text(look))
	}
	a, b := (*f.watches)[0], (*f.watches)[1]
	if place, ok := a.Targets.Place(a.Instances); !ok || place != (engine.Range{From: 2, To: 6}) || &a.Instances[0] != &b.Instances[0] || &a.Targets.Tenants[0] != &o.Targets.Tenants[0] {
		t.Errorf("they are views of several lists: %v %v", place, ok)
	}
	if a.Rollout != "r1" || a.Slot != "blue" || a.Named[0] != "n" || a.Except[0] != "e" || a.Failures != 3 || !a.Since.Equal(since) || !a.AnyVersion || a.Candidate != "1.6.0" {
		t.Errorf("%+v", a)
	}
}

// TestListsGo keeps lists as long as somebody may need them, and no more of them than
// there is room for.
func TestListsGo(t *testing.T) {
	r := newRig(t, nil)
	path := func(list string) string { return base + "/targets/" + contract.DigestOf([]byte(list)) }
	put := func(list string) int {
		return r.call("PUT", path(list), list, "Content-Type: "+contract.NDJSON).Code
	}
	there := func(list string) bool { return r.call("GET", path(list), "").Code == 200 }
	name := func(i int) string { return fmt.Sprintf("{\"instance\":\"i%d\"}\n", i) }
	p := r.plan(t, "r1", "1.6.0")
	_, needed := start(p)
	r.begin(t, p)
	for i := range 64 {
		if code := put(name(i)); code != 201 {
			t.Fatalf("list %d: %d", i, code)
		}
	}
	rec := r.call("PUT", path(name(64)), name(64), "Content-Type: "+contract.NDJSON)
	if got := read[contract.Problem](t, rec); got.Reason != contract.Unavailable || rec.Header().Get("Retry-After") != "3600" {
		t.Errorf("%+v, %v", got, rec.Header())
	}
	r.now = 40 * time.Minute
	there(name(5)) // which is using it
	r.now = 80 * time.Minute
	if code := put(name(64)); code != 201 {
		t.Errorf("an hour later: %d", code)
	}
	if there(name(4)) || !there(name(5)) || !there(name(64)) || !there(needed) {
		t.Errorf("one that nobody used %v, one that was used %v, the new one %v, that of the rollout %v", there(name(4)), there(name(5)), there(name(64)), there(needed))
	}
	r.finish(t, p, engine.RolledBack)
	r.now = 200 * time.Minute
	if put(name(70)); !there(needed) {
		t.Error("that of a rollout that is kept is gone, and nobody can read its plan")
	}
}
