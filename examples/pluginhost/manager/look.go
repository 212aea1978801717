package manager

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Look implements engine.Fleet.
func (w *World) Look(ctx context.Context, watch engine.Watch) (c engine.Condition, err error) {
	if err := ctx.Err(); err != nil {
		return c, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c.At = time.Now().UTC()
	c.Exposed = w.exposure(watch.Candidate)
	w.report(watch.Rollout, &c)
	for _, want := range w.want.Instances {
		if want.Leaves || !watches(&watch, want) {
			continue
		}
		in := w.runs[want.ID]
		if in == nil {
			in = newInst(want.ID, nil)
		}
		w.health(&c, &watch, want, in)
	}
	return c, nil
}

// watches says whether an instance is to be looked at.
func watches(watch *engine.Watch, in *wanted) bool {
	if slices.Contains(watch.Except, in.ID) {
		return false
	}
	return watch.Slot != "" && in.Slot == watch.Slot || slices.Contains(watch.Named, in.ID) ||
		slices.ContainsFunc(watch.Instances, func(p engine.PlanInstance) bool { return p.ID == in.ID })
}

// health says how an instance is.
func (w *World) health(c *engine.Condition, watch *engine.Watch, want *wanted, in *inst) {
	well := in.ready(want)
	c.Watched++
	if well {
		c.Ready++
	}
	a := engine.Ailing{Instance: in.id, Ready: well, Failures: in.probes.failures}
	if in.serves() == "" { // nothing of ours is on trial there
		a.Failures = 0
	}
	if a.Failures > 0 {
		a.Version = in.probes.version
	}
	a.Unproven = well && in.serves() != "" && !in.probes.proven
	a.Deaths = in.deathsSince(watch.Since)
	if !well {
		a.Reason = in.why(want)
	}
	if !well || a.Unproven || a.Failures > 0 || a.Deaths > 0 {
		c.Add(watch, a)
	}
}

// why says why an instance is not ready.
func (in *inst) why(want *wanted) string {
	switch {
	case in.fails(want) != "":
		return in.trouble
	case in.proc == nil || !in.proc.alive():
		return "it does not run"
	case in.seen == nil:
		return "starting"
	case in.silent():
		return fmt.Sprintf("it has not answered for %s", time.Since(in.heard).Round(time.Second))
	case in.out || in.seen.Draining:
		return "draining"
	}
	for _, p := range in.seen.Plugins {
		if p.Version == in.seen.Default && p.State != wire.Ready {
			return fmt.Sprintf("version %s is %s: %s", p.Version, p.State, p.Error)
		}
	}
	return "/readyz says that it is not"
}

// report says what became of a rollout's changes.
func (w *World) report(rollout string, c *engine.Condition) {
	w.reportInstances(rollout, c)
	d := w.want
	for tenant, by := range d.PinsBy {
		if by == rollout && d.Pins[tenant] != w.inForce.Pins[tenant] {
			c.Pending++
		}
	}
	if d.RoutesBy == rollout && !slices.Equal(d.Routes, w.inForce.Routes) {
		c.Pending++
	}
	for _, t := range d.Troubles {
		if t.Rollout == rollout {
			c.Break(t.Slot, t.Reason)
		}
	}
	if run := d.Smoke; run != nil && run.Rollout == rollout {
		c.Smoke = run.told()
		if c.Smoke.Running > 0 {
			c.Pending++
		}
	}
}

// reportInstances says what became of the changes of instances.
func (w *World) reportInstances(rollout string, c *engine.Condition) {
	for _, want := range w.want.Instances {
		if want.By != rollout || want.Leaves && w.runs[want.ID] == nil {
			continue
		}
		in := w.runs[want.ID]
		if in != nil {
			if why := in.fails(want); why != "" {
				c.Break(want.ID, why)
				continue
			}
		}
		if in == nil || !in.as(want) || !w.routed(want, in) {
			c.Pending++
		}
	}
}

// routed says whether the router knows an instance as it is.
func (w *World) routed(want *wanted, in *inst) bool {
	if !in.takes() || in.silent() {
		return true // it is not ready, which is another matter
	}
	at := slices.IndexFunc(w.inForce.Instances, func(r wire.Routed) bool { return r.ID == want.ID })
	if at < 0 {
		return false
	}
	r := &w.inForce.Instances[at]
	return r.Address == in.address && r.Ready && r.Default == want.Default && !slices.ContainsFunc(ready(in.seen), func(v string) bool {
		return slices.Contains(want.Hold, v) && !slices.Contains(r.Versions, v) // nobody could be sent to it there
	})
}

// exposure is whom a version reaches, by the table in force.
func (w *World) exposure(version string) (e engine.Exposure) {
	var share float64
	e.Instances, share = w.able(version)
	weights, pinned, total := w.weights(), 0.0, 0.0
	reached := 0.0
	for i, tenant := range w.want.Tenants {
		total += weights[i]
		pin := w.inForce.Pins[tenant]
		if pin != "" {
			pinned += weights[i]
		}
		if w.serves(tenant, pin) == version {
			e.Tenants++
			if pin != "" {
				reached += weights[i]
			}
		}
	}
	if total > 0 {
		share = 100*reached/total + share*(total-pinned)/total
	}
	e.Share = min(100, max(0, share))
	return e
}

// able is how many instances can serve a version, and the share of the traffic of tenants
// that are not pinned which goes to those that do so by default.
func (w *World) able(version string) (instances int, share float64) {
	live := map[string]bool{}
	for _, r := range w.inForce.Routes {
		live[r.Slot] = r.Percent > 0
	}
	able, all := map[string]int{}, map[string]int{}
	for _, r := range w.inForce.Instances {
		if !r.Ready || !live[r.Slot] {
			continue
		}
		if canServe(&r, version) {
			instances++
		}
		if r.Default != "" || version == "" {
			all[r.Slot]++
		}
		if r.Default == version {
			able[r.Slot]++
		}
	}
	for _, r := range w.inForce.Routes {
		if n := all[r.Slot]; n > 0 {
			share += r.Percent * float64(able[r.Slot]) / float64(n)
		}
	}
	return instances, share
}

// canServe says whether an instance can serve a version; "": whether it serves none.
func canServe(r *wire.Routed, version string) bool {
	return slices.Contains(r.Versions, version) || version == "" && r.Default == ""
}

// serves is the version that a tenant is served by; "": by none.
func (w *World) serves(tenant, pin string) string {
	if w.plan == nil {
		return ""
	}
	in, pinned := w.plan.Choose(tenant, nil)
	switch {
	case in == nil:
		return ""
	case pin != "" && pinned == pin:
		return pin
	}
	return in.Default
}
