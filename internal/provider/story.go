package provider

import (
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// story is what a person wants to know of a rollout, and why it turned round.
type story struct {
	engine.Summary

	cause engine.Event // what turned it round; zero: it did not
	where string       // the stage in which that was
}

// tell reads the story out of a journal. now is the time on the fleet's clock: in a
// rollout that has not ended the exposure goes on.
func tell(ro *rollout, now time.Time) story {
	summary, _ := engine.Summarize(&ro.plan, ro.events) // ro was folded when it was read
	t := story{Summary: summary}
	t.cause, t.where = turn(ro)
	if !ro.state.InFlight() || len(ro.events) == 0 {
		return t
	}
	// The last change may have reached tenants that nobody has counted yet.
	if at := ro.state.Stage; ro.state.Made > 0 && ro.state.Phase != engine.PhaseRollingBack && at < len(ro.plan.Stages) {
		t.Most = wider(t.Most, ro.plan.Stages[at].Exposure)
	}
	if t.exposes() && t.Undone == nil {
		t.ExposedFor += now.Sub(ro.events[len(ro.events)-1].At)
	}
	return t
}

// exposes says whether the new version ever had traffic.
func (t story) exposes() bool { return t.Most.Tenants > 0 || t.Most.Share > 0 }

func wider(a, b engine.Exposure) engine.Exposure {
	return engine.Exposure{
		Tenants: max(a.Tenants, b.Tenants), Instances: max(a.Instances, b.Instances), Share: max(a.Share, b.Share),
	}
}

// turn is the event that turned the rollout round, and the stage it was in.
func turn(ro *rollout) (cause engine.Event, where string) {
	s := engine.NewState()
	for _, e := range ro.events {
		next, err := s.Apply(&ro.plan, e)
		if err != nil {
			break
		}
		if next.Phase == engine.PhaseRollingBack && s.Phase != engine.PhaseRollingBack && s.Phase != engine.PhaseStuck {
			cause, where = e, stageName(ro, e.Stage)
		}
		s = next
	}
	return cause, where
}

func stageName(ro *rollout, i int) string {
	if i >= 0 && i < len(ro.plan.Stages) {
		return ro.plan.Stages[i].Name
	}
	return "the end"
}
