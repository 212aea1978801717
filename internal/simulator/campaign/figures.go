package campaign

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Format is that of all JSON that tells of runs. It is raised when a word changes its
// meaning or goes; new words do not raise it.
const Format = 1

// Kinds of what is told as JSON.
const (
	KindRun        = "run"
	KindCampaign   = "campaign"
	KindTune       = "tune"
	KindProof      = "prove"
	KindTestProof  = "prove tests"
	KindLottery    = "prove random"
	KindContest    = "prove rules"
	KindBenchmark  = "benchmark"
	KindComparison = "diff"
)

// Figures are what came of a campaign, or of a run, which is a campaign of one.
type Figures struct {
	Kind         string `json:"kind"`   // campaign, or run
	Format       int    `json:"format"` // see Format
	Scenario     string `json:"scenario"`
	ScenarioHash string `json:"scenario_hash"`
	Seed         int64  `json:"seed"`
	Runs         int    `json:"runs"`
	// Interrupted says that not all runs were played; nil: they were.
	Interrupted *Interruption `json:"interrupted,omitempty"`
	// Bad says whether the candidate should be rolled back.
	Bad bool `json:"bad"`
	// Test says whether it is an A/B test.
	Test bool `json:"test"`

	Outcomes Outcomes `json:"outcomes"` // one for each ending

	TookSeconds     Spread `json:"duration_seconds"` // of all runs
	DetectedSeconds Spread `json:"detected_seconds"` // of runs in which a verdict found harm
	RollbackSeconds Spread `json:"rollback_seconds"` // of runs that were rolled back
	Tenants         Spread `json:"tenants_exposed"`  // the most at once
	Requests        Spread `json:"requests"`         // on the candidate
	FailedRequests  Spread `json:"failed_requests"`  // of those
	// FalseRollback is how often a good version was rolled back, and GoodStopped how often
	// it did not get through, whatever stopped it; absent where it is bad. Missed is how
	// often a bad version got through; absent where it is good. All three are absent in A/B
	// tests, in which keeping A is no failure.
	FalseRollback Share `json:"false_rollback"`
	GoodStopped   Share `json:"good_stopped"`
	Missed        Share `json:"missed_regression"`
	// KeptThoughBetter is how often an A/B test kept A though B is better by as much as the
	// test asks for, and AdoptedThoughWorse how often it adopted a B that is worse, or the
	// same; absent where that is not so.
	KeptThoughBetter   Share `json:"kept_though_better"`
	AdoptedThoughWorse Share `json:"adopted_though_worse"`

	Expected Share   `json:"as_expected"` // runs in which the scenario's expectations held
	Needed   float64 `json:"as_expected_needed"`

	// TookEffect is, for each fault, signal and crash of the scenario and what versions do
	// only now and then, in how many runs it took effect: none shows nothing.
	TookEffect []Effect `json:"took_effect"`

	Promises   int      `json:"promises_checked"` // in each run
	Violations int      `json:"promises_broken"`  // runs that broke one
	Broken     []string `json:"broken"`           // the first of them
	Holding    bool     `json:"holds"`            // see Holds

	Worst []Worst `json:"worst"`
	// Trace identifies all that was seen in all runs, in their order.
	Trace string `json:"trace"`

	samples Samples
}

// promises is how many the engine makes, each with a checker in the simulator.
const promises = 10

// Worst is a run that stands out, and how to see it again.
type Worst struct {
	Why     string `json:"why"`
	Seed    int64  `json:"seed"`
	Command string `json:"command"`
}

// Samples are figures of single runs, in their order: seconds, and requests.
type Samples struct{ Took, Detected, Rollback, Failed []float64 }

// Samples are what the figures were made of.
func (f *Figures) Samples() Samples { return f.samples }

// Slim is f without the figures of single runs, which are large where runs are many.
func (f *Figures) Slim() *Figures {
	f.samples = Samples{}
	return f
}

// Holds says whether the promises were kept in every run, and the expectations in
// as many as the scenario asks for. A campaign that was interrupted does not show it.
func (f *Figures) Holds() bool {
	return !f.Interrupted.Cut() && f.Violations == 0 && f.Expected.Share >= f.Needed
}

// FiguresOf are the figures of one run.
func FiguresOf(r *scenario.Result) *Figures {
	f := figuresOf(r.Scenario, Options{Seed: r.Seed, Runs: 1}, []outcome{outcomeOf(r)})
	f.Kind, f.Needed, f.Worst, f.Trace = KindRun, 1, []Worst{}, fmt.Sprintf("%016x", r.Trace)
	f.Holding = f.Holds()
	return f
}

func figuresOf(s *scenario.Scenario, opt Options, outcomes []outcome) *Figures {
	f := &Figures{
		Kind: KindCampaign, Format: Format,
		Scenario: s.Name, ScenarioHash: s.Hash(), Seed: opt.Seed, Runs: len(outcomes), Bad: s.Bad(),
		Promises: promises, Needed: 1, Broken: []string{},
	}
	if s.Expect.Share != nil {
		f.Needed = *s.Expect.Share
	}
	counts := map[scenario.Ending]int{}
	var tenants, requests []float64
	expected, trace := 0, uint64(0)
	f.weigh(s, outcomes)
	for _, o := range outcomes {
		counts[o.ending]++
		trace = chance.Mix(trace ^ o.trace + chance.Golden)
		f.samples.Took = append(f.samples.Took, o.took.Seconds())
		if o.alarmed && f.detects() {
			f.samples.Detected = append(f.samples.Detected, o.detected.Seconds())
		}
		if o.turned {
			f.samples.Rollback = append(f.samples.Rollback, o.rollback.Seconds())
		}
		tenants = append(tenants, float64(o.tenants))
		requests = append(requests, float64(o.requests))
		f.samples.Failed = append(f.samples.Failed, float64(o.failed))
		if len(o.failures) == 0 {
			expected++
		}
		if len(o.broken) > 0 {
			if f.Violations++; len(f.Broken) < 20 {
				f.Broken = append(f.Broken, fmt.Sprintf("seed %d: %s", o.seed, o.broken[0]))
			}
		}
	}
	for _, e := range scenario.Endings() {
		f.Outcomes = append(f.Outcomes, shareOf(string(e), counts[e], len(outcomes)))
	}
	f.TookSeconds, f.DetectedSeconds, f.RollbackSeconds = spreadOf(f.samples.Took), spreadOf(f.samples.Detected), spreadOf(f.samples.Rollback)
	f.Tenants, f.Requests, f.FailedRequests = spreadOf(tenants), spreadOf(requests), spreadOf(f.samples.Failed)
	f.Expected, f.TookEffect = shareOf("as expected", expected, len(outcomes)), effectsOf(outcomes)
	f.Trace = fmt.Sprintf("%016x", trace)
	f.Worst, f.Holding = f.worst(outcomes, opt.Command), f.Holds()
	return f
}

// worst are the runs that stand out, each named once.
func (f *Figures) worst(outcomes []outcome, command string) []Worst {
	if command == "" {
		command = "--seed %d"
	}
	out := []Worst{}
	named := map[int64]bool{}
	pick := func(most int, which func(o *outcome) bool, by func(a, b *outcome) int, why func(o *outcome) string) {
		var found []*outcome
		for i := range outcomes {
			if which(&outcomes[i]) {
				found = append(found, &outcomes[i])
			}
		}
		slices.SortStableFunc(found, by)
		for _, o := range found[:min(most, len(found))] {
			if !named[o.seed] {
				named[o.seed] = true
				out = append(out, Worst{why(o), o.seed, fmt.Sprintf(command, o.seed)})
			}
		}
	}
	inOrder := func(_, _ *outcome) int { return 0 }
	pick(3, func(o *outcome) bool { return len(o.broken) > 0 }, inOrder, func(o *outcome) string { return "broke " + o.broken[0] })
	pick(3, func(o *outcome) bool { return len(o.failures) > 0 }, inOrder, func(o *outcome) string { return o.failures[0] })
	// A figure that is much the same in every run singles none out.
	tell := func(s Spread) bool { return s.Most > 1.05*s.P50 }
	pick(1, func(o *outcome) bool { return o.failed > 0 && tell(f.FailedRequests) },
		func(a, b *outcome) int { return cmp.Compare(b.failed, a.failed) },
		func(o *outcome) string { return fmt.Sprintf("most failed requests: %d", o.failed) })
	pick(1, func(o *outcome) bool { return o.begun && tell(f.TookSeconds) },
		func(a, b *outcome) int { return cmp.Compare(b.took, a.took) },
		func(o *outcome) string { return "longest: " + o.took.Round(time.Second).String() })
	pick(1, func(o *outcome) bool { return o.alarmed && tell(f.DetectedSeconds) },
		func(a, b *outcome) int { return cmp.Compare(b.detected, a.detected) },
		func(o *outcome) string { return "detected last: after " + o.detected.Round(time.Second).String() })
	return out
}
