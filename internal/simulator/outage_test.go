package simulator

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestOutages holds what plans say of it against the fleet: nobody is served meanwhile where a
// plan warns of that, and somebody is in every other rollout.
func TestOutages(t *testing.T) {
	rolling := to(engine.Rolling)
	rolling.Rolling = &engine.RollingSettings{BatchSize: ptr(engine.BatchSize{N: 100, Percent: true})}
	for name, c := range map[string]struct {
		spec      engine.Spec
		instances int
		first     bool // there is no plugin yet
		warns     bool
	}{
		"direct":          {spec: to(engine.Direct), instances: 4, warns: true},
		"direct, one":     {spec: to(engine.Direct), instances: 1, warns: true},
		"direct, first":   {spec: to(engine.Direct), instances: 4, first: true},
		"rolling":         {spec: to(engine.Rolling), instances: 4},
		"rolling, one":    {spec: to(engine.Rolling), instances: 1, warns: true},
		"rolling, first":  {spec: to(engine.Rolling), instances: 1, first: true},
		"rolling, all":    {spec: rolling, instances: 4, warns: true},
		"canary":          {spec: to(engine.Canary), instances: 4},
		"canary, one":     {spec: to(engine.Canary), instances: 1},
		"blue-green":      {spec: to(engine.BlueGreen), instances: 4},
		"blue-green, one": {spec: to(engine.BlueGreen), instances: 1},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := DefaultConfig()
			if cfg.Instances = c.instances; !c.first {
				cfg = installed(cfg)
			}
			r := begin(t, cfg, c.spec)
			warns := slices.ContainsFunc(r.plan.Warnings, func(w engine.Warning) bool { return w.Problem == "nobody is served meanwhile" })
			if warns != c.warns {
				t.Errorf("the plan says %v", r.plan.Warnings)
			}
			out, limit := 0, r.limit()
			for r.runner.State().InFlight() && r.world.Now().Before(limit) {
				if r.pass(time.Second); !r.anybodyServed() {
					out++
				}
			}
			fmt.Printf("%-16s nobody was served for %d s\n", name, out)
			if out > 0 != c.warns && !c.first {
				t.Errorf("nobody was served for %d s, and the plan says %v", out, r.plan.Warnings)
			}
		})
	}
}

// anybodyServed says whether anybody answers some tenant now.
func (r *run) anybodyServed() bool {
	w := r.world
	return slices.ContainsFunc(w.Segments[len(w.Segments)-1].Map, func(k uint16) bool { return !w.Classes[k].Lost })
}
