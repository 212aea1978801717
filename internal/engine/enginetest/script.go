package enginetest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Rollout is one rollout over a Fleet.
type Rollout struct {
	*engine.Runner
	Fleet *Fleet
}

// Begin compiles spec against the fleet and begins it.
func Begin(f *Fleet, js engine.Journals, id string, spec engine.Spec) (*Rollout, error) {
	plan, err := engine.Compile(id, spec, f.Snapshot())
	if err != nil {
		return nil, err
	}
	return begin(f, js, plan)
}

// Run advances until the rollout ends or waits for a person, or until the clock
// reaches until, where that is set.
func (r *Rollout) Run(until time.Time) error {
	for range 1_000_000 {
		wake, err := r.Advance(context.Background())
		if err != nil {
			return err
		}
		switch r.State().Phase {
		case engine.PhaseProgressing, engine.PhaseRollingBack:
		default:
			return nil
		}
		if !until.IsZero() && wake.After(until) {
			r.Fleet.Advance(until)
			return nil
		}
		r.Fleet.Advance(wake)
	}
	return fmt.Errorf("the rollout does not end: %s", r.State())
}

// Timeline has a line for each event from the given one on, with the time since
// the clock's start.
func (r *Rollout) Timeline(from int) string {
	var b strings.Builder
	for _, e := range r.Events()[from:] {
		fmt.Fprintf(&b, "%s %s\n", stamp(e.At.Sub(Start)), r.Plan().Line(e))
	}
	return b.String()
}

// stamp reads h:mm:ss.
func stamp(d time.Duration) string {
	d = d.Round(time.Second)
	return fmt.Sprintf("%d:%02d:%02d", d/time.Hour, d%time.Hour/time.Minute, d%time.Minute/time.Second)
}

// BeginRestore begins the rollout that takes last back.
func BeginRestore(f *Fleet, js engine.Journals, id string, last engine.Plan) (*Rollout, error) {
	plan, err := engine.CompileRestore(id, last, f.Snapshot())
	if err != nil {
		return nil, err
	}
	return begin(f, js, plan)
}

func begin(f *Fleet, js engine.Journals, plan engine.Plan) (*Rollout, error) {
	ctx := context.Background()
	j, err := js.Begin(ctx, plan)
	if err != nil {
		return nil, err
	}
	r, err := engine.NewRunner(ctx, engine.Ports{Fleet: f, Meter: f, Journal: j, Judge: engine.JudgeByMode{}, Now: f.Clock})
	return &Rollout{r, f}, err
}
