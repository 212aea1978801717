package swarm

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

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
	Seed int64 `json:"seed"`
	Runs int   `json:"runs"`
	// Seen is how many runs each thing happened in: endings, kinds of events, faults,
	// strategies and judges that were drawn, crashes.
	Seen     map[string]int `json:"seen"`
	Never    []string       `json:"never"` // what should happen in a large swarm, and did not
	Failures []Failure      `json:"failures"`
	Trace    string         `json:"trace"` // identifies all that was seen in all runs
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
	seen  []string
	trace uint64
	what  string // that failed
}

// often is one in how many runs is played twice, to compare.
const often = 8

// maxFailures is how many failures are made smaller: the first ones tell the story.
const maxFailures = 10

// Run plays opt.Runs scenarios.
func Run(ctx context.Context, opt Options) (*Figures, error) {
	if opt.Runs < 1 {
		return nil, fmt.Errorf("a swarm of %d runs", opt.Runs)
	}
	workers := opt.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	runs := make([]oneRun, opt.Runs)
	err := campaign.Each(ctx, opt.Runs, workers, func(i int) (err error) {
		runs[i], err = play(ctx, Draw(campaign.SeedOf(opt.Seed, i)), i%often == 0)
		return err
	}, func(sofar int) {
		if opt.Progress != nil {
			opt.Progress(sofar, opt.Runs)
		}
	})
	if err != nil {
		return nil, err
	}
	f := &Figures{Seed: opt.Seed, Runs: opt.Runs, Seen: map[string]int{}, Failures: []Failure{}}
	trace := uint64(0)
	for i, r := range runs {
		trace = trace*0x9e3779b97f4a7c15 ^ trace>>29 ^ r.trace
		for _, what := range r.seen {
			f.Seen[what]++
		}
		if r.what == "" {
			continue
		}
		failure := Failure{Seed: campaign.SeedOf(opt.Seed, i), What: r.what}
		if len(f.Failures) < maxFailures {
			if failure.Scenario, err = Shrink(ctx, Draw(failure.Seed)); err != nil {
				return nil, err
			}
		}
		f.Failures = append(f.Failures, failure)
	}
	f.Trace = fmt.Sprintf("%016x", trace)
	f.Never = []string{}
	for _, what := range Sometimes() {
		if f.Seen[what] == 0 {
			f.Never = append(f.Never, what)
		}
	}
	return f, nil
}

// Sometimes lists what must happen now and then in a swarm: a rule that never fires
// is not tested by it.
func Sometimes() []string {
	out := []string{
		"succeeded", "rolled_back", "retained", "crashed", "refused word", "guard failed", "gate failed", "gate inconclusive",
		"held", "paused", "stuck", "joined",
	}
	for _, k := range []engine.EventKind{
		engine.Measured, engine.Failed, engine.Blinded, engine.Sighted, engine.Extended, engine.RanOut, engine.Reverted,
		engine.Surveyed, engine.Paused, engine.Resumed, engine.Promoted, engine.Aborted,
	} {
		out = append(out, "event "+string(k))
	}
	for _, k := range simulator.FaultKinds() {
		out = append(out, "fault "+string(k))
	}
	for _, k := range engine.Strategies() {
		out = append(out, "strategy "+string(k))
	}
	return out
}

// play plays a scenario; twice plays it again, with the world saved and loaded on the
// way, and compares.
func play(ctx context.Context, s *scenario.Scenario, twice bool) (oneRun, error) {
	r, err := scenario.Run(ctx, s, s.Seed, scenario.Options{})
	if err != nil {
		return oneRun{}, err
	}
	out := oneRun{seen: seen(s, r), trace: r.Trace}
	if failures := r.Failures(); len(failures) > 0 {
		out.what = failures[0]
		return out, nil
	}
	if !twice {
		return out, nil
	}
	again, err := scenario.Run(ctx, s, s.Seed, scenario.Options{Reload: true})
	if err != nil {
		return oneRun{}, err
	}
	if again.Trace != r.Trace {
		out.what = "played again, with the world saved and loaded on the way, the trace differs"
	}
	return out, nil
}

// seen lists what happened in a run, each once.
func seen(s *scenario.Scenario, r *scenario.Result) []string {
	set := map[string]bool{string(r.Ending): true, "strategy " + string(s.Deployment.Strategy): true}
	for _, f := range s.Faults {
		set["fault "+string(f.Kind)] = true
	}
	set["crashed"] = r.Crashes > 0
	set["refused word"] = len(r.Refusals) > 0
	for _, e := range r.Events {
		set["event "+string(e.Kind)] = true
		switch {
		case e.Kind == engine.Surveyed && len(e.Targets) > 0:
			set["joined"] = true
		case e.Kind == engine.Finished:
			set[string(e.Outcome)] = true
		case e.Verdict == nil:
		case e.Verdict.Result == engine.Inconclusive:
			set["gate inconclusive"] = true
		case e.Verdict.Result == engine.Fail && e.Verdict.Guard:
			set["guard failed"] = true
		case e.Verdict.Result == engine.Fail:
			set["gate failed"] = true
		}
	}
	set["held"] = set["held"] || r.Waited[engine.PhaseHeld]
	set["paused"] = set["paused"] || r.Waited[engine.PhasePaused]
	set["stuck"] = set["stuck"] || r.Waited[engine.PhaseStuck]
	var out []string
	for _, what := range slices.Sorted(maps.Keys(set)) {
		if set[what] {
			out = append(out, what)
		}
	}
	return out
}
