package watch

import (
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// noDataNoNews: no data is never good news. What the world's own books say counts,
// not what the engine was told.
var noDataNoNews = checker{promise: 5, wrote: func(x *Watcher, e engine.Event) {
	if e.Kind != engine.Judged || e.Verdict.Result != engine.Pass {
		return
	}
	g := &x.plan.Stages[e.Stage].Gate
	if len(g.Checks) == 0 && g.Compare == nil {
		return
	}
	q := engine.Question{Rollout: x.plan.Rollout, Version: x.plan.Candidate, From: x.state.BakeBegan, To: e.At, Candidate: engine.WantCounts}
	if g.MinTenants > 0 {
		q.Candidate |= engine.WantTenants
	}
	var a engine.Answer
	if !x.world.Lacks(engine.CanTraffic) {
		a = x.world.Counted(&q)
	}
	m := &a.Candidate
	switch {
	case m.Requests < g.MinRequests:
		x.violated(5, "stage %d passed with %d requests of at least %d", e.Stage, m.Requests, g.MinRequests)
	case m.Tenants < g.MinTenants:
		x.violated(5, "stage %d passed with %d tenants of at least %d", e.Stage, m.Tenants, g.MinTenants)
	case e.Verdict.Requests > m.Requests:
		x.violated(5, "stage %d passed on %d requests, and there were %d", e.Stage, e.Verdict.Requests, m.Requests)
	}
	for _, f := range e.Verdict.Findings {
		if need, ok := counted[engine.Metric(f.Metric)]; f.Result == engine.Pass && (x.world.Lacks(engine.CanTraffic) || ok && x.world.Lacks(need)) {
			x.violated(5, "stage %d passed with %s, which the fleet does not measure: %s", e.Stage, f.Metric, f.Detail)
		}
	}
}}

// counted is what a metric takes, beside traffic.
var counted = map[engine.Metric]engine.Capability{
	engine.SuccessRate: engine.CanTimeouts, engine.Latency: engine.CanLatency, engine.LatencyP99: engine.CanLatency,
	engine.ConversionRate: engine.CanConversions, engine.UserSatisfaction: engine.CanSatisfaction, engine.ExecutionTime: engine.CanExecutionTime,
	engine.CPU: engine.CanCPU, engine.Memory: engine.CanMemory, engine.TenantErrorRate: engine.CanByTenant,
}

// spell is how many times in a row a stage may be tried: on the way back for a
// quarter of an hour, at waits that double up to 30 seconds.
const spell = 35

// everythingEnds: every wait has a deadline, every retry a limit.
var everythingEnds = checker{
	promise: 6,
	wrote: func(x *Watcher, e engine.Event) {
		if e.Kind != engine.Failed && e.Kind != engine.RanOut {
			return
		}
		tries := 0
		for i := len(x.events) - 1; i >= 0; i-- {
			switch was := &x.events[i]; {
			case was.Kind == engine.Failed, was.Kind == engine.RanOut:
				tries++
			case was.Kind == engine.Surveyed && len(was.Targets) > 0: // what joined has a time of its own
				i = 0
			case was.Kind != engine.Made && was.Kind != engine.Surveyed:
				i = 0
			}
		}
		if tries > spell {
			x.violated(6, "stage %d was tried %d times", e.Stage, tries)
		}
	},
	ended: func(x *Watcher) {
		switch s := x.state; {
		case !s.InFlight(), s.Phase == engine.PhaseHeld, s.Phase == engine.PhasePaused:
		default:
			x.violated(6, "the rollout neither ended nor waits for a person: it is %s at stage %d, %s", s.Phase, s.Stage, s.Step)
		}
	},
}
