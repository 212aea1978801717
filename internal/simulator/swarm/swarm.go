package swarm

import (
	"context"
	"fmt"
	"runtime"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Lacking says whether something never happened in a swarm that was large enough.
func (f *Figures) Lacking() bool {
	return !f.Interrupted.Cut() && f.Runs >= Enough && len(f.Never) > 0
}

// Options say how a swarm is run.
type Options struct {
	Seed int64
	Runs int
	// Workers is how many runs are under way at once; 0: one for each processor.
	Workers int
	// Progress, where it is set, is called after each run.
	Progress func(done, runs int)
}

// Figures are what came of a swarm.
type Figures struct {
	Kind   string `json:"kind"`   // swarm
	Format int    `json:"format"` // see campaign.Format
	Seed   int64  `json:"seed"`
	Runs   int    `json:"runs"`
	// Interrupted says that not all runs were played, or not all failures made smaller; nil: they were.
	Interrupted *campaign.Interruption `json:"interrupted,omitempty"`

	// Seen is in how many runs each thing happened, by its kind.
	Seen     map[Kind]map[string]int `json:"seen"`
	Never    []string                `json:"never"` // what should happen now and then, and did not
	Failures []Failure               `json:"failures"`
	Trace    string                  `json:"trace"` // identifies all that was seen in all runs
}

// Failure is a run that broke a promise, did not end, or could not be repeated.
type Failure struct {
	Seed int64  `json:"seed"`
	What string `json:"what"`
	// Scenario is the smallest that was found to fail in the same way.
	Scenario *scenario.Scenario `json:"-"`
}

// oneRun is what is kept of a run.
type oneRun struct {
	seen  []Thing
	trace uint64
	what  string // that failed
}

// often is one in how many runs is played twice, to compare.
const often = 8

// maxFailures is how many failures are made smaller: the first ones tell the story.
const maxFailures = 10

// Run plays opt.Runs scenarios. Where ctx is done before that, the figures are of those that were
// played by then, and come with ctx's error; they are nil where there were none.
func Run(ctx context.Context, opt Options) (*Figures, error) {
	if opt.Runs < 1 {
		return nil, fmt.Errorf("a swarm of %d runs", opt.Runs)
	}
	workers := opt.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	all := newFold(opt)
	err := campaign.Each(ctx, opt.Runs, workers, func(i int) error {
		r, err := play(ctx, Draw(campaign.SeedOf(opt.Seed, i)), i%often == 0)
		if err == nil {
			err = ctx.Err() // what ends after that may have ended of it
		}
		if err == nil {
			all.add(i, r)
		}
		return err
	}, func(sofar int) {
		if opt.Progress != nil {
			opt.Progress(sofar, opt.Runs)
		}
	})
	if err != nil {
		return all.cut(), err
	}
	f, err := all.end(ctx)
	if err != nil {
		return all.cut(), err
	}
	return f, nil
}

// count counts what was seen in a run.
func (f *Figures) count(seen []Thing) {
	for _, t := range seen {
		if f.Seen[t.Kind] == nil {
			f.Seen[t.Kind] = map[string]int{}
		}
		f.Seen[t.Kind][t.What]++
	}
}

// never is what should be seen now and then, and was not.
func (f *Figures) never() []string {
	never := []string{}
	for _, t := range Sometimes() {
		if f.Seen[t.Kind][t.What] == 0 {
			never = append(never, t.String())
		}
	}
	return never
}

// play plays a scenario; twice plays it again, with the world saved and loaded on the
// way, and compares. The error is that of ctx.
func play(ctx context.Context, s *scenario.Scenario, twice bool) (oneRun, error) {
	r, err := scenario.Run(ctx, s, s.Seed, scenario.Options{})
	if err != nil {
		return oneRun{what: unplayable + err.Error()}, ctx.Err()
	}
	out := oneRun{seen: seen(s, r), trace: r.Trace}
	if failures := r.Failures(); len(failures) > 0 {
		out.what = failures[0]
		return out, nil
	}
	if !twice {
		return out, nil
	}
	switch again, err := scenario.Run(ctx, s, s.Seed, scenario.Options{Reload: true}); {
	case err != nil:
		out.what = unplayable + err.Error()
	case again.Trace != r.Trace:
		out.what = "played again, with the world saved and loaded on the way, the trace differs"
	}
	return out, ctx.Err()
}

// unplayable begins what is told of a world that ended in an error: a finding like any
// other, which must not take those of all other worlds with it.
const unplayable = "it cannot be played: "
