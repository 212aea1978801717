package walker_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// elsewhere is a rollout that is walked by somebody else, one step at each reading.
type elsewhere struct {
	runner *engine.Runner
	clock  *fleetClock
	fails  int // readings to come that fail
	naps   []time.Duration
}

func (e *elsewhere) Plan() *engine.Plan  { return e.runner.Plan() }
func (e *elsewhere) State() engine.State { return e.runner.State() }

func (e *elsewhere) Read(ctx context.Context, wait time.Duration) error {
	e.naps = append(e.naps, wait)
	if e.fails > 0 {
		e.fails--
		return errors.New("nobody there")
	}
	wake, err := e.runner.Advance(ctx)
	if wait > 0 && !wake.IsZero() {
		e.clock.Fleet.Advance(wake)
	}
	return err
}

// TestFollow waits for what somebody else walks, over errors that pass, and not for longer
// than its time or its budget.
func TestFollow(t *testing.T) {
	for _, test := range []struct {
		name   string
		fails  int
		budget time.Duration
		time   time.Duration // 0: as long as it takes
		err    error
		ends   bool
	}{
		{"to its end", 0, 0, 0, nil, true},
		{"over errors", 3, time.Minute, 0, nil, true},
		{"errors without a budget", 1, 0, 0, errors.New("nobody there"), false},
		{"until its time is up", 0, 0, 20 * time.Minute, walker.ErrDeadline, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, c, _ := canary(t, nil)
			e := &elsewhere{runner: r, clock: c, fails: test.fails}
			o := walker.Options{Budget: test.budget}
			if test.time > 0 {
				o.Deadline = c.Now().Add(test.time)
			}
			err := walker.Follow(t.Context(), e, c, o)
			if (err == nil) != (test.err == nil) || test.err != nil && err.Error() != test.err.Error() {
				t.Errorf("%v, and %v was expected", err, test.err)
			}
			if s := r.State(); s.InFlight() == test.ends {
				t.Errorf("%s", s)
			}
		})
	}
}
