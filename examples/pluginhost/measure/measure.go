package measure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// Measured is what a real rollout came to, beside [predict.Prediction].
type Measured struct {
	Rollout string
	Outcome string
	Story   string
	// Detected is how many seconds passed from when the candidate first served somebody until
	// a verdict found harm; below 0: none did.
	Detected float64
	Tenants  int // exposed at once, at most
	Took     float64
	// Began and Ended are the times of the first and of the last event.
	Began, Ended time.Time
	Events       []engine.Event
}

// Of reads a rollout that is over off what its server has of it.
func Of(ctx context.Context, c *client.Client, id string) (*Measured, error) {
	d, err := c.Show(ctx, id, false)
	if err != nil {
		return nil, err
	}
	events, err := c.Events(ctx, id, -1, 0)
	if err != nil {
		return nil, err
	}
	m := &Measured{Rollout: id, Outcome: d.Outcome, Story: d.Story, Detected: detected(d.Stages, events)}
	if d.Most != nil {
		m.Tenants = d.Most.Tenants
	}
	if len(events) > 0 {
		m.Began, m.Ended, m.Events = events[0].At, events[len(events)-1].At, events
		m.Took = m.Ended.Sub(m.Began).Seconds()
	}
	return m, nil
}

// OfJournal reads a rollout off the journal that it has beside its fleet, where no server walked it.
func OfJournal(ctx context.Context, all engine.Journals, id string) (*Measured, error) {
	j, err := all.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	plan, err := j.Plan(ctx)
	if err != nil {
		return nil, err
	}
	events, err := j.Events(ctx, -1)
	if err != nil || len(events) == 0 {
		return nil, errors.Join(err, fmt.Errorf("the journal of %s has %d events", id, len(events)))
	}
	s, err := engine.Summarize(plan, events)
	if err != nil {
		return nil, err
	}
	stages := make([]contract.Stage, len(plan.Stages))
	for i := range plan.Stages {
		stages[i].Tenants, stages[i].Share = plan.Stages[i].Exposure.Tenants, plan.Stages[i].Exposure.Share
	}
	m := &Measured{Rollout: id, Outcome: string(s.State.Phase), Detected: detected(stages, events), Tenants: s.Most.Tenants, Took: s.Took.Seconds(), Events: events}
	m.Began, m.Ended = events[0].At, events[len(events)-1].At
	return m, nil
}

// detected is how long harm took to be found, as the simulator reckons it.
func detected(stages []contract.Stage, events []engine.Event) float64 {
	var exposed time.Time
	for _, e := range events {
		if exposed.IsZero() && e.Kind == engine.Made && e.Stage < len(stages) && (stages[e.Stage].Tenants > 0 || stages[e.Stage].Share > 0) {
			exposed = e.At
		}
		if e.Kind == engine.Judged && e.Verdict.Result == engine.Fail && (e.Verdict.Winner == "" || e.Verdict.Harm) {
			return e.At.Sub(exposed).Seconds()
		}
	}
	return -1
}
