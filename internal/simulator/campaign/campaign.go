package campaign

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Options say how a campaign is run.
type Options struct {
	Runs int
	Seed int64 // of the campaign; the runs' seeds follow from it
	// Workers is how many runs are under way at once; 0: one for each processor.
	Workers int
	// Progress, where it is set, is called after each run.
	Progress func(done, runs int)
	// Room, where it is set, is shared by the campaigns that are under way at once.
	Room *Room
	// Command is how a run is replayed, for the list of the worst; %d is its seed.
	Command string
}

// SeedOf is the seed of run i of a campaign.
func SeedOf(seed int64, i int) int64 {
	// Near seeds give runs that have nothing in common. 48 bits are enough for any
	// campaign, and short enough to be typed.
	return int64(chance.Mix(uint64(seed)*chance.Golden+uint64(i)+1) >> 16)
}

// outcome is what is kept of a run.
type outcome struct {
	ending   scenario.Ending
	seed     int64
	trace    uint64
	tenants  int
	failed   int64
	requests int64
	took     time.Duration
	detected time.Duration
	rollback time.Duration
	alarmed  bool
	turned   bool
	stopped  bool // did not get through, though nothing says that it should not
	found    bool // B of an A/B test was better past chance
	begun    bool // a plan could be made
	broken   []string
	failures []string
	parts    []scenario.Part
}

func outcomeOf(r *scenario.Result) outcome {
	o := outcome{
		ending: r.Ending, seed: r.Seed, trace: r.Trace, tenants: r.Summary.Most.Tenants,
		failed: r.FailedRequests, requests: r.Requests, took: r.Took(), detected: r.Detected,
		rollback: r.Summary.RollbackTook, alarmed: r.Alarmed, turned: r.Turned(), stopped: r.Stopped(), begun: r.Plan != nil,
		failures: r.Failures(), parts: r.Parts,
	}
	o.found = found(r.Events)
	for _, v := range r.Violations {
		o.broken = append(o.broken, v.String())
	}
	return o
}

// found says whether an A/B test found B better past chance, whatever became of it.
func found(events []engine.Event) bool {
	return slices.ContainsFunc(events, func(e engine.Event) bool {
		return e.Verdict != nil && slices.ContainsFunc(e.Verdict.Comparison, func(c engine.Comparison) bool { return c.Significant })
	})
}

// Run plays s opt.Runs times.
func Run(ctx context.Context, s *scenario.Scenario, opt Options) (*Figures, error) {
	outcomes, err := play(ctx, s, opt)
	if err != nil {
		return nil, err
	}
	return figuresOf(s, opt, outcomes), nil
}

func play(ctx context.Context, s *scenario.Scenario, opt Options) ([]outcome, error) {
	if opt.Runs < 1 {
		return nil, fmt.Errorf("a campaign of %d runs", opt.Runs)
	}
	workers := opt.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	outcomes := make([]outcome, opt.Runs)
	need := needOf(s)
	err := Each(ctx, opt.Runs, workers, func(i int) error {
		if err := opt.Room.enter(ctx, need); err != nil {
			return err
		}
		defer opt.Room.leave(need)
		r, err := scenario.Run(ctx, s, SeedOf(opt.Seed, i), scenario.Options{})
		if err == nil {
			outcomes[i] = outcomeOf(r)
		}
		return err
	}, func(sofar int) {
		if opt.Progress != nil {
			opt.Progress(sofar, opt.Runs)
		}
	})
	return outcomes, err
}

// inTurn plays n scenarios, each opt.Runs times, one scenario after the other, and
// tells what came of each.
func inTurn(ctx context.Context, n int, opt Options, of func(i int) *scenario.Scenario, tell func(i int, outcomes []outcome)) error {
	for i := range n {
		own := opt
		own.Progress = func(done, runs int) {
			if opt.Progress != nil {
				opt.Progress(i*runs+done, n*runs)
			}
		}
		outcomes, err := play(ctx, of(i), own)
		if err != nil {
			return err
		}
		tell(i, outcomes)
	}
	return nil
}
