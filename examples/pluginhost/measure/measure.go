package measure

import (
	"context"
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
