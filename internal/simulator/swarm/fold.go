package swarm

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// fold adds runs up as they end, in whatever order that is: what it keeps of each is its
// trace, and what failed.
type fold struct {
	mu      sync.Mutex
	figures Figures
	traces  []uint64       // by run
	failed  map[int]string // what, by run
	played  int
}

func newFold(opt Options) *fold {
	return &fold{
		figures: Figures{Kind: "swarm", Format: campaign.Format, Seed: opt.Seed, Runs: opt.Runs, Seen: map[Kind]map[string]int{}, Failures: []Failure{}},
		traces:  make([]uint64, opt.Runs), failed: map[int]string{},
	}
}

// add takes run i. It may be called from several goroutines at once.
func (a *fold) add(i int, r oneRun) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.played++
	a.traces[i] = r.trace
	a.figures.count(r.seen)
	if r.what != "" {
		a.failed[i] = r.what
	}
}

// end makes the figures of all runs, in the order of their seeds, and the first scenarios
// that failed smaller. The error is that of ctx.
func (a *fold) end(ctx context.Context) (*Figures, error) {
	f, trace := &a.figures, uint64(0)
	for _, t := range a.traces {
		trace = trace*chance.Golden ^ trace>>29 ^ t
	}
	for _, i := range slices.Sorted(maps.Keys(a.failed)) {
		failure := Failure{Seed: campaign.SeedOf(f.Seed, i), What: a.failed[i]}
		if len(f.Failures) < maxFailures {
			var err error
			if failure.Scenario, err = Shrink(ctx, Draw(failure.Seed)); err != nil {
				return nil, err
			}
		}
		f.Failures = append(f.Failures, failure)
	}
	f.Trace, f.Never = fmt.Sprintf("%016x", trace), f.never()
	return f, nil
}

// cut are the figures of the runs that were played before somebody interrupted, with failures
// that are not made smaller; nil: there were none. There is no trace of what is not whole.
func (a *fold) cut() *Figures {
	if a.played == 0 {
		return nil
	}
	f := &a.figures
	f.Interrupted = &campaign.Interruption{Played: a.played, Of: f.Runs, Unit: "worlds"}
	f.Runs, f.Failures = a.played, []Failure{}
	for _, i := range slices.Sorted(maps.Keys(a.failed)) {
		f.Failures = append(f.Failures, Failure{Seed: campaign.SeedOf(f.Seed, i), What: a.failed[i]})
	}
	f.Never = f.never()
	return f
}
