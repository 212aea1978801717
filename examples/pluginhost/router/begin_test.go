package router

import (
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// TestChosenBefore: a request whose instance was chosen by an earlier table is chosen for again, and
// never counted: who put the table, and sees no request there, may end the instance.
func TestChosenBefore(t *testing.T) {
	r, err := Open(t.TempDir(), "boot")
	if err != nil {
		t.Fatal(err)
	}
	f := newFake(t, "one")
	table := wire.Table{Revision: 1, Instances: []wire.Routed{f.routed()}, Routes: []wire.Route{{Slot: "blue", Percent: 100}}}
	before := NewPlan(table)
	in, _ := before.Choose("tenant-001", nil)
	r.plan.Store(before)
	p := r.begin(before, in)
	if p == nil || r.peers.inFlight()["one"] != 1 {
		t.Fatalf("by the table in force: %v, %v in flight", p, r.peers.inFlight())
	}
	p.inFlight.Add(-1)
	r.plan.Store(NewPlan(table))
	if r.begin(before, in) != nil || r.peers.inFlight()["one"] != 0 {
		t.Errorf("by a table that is not in force any more it is begun, with %v in flight", r.peers.inFlight())
	}
}
