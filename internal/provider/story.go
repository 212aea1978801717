package provider

import (
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// story is what a person wants to know of a rollout, and why it turned round.
type story struct {
	engine.Summary

	cause engine.Event // what turned it round; zero: it did not
	where string       // the stage in which that was
}

// tell reads the story out of a journal.
func tell(ro *rollout) story {
	summary, _ := engine.Summarize(&ro.plan, ro.events) //nolint:errcheck // ro was folded when it was read
	t := story{Summary: summary}
	t.cause, t.where = turn(ro)
	return t
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
