package manager

import (
	"slices"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestInstalledIsRouted: an install is in effect when the router knows of the version on all
// instances, and not when they have it: it would say of fewer that they can serve it.
func TestInstalledIsRouted(t *testing.T) {
	w := &World{want: &desired{Routes: []wire.Route{{Slot: "blue", Percent: 100}}}, runs: map[string]*inst{}, changed: make(chan struct{})}
	for _, id := range []string{"instance-01", "instance-02"} {
		w.want.Instances = append(w.want.Instances, &wanted{ID: id, Slot: "blue", Hold: []string{"1.5.0", "1.6.0"}, Default: "1.5.0", By: "r-1"})
		in := newInst(id, &process{done: make(chan struct{})})
		in.address = "127.0.0.1:2001"
		in.seen = &wire.Holding{
			Instance: id, Default: "1.5.0", Ready: true,
			Plugins: []wire.Plugin{{Version: "1.5.0", State: wire.Ready}, {Version: "1.6.0", State: wire.Ready}},
		}
		w.runs[id] = in
	}
	table, _ := w.table()
	both := table.Instances[1].Versions
	for _, c := range []struct {
		versions         []string
		pending, reached int
	}{{[]string{"1.5.0"}, 1, 1}, {both, 0, 2}} {
		table.Instances = slices.Clone(table.Instances)
		table.Instances[1].Versions = c.versions
		w.force(table)
		var got engine.Condition
		w.report("r-1", &got)
		if reached := w.exposure("1.6.0").Instances; got.Pending != c.pending || reached != c.reached {
			t.Errorf("the second instance is known to have %v: %d pending and %d that can serve it, want %d and %d", c.versions, got.Pending, reached, c.pending, c.reached)
		}
	}
}
