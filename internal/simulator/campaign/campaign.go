package campaign

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
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

// workers is how many runs are under way at once.
func (opt *Options) workers() int {
	if opt.Workers > 0 {
		return opt.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// SeedOf is the seed of run i of a campaign.
func SeedOf(seed int64, i int) int64 {
	// Near seeds give runs that have nothing in common. 48 bits are enough for any
	// campaign, and short enough to be typed.
	return int64(chance.Mix(uint64(seed)*chance.Golden+uint64(i)+1) >> 16)
}

// Run plays s opt.Runs times. Where ctx is done before that, the figures are of the first runs, as
// many as were played by then, and come with ctx's error; they are nil where there were none.
func Run(ctx context.Context, s *scenario.Scenario, opt Options) (*Figures, error) {
	outcomes, err := play(ctx, s, opt)
	if err != nil && (ctx.Err() == nil || len(outcomes) == 0) {
		return nil, err
	}
	f := figuresOf(s, opt, outcomes)
	if err != nil {
		f.Interrupted = &Interruption{Played: len(outcomes), Of: opt.Runs, Unit: "runs"}
		f.Holding = f.Holds()
	}
	return f, err
}

func play(ctx context.Context, s *scenario.Scenario, opt Options) ([]outcome, error) {
	if opt.Runs < 1 {
		return nil, fmt.Errorf("a campaign of %d runs", opt.Runs)
	}
	return playSome(ctx, s, opt, part{to: opt.Runs})
}

// part is some runs of a campaign, and what else is asked of each.
type part struct {
	from, to int          // the runs
	judge    engine.Judge // nil: the deployment's
	// most, where it is not 0, is the error rate up to which something is promised of fleets.
	most float64
	// scribe, where it is set, gives a run somebody who writes its counts down, and judges it.
	scribe func(i int) *scribe
	// heard, where it is set, is called after each run, by whoever played it.
	heard func(i int, r *scenario.Result) error
}

// playSome plays some runs of a campaign. Where ctx is done before all are played, the outcomes
// are those of the first runs, up to the first one that was not: they do not depend on which
// others were under way.
func playSome(ctx context.Context, s *scenario.Scenario, opt Options, p part) ([]outcome, error) {
	outcomes, played := make([]outcome, p.to-p.from), make([]bool, p.to-p.from)
	need := needOf(s)
	err := Each(ctx, len(outcomes), opt.workers(), func(i int) error {
		if err := opt.Room.enter(ctx, need); err != nil {
			return err
		}
		defer opt.Room.leave(need)
		o, err := p.play(ctx, s, SeedOf(opt.Seed, p.from+i), p.from+i)
		if err == nil {
			err = ctx.Err() // what was measured after that may be wrong
		}
		outcomes[i], played[i] = o, err == nil
		return err
	}, func(sofar int) {
		if opt.Progress != nil {
			opt.Progress(sofar, len(outcomes))
		}
	})
	if i := slices.Index(played, false); i >= 0 {
		outcomes = outcomes[:i]
	}
	return outcomes, err
}

// play plays run i.
func (p *part) play(ctx context.Context, s *scenario.Scenario, seed int64, i int) (outcome, error) {
	var world *simulator.World
	opt := scenario.Options{Judge: p.judge}
	if p.most > 0 {
		opt.Meter = func(w *simulator.World) engine.Meter {
			world = w
			return w
		}
	}
	if p.scribe != nil {
		s := p.scribe(i)
		opt.Judge, opt.Meter = s, func(w *simulator.World) engine.Meter {
			world, s.world = w, w
			return s
		}
	}
	r, err := scenario.Run(ctx, s, seed, opt)
	if err != nil {
		return outcome{}, err
	}
	o := outcomeOf(r)
	o.outside = r.Plan == nil || p.most > 0 && beyond(ctx, world, r, p.most)
	if p.heard != nil && r.Plan != nil {
		err = p.heard(i, r)
	}
	return o, err
}

// inTurn plays n scenarios, each opt.Runs times, one scenario after the other, and
// tells what came of each, of the last one as far as it went where ctx is done, and how many were
// played whole.
func inTurn(ctx context.Context, n int, opt Options, of func(i int) *scenario.Scenario, tell func(i int, outcomes []outcome)) (whole int, err error) {
	for i := range n {
		own := opt
		own.Progress = func(done, runs int) {
			if opt.Progress != nil {
				opt.Progress(i*runs+done, n*runs)
			}
		}
		outcomes, err := play(ctx, of(i), own)
		tell(i, outcomes)
		if err != nil {
			return i, err
		}
	}
	return n, nil
}
