package campaign

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Figures are what came of a campaign.
type Figures struct {
	Scenario     string `json:"scenario"`
	ScenarioHash string `json:"scenario_hash"`
	Seed         int64  `json:"seed"`
	Runs         int    `json:"runs"`
	// Bad says whether the candidate should be turned away.
	Bad bool `json:"bad"`

	Outcomes []Share `json:"outcomes"` // one for each ending, in the order of scenario.Endings

	TookSeconds     Spread `json:"took_seconds"`      // of all runs
	DetectedSeconds Spread `json:"detected_seconds"`  // of runs in which a verdict failed
	RollbackSeconds Spread `json:"rollback_seconds"`  // of runs that were walked back
	Tenants         Spread `json:"tenants_exposed"`   // the most at once
	Requests        Spread `json:"requests"`          // on the candidate
	FailedRequests  Spread `json:"failed_requests"`   // of those
	FalseRollback   *Share `json:"false_rollback"`    // good versions turned away; null where it is bad
	Missed          *Share `json:"missed_regression"` // bad versions that got through; null where it is good

	Expected Share   `json:"as_expected"` // runs in which the scenario's expectations held
	Needed   float64 `json:"as_expected_needed"`

	// TookEffect is, for each fault, signal and crash of the scenario and what versions do
	// only now and then, in how many runs it took effect: none shows nothing.
	TookEffect []Effect `json:"took_effect"`

	Promises   int      `json:"promises_checked"` // in each run
	Violations int      `json:"promises_broken"`  // runs that broke one
	Broken     []string `json:"broken,omitempty"` // the first of them

	Worst []Worst `json:"worst"`
	// Trace identifies all that was seen in all runs, in their order.
	Trace string `json:"trace"`

	samples Samples
}

// promises is how many the engine makes, each with a checker in the simulator.
const promises = 10

// Share is how often something happened, with an interval that holds the true
// probability with a confidence of 95 % (Wilson's).
type Share struct {
	Of    string  `json:"of"`
	Count int64   `json:"count"`
	Share float64 `json:"share"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

func shareOf(of string, count, runs int) Share {
	low, high := scenario.Wilson(int64(count), int64(runs))
	s := Share{Of: of, Count: int64(count), Low: low, High: high}
	if runs > 0 {
		s.Share = float64(count) / float64(runs)
	}
	return s
}

// Worst is a run that stands out, and how to see it again.
type Worst struct {
	Why     string `json:"why"`
	Seed    int64  `json:"seed"`
	Command string `json:"command"`
}

// Effect is how often a part of a scenario took effect.
type Effect struct {
	Path string `json:"path"` // as faults[0]
	What string `json:"what"`
	Share
	never string
}

// Never says that e never took effect; "" where it did.
func (e *Effect) Never() string {
	if e.Count > 0 {
		return ""
	}
	return e.never
}

// effectsOf counts how often each part took effect. Runs that could not be planned have
// none.
func effectsOf(outcomes []outcome) []Effect {
	effects := []Effect{}
	counts := map[int]int{}
	for _, o := range outcomes {
		for i, p := range o.parts {
			if i == len(effects) {
				effects = append(effects, Effect{Path: p.Path, What: p.What})
			}
			if p.TookEffect {
				counts[i]++
			} else {
				effects[i].never = p.String()
			}
		}
	}
	for i := range effects {
		effects[i].Share = shareOf("took effect", counts[i], len(outcomes))
	}
	return effects
}

// Samples are figures of single runs, in their order: seconds, and requests.
type Samples struct{ Took, Detected, Rollback, Failed []float64 }

// Samples are what the figures were made of.
func (f *Figures) Samples() Samples { return f.samples }

// Holds says whether the promises were kept in every run, and the expectations in
// as many as the scenario asks for.
func (f *Figures) Holds() bool { return f.Violations == 0 && f.Expected.Share >= f.Needed }

func figuresOf(s *scenario.Scenario, opt Options, outcomes []outcome) *Figures {
	f := &Figures{
		Scenario: s.Name, ScenarioHash: s.Hash(), Seed: opt.Seed, Runs: len(outcomes), Bad: s.Bad(),
		Promises: promises, Needed: 1,
	}
	if s.Expect.Share != nil {
		f.Needed = *s.Expect.Share
	}
	counts := map[scenario.Ending]int{}
	var tenants, requests []float64
	expected, turned, trace := 0, 0, uint64(0)
	for _, o := range outcomes {
		counts[o.ending]++
		trace = mix(trace ^ o.trace + 0x9e3779b97f4a7c15)
		f.samples.Took = append(f.samples.Took, o.took.Seconds())
		if o.alarmed {
			f.samples.Detected = append(f.samples.Detected, o.detected.Seconds())
		}
		if o.turned {
			f.samples.Rollback = append(f.samples.Rollback, o.rollback.Seconds())
			turned++
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
	if f.Bad {
		missed := shareOf("missed regression", counts[scenario.Succeeded], len(outcomes))
		f.Missed = &missed
	} else {
		wrong := shareOf("false rollback", turned, len(outcomes))
		f.FalseRollback = &wrong
	}
	f.Trace = fmt.Sprintf("%016x", trace)
	f.Worst = f.worst(outcomes, opt.Command)
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
