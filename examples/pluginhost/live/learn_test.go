package live

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/predict"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestReplacement: how long it took is told each time that instances were replaced, until the
// last of them serves and was seen to work.
func TestReplacement(t *testing.T) {
	began := time.Now()
	var r replacement
	var got []predict.Replaced
	for _, look := range []struct {
		at, exposed, pending, ready, unproven int // after so many ms
	}{
		{0, 0, 0, 4, 0},
		{100, 0, 2, 4, 0},  // the first two are told to
		{300, 1, 1, 3, 1},  // one serves
		{700, 2, 0, 4, 1},  // both do, and one was not probed yet
		{900, 2, 0, 4, 0},  // that is all
		{1500, 2, 0, 4, 0}, // nothing happens
		{2000, 2, 2, 2, 0}, // the others
		{2600, 4, 0, 4, 0}, // all at once
		{3000, 4, 0, 4, 0},
	} {
		c := engine.Condition{Exposed: engine.Exposure{Instances: look.exposed}, Pending: look.pending, Watched: 4, Ready: look.ready, Unproven: look.unproven}
		if took, over := r.see(&c, began.Add(time.Duration(look.at)*time.Millisecond)); over {
			got = append(got, took)
		}
	}
	if want := []predict.Replaced{{First: 0.2, Last: 0.8}, {First: 0.6, Last: 0.6}}; !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestGoesBack: a bad version that got through is replaced by a good one before it is rolled out
// again, with its fault.
func TestGoesBack(t *testing.T) {
	r := start(t, nil)
	ctx := context.Background()
	if err := r.SetFaults(ctx, wire.Fault{Version: worsened, ErrorRate: 0.001}); err != nil {
		t.Fatal(err)
	}
	p, err := r.Play(ctx, PolicyOf(engine.Direct), worsened)
	if err != nil || p.Outcome != "succeeded" {
		t.Fatalf("%+v, %v", p, err)
	}
	fault := wire.Fault{Version: worsened, ErrorRate: 0.3}
	from, version, err := r.prepare(ctx, Case{Policy: PolicyOf(engine.Direct), Version: worsened, Fault: &fault})
	if err != nil {
		t.Fatal(err)
	}
	if version != worsened || from != good && from != Installed {
		t.Errorf("%s is to take the place of %s", version, from)
	}
	if serves, err := r.Serving(ctx); err != nil || serves != from {
		t.Errorf("%s serves and not %s (%v)", serves, from, err)
	}
	if !slices.Equal(r.faults, []wire.Fault{fault}) {
		t.Errorf("the faults are %+v", r.faults)
	}
	if p, err = r.Play(ctx, PolicyOf(engine.Canary), version); err != nil || p.Outcome != "rolled_back" || p.From != from {
		t.Errorf("with its fault: %+v, %v", p, err)
	}
}
