package simulator

import (
	"context"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Look implements [engine.Fleet].
func (w *World) Look(ctx context.Context, watch engine.Watch) (c engine.Condition, err error) {
	if err := ctx.Err(); err != nil {
		return engine.Condition{}, err
	}
	w.overheard(watch.Rollout)
	w.settle()
	if w.anyFault(LookFails) {
		return engine.Condition{}, ErrNoFleet
	}
	w.condition(&c, &watch)
	return c, nil
}

// condition says what became of the rollout's changes and how the watched instances are.
func (w *World) condition(c *engine.Condition, watch *engine.Watch) {
	if r := &w.report; r.edition != w.edition || r.rollout != watch.Rollout || w.news || w.dirty {
		*r = report{edition: w.edition, rollout: watch.Rollout}
		w.reportOn(watch.Rollout, &r.said)
	}
	c.At, c.Exposed = w.Now(), w.exposure(watch.Candidate)
	if w.lacks(engine.CanTenants) {
		c.Exposed.Tenants = 0
	}
	said := &w.report.said
	c.Pending, c.BrokenCount, c.Broken, c.Smoke = said.Pending, said.BrokenCount, said.Broken, said.Smoke
	n, some := w.watched(watch)
	c.Watched, c.Ready = n, n-len(some)
	since := instant(watch.Since)
	for _, in := range some {
		w.look(c, watch, in, since)
	}
}

// look says how an instance is.
func (w *World) look(c *engine.Condition, watch *engine.Watch, in *instance, since int64) {
	var p probeResult
	if !w.lacks(engine.CanProbes) {
		p = w.probes(in, watch.Candidate)
	}
	seemsWell := w.seemsWell(in)
	if in.Phase == ready || seemsWell {
		c.Ready++
	}
	deaths := 0
	if !w.lacks(engine.CanDeaths) {
		deaths = in.deaths(since)
	}
	if seemsWell || in.Phase == ready && p.failures == 0 && deaths == 0 {
		return
	}
	a := engine.Ailing{Instance: in.ID, Ready: in.Phase == ready, Failures: p.failures, Unproven: p.unproven, Deaths: deaths, Reason: in.Trouble}
	if p.failures > 0 {
		a.Version = p.version
	}
	if a.Reason == "" && in.Phase != ready {
		a.Reason = string(in.Phase)
	}
	c.Add(watch, a)
}

// report remembers what became of a rollout's changes, as long as nothing changes.
type report struct {
	edition int64
	rollout string
	said    engine.Condition // Pending, Broken and Smoke
}

// reportOn says what became of a rollout's changes.
func (w *World) reportOn(rollout string, c *engine.Condition) {
	for _, in := range w.restless() { // of the others there is nothing to report
		if in.By != rollout {
			continue
		}
		c.Pending += in.pending()
		if in.Wanted != "" {
			c.Pending++
		}
		if in.Trouble != "" {
			c.Break(in.ID, in.Trouble)
		}
	}
	for _, t := range w.Slots {
		if t.Rollout == rollout {
			c.Break(t.Slot, t.Reason)
		}
	}
	if sw := &w.Switch; sw.By == rollout {
		if len(sw.To) > 0 {
			c.Pending++
		}
		if sw.Trouble != "" {
			c.Break("routes", sw.Trouble)
		}
	}
	if run := &w.Smoke; run.By == rollout {
		if run.Running {
			c.Smoke.Running = len(run.Tests)
			c.Pending++
		} else {
			c.Smoke.Failed, c.Smoke.Failures = len(run.Failed), slices.Clone(run.Failed)
			c.Smoke.Passed = len(run.Tests) - len(run.Failed)
		}
	}
}
