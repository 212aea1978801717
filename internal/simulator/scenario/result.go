package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/watch"
)

// Result is what came of a run.
type Result struct {
	Scenario *Scenario
	Seed     int64
	Ending   Ending
	Reason   string // for the ending

	Plan    *engine.Plan // nil where none could be made
	Events  []engine.Event
	Summary engine.Summary

	// Requests and FailedRequests are those that the candidate took, whatever became
	// of the samples.
	Requests, FailedRequests int64
	// Alarmed says whether a verdict found harm, and Detected how long that took, from when
	// the candidate first failed its users, or where it does not, from when it first
	// served them.
	Alarmed  bool
	Detected time.Duration

	Refusals []Refusal // words that the phase did not allow
	// Waited are the phases in which it waited for a person at some time.
	Waited  map[engine.Phase]bool
	Crashes int
	// Fired are the faults that struck and the behaviours that showed, see [simulator.World.Fired].
	Fired []string
	// Parts are the faults, signals and crashes of the scenario, and which of them took
	// effect: a part that did not shows nothing.
	Parts      []Part
	Endless    bool // it neither ended nor waited for a person
	Violations []watch.Violation
	Trace      uint64 // identifies everything that was seen

	Frames []Frame // how the fleet stood, each time it changed; with Options.Record
	Looks  []Look  // what the judge saw; with Options.Record
}

// Refusal is a word that was refused.
type Refusal struct {
	At   time.Time
	What string
}

// Took is how long the rollout took.
func (r *Result) Took() time.Duration { return r.Summary.Took }

// Start is when the rollout began, on the clock of its world.
func (r *Result) Start() time.Time {
	if len(r.Events) == 0 {
		return time.Time{}
	}
	return r.Events[0].At
}

// Stopped says whether the candidate did not get through. A test that keeps A because B
// is no better, and does no harm, stops nobody.
func (r *Result) Stopped() bool {
	return r.Ending != Succeeded && (r.Ending != Retained || r.Alarmed)
}

// Turned says whether the candidate was rolled back, or kept out for the harm it did.
func (r *Result) Turned() bool {
	return r.Ending == RolledBack || r.Ending == Retained && r.Alarmed
}

// detect finds the first failed verdict, and since when there was cause for one.
func (r *Result) detect(start time.Time) {
	var exposed time.Time
	for _, e := range r.Events {
		if exposed.IsZero() && e.Kind == engine.Made && e.Stage < len(r.Plan.Stages) && reaches(r.Plan.Stages[e.Stage].Exposure) {
			exposed = e.At
		}
		if !foundHarm(e) {
			continue
		}
		r.Alarmed = true
		onset := exposed
		if since, ok := r.Scenario.badSince(); ok && start.Add(since).After(onset) {
			onset = start.Add(since)
		}
		if onset.IsZero() {
			onset = start
		}
		r.Detected = max(0, e.At.Sub(onset))
		return
	}
}

// reaches says whether anybody is exposed: a fleet that knows no tenants knows shares.
func reaches(e engine.Exposure) bool { return e.Tenants > 0 || e.Share > 0 }

// foundHarm says whether a verdict failed because of what the candidate does. That a
// test keeps A because B is no better says nothing against B.
func foundHarm(e engine.Event) bool {
	return e.Kind == engine.Judged && e.Verdict.Result == engine.Fail && (e.Verdict.Winner == "" || e.Verdict.Harm)
}

// Failures are the expectations that do not hold, and the promises that were
// broken; none: the run is as expected.
func (r *Result) Failures() []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	x := &r.Scenario.Expect
	r.endUnexpected(x, add)
	r.overLimits(x, add)
	if x.DetectedWithin != nil {
		if within := time.Duration(*x.DetectedWithin); !r.Alarmed {
			add("no verdict failed, expected was one within %s", short(within))
		} else if r.Detected > within {
			add("it was detected after %s, expected was at most %s", short(r.Detected), short(within))
		}
	}
	if x.RollbackWithin != nil {
		if within := time.Duration(*x.RollbackWithin); !r.wentBack() {
			add("there was no way back, expected was one within %s", short(within))
		} else if r.Summary.RollbackTook > within {
			add("the way back took %s, expected was at most %s", short(r.Summary.RollbackTook), short(within))
		}
	}
	r.unsaid(x, add)
	for _, v := range r.Violations {
		add("%v", v)
	}
	return out
}

// endUnexpected says how the run ended otherwise than expected.
func (r *Result) endUnexpected(x *Expect, add func(format string, args ...any)) {
	if x.Outcome != "" && r.Ending != x.Outcome {
		add("the outcome is %s, expected was %s", r.Ending, x.Outcome)
	}
	if r.Ending == Refused && x.Outcome == "" && !x.Ends {
		add("no plan could be made, so nothing was played: %s", r.Reason)
	}
	if x.Ends && slices.Contains([]Ending{Held, Paused, Stuck}, r.Ending) {
		add("the rollout is %s, expected was an end", r.Ending)
	}
}

// overLimits says what was more than expected.
func (r *Result) overLimits(x *Expect, add func(format string, args ...any)) {
	if x.Longest != nil && r.Took() > time.Duration(*x.Longest) {
		add("it took %s, expected was at most %s", short(r.Took()), short(time.Duration(*x.Longest)))
	}
	if n := r.Summary.Most.Tenants; x.MostTenants != nil && n > *x.MostTenants {
		add("%d tenants were exposed, expected were at most %d", n, *x.MostTenants)
	}
	if x.MostFailedRequests != nil && r.FailedRequests > *x.MostFailedRequests {
		add("%d requests failed on the candidate, expected were at most %d", r.FailedRequests, *x.MostFailedRequests)
	}
}

// unsaid is what was expected to be said or to happen, and was not.
func (r *Result) unsaid(x *Expect, add func(format string, args ...any)) {
	if !r.says(x.ReasonContains) {
		add("the reason is %q, expected was one with %q", r.Reason, x.ReasonContains)
	}
	if w := x.WarningContains; w != "" && !r.warns(w) {
		add("the plan has no warning with %q", w)
	}
	for _, kind := range x.Happened {
		if !slices.ContainsFunc(r.Events, func(e engine.Event) bool { return e.Kind == kind }) {
			add("%s never happened, and was expected", kind)
		}
	}
	if x.TookEffect {
		for _, p := range r.Idle() {
			add("%s, and was expected to take effect", p)
		}
	}
}

// warns looks for a text in the plan's warnings.
func (r *Result) warns(text string) bool {
	return r.Plan != nil && slices.ContainsFunc(r.Plan.Warnings, func(w engine.Warning) bool { return strings.Contains(w.String(), text) })
}

// wentBack says whether the rollout was on its way back at some time.
func (r *Result) wentBack() bool {
	return r.Ending == RolledBack || !r.Summary.State.WayBackBegan.IsZero()
}

// says looks for a text in the reason, and in what was refused.
func (r *Result) says(text string) bool {
	if text == "" || strings.Contains(r.Reason, text) || strings.Contains(r.Summary.State.Turned, text) {
		return true
	}
	if v := r.Summary.Verdict; v != nil && strings.Contains(v.Reason, text) {
		return true
	}
	return slices.ContainsFunc(r.Refusals, func(f Refusal) bool { return strings.Contains(f.What, text) })
}

// short is d for people, to a tenth of a second: 1h2m3s.
func short(d time.Duration) string { return engine.Spoken(d.Round(100 * time.Millisecond)) }
