package rules

import (
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Argo judges as an AnalysisRun of Argo Rollouts does: every Interval it asks for the error
// rate of the last Window, and fails where more than FailureLimit answers were above the cap.
// No answer is an error, of which it takes some; where there is none at all the rollout is held.
//
// The interval, the limit of 3 and the window of five minutes are those of the example in its
// documentation, docs/features/analysis.md of github.com/argoproj/argo-rollouts: "interval: 60s"
// (with a count), "failureLimit: 3" and "[5m]".
type Argo struct {
	minutes
	Interval     time.Duration // whole minutes
	Window       time.Duration // whole minutes
	FailureLimit int           // failures that are still taken
}

// UsualArgo is the example of the documentation.
func UsualArgo() Argo { return Argo{Interval: time.Minute, Window: 5 * time.Minute, FailureLimit: 3} }

// Judge implements [engine.Judge].
func (a Argo) Judge(g *engine.Gate, e *engine.Evidence) engine.Verdict {
	v, decided := begin(g, e)
	if decided {
		return v
	}
	asked, over, worst := 0, 0, 0.0
	for _, x := range ask(whole(&e.Candidate), a.Interval, a.Window) {
		if x.requests == 0 {
			continue
		}
		asked++
		if r := rate(x.errors, x.requests); r > capOf(g) {
			over, worst = over+1, max(worst, r)
		}
	}
	if over > a.FailureLimit {
		return fail(v, worst, capOf(g), "%d of %d measurements were above the cap, at most %d may", over, asked, a.FailureLimit)
	}
	return pass(v, e.End, asked)
}

// Flagger judges as Flagger does: every Interval it checks the success rate of the last
// Interval, and rolls back at Threshold failed checks. A check without any request fails.
//
// One minute is its default, and a threshold of five that of its tutorials: "interval: 1m" and
// "threshold: 5", the "max number of failed metric checks before rollback", in docs/gitbook of
// github.com/fluxcd/flagger. Its checks add up over a whole rollout,
// and a failed one has it wait; here they are counted anew at each stage, whose length is given.
type Flagger struct {
	minutes
	Interval  time.Duration // whole minutes
	Threshold int           // failed checks that roll back
}

// UsualFlagger is the example of the documentation.
func UsualFlagger() Flagger { return Flagger{Interval: time.Minute, Threshold: 5} }

// Judge implements [engine.Judge].
func (f Flagger) Judge(g *engine.Gate, e *engine.Evidence) engine.Verdict {
	v, decided := begin(g, e)
	if decided {
		return v
	}
	checks, failed, worst := 0, 0, 0.0
	for _, x := range ask(whole(&e.Candidate), f.Interval, f.Interval) {
		checks++
		switch r := rate(x.errors, max(1, x.requests)); {
		case x.requests == 0:
			failed++
		case r > capOf(g):
			failed, worst = failed+1, max(worst, r)
		}
	}
	if failed >= f.Threshold {
		return fail(v, worst, capOf(g), "%d of %d checks failed, the threshold is %d", failed, checks, f.Threshold)
	}
	return pass(v, e.End, checks)
}

// answer is what was counted in a window.
type answer struct{ requests, errors int64 }

// ask counts what there was in the window before each interval's end, from the first minute
// with a request to the last.
func ask(list []engine.MinuteCount, interval, window time.Duration) []answer {
	if len(list) == 0 {
		return nil
	}
	var all []answer
	begun, over := list[0].Start, list[len(list)-1].Start.Add(time.Minute)
	for to := begun.Add(interval); !to.After(over); to = to.Add(interval) {
		var a answer
		for _, m := range list {
			if m.Start.Before(to) && !m.Start.Before(to.Add(-window)) {
				a.requests, a.errors = a.requests+m.Requests, a.errors+m.Errors
			}
		}
		all = append(all, a)
	}
	return all
}
