package engine

import (
	"context"
	"fmt"
	"math/bits"
	"time"
)

// leastCoverage is of what share of the instances there must be samples for a pass: those
// that die stop reporting, which makes the rest look better.
const leastCoverage = 0.9

// lookBake judges the bake so far.
func (r *Runner) lookBake(ctx context.Context, m *Move, now time.Time) (Event, bool) {
	s, gate := &r.state, r.gate()
	over, last := !now.Before(s.BakeEnds), !now.Before(m.Deadline)
	if gate.IsZero() {
		return Event{Kind: Judged, Verdict: &Verdict{Result: Pass, Reason: "no gate", Window: now.Sub(s.BakeBegan)}}, over
	}
	evidence := r.evidence(ctx, gate, now, over || last, false)
	if evidence.NoData == "" { // one answer that does not come makes no samples old
		r.memo.newest = evidence.Candidate.Newest
	}
	newest := later(r.memo.newest, s.BakeBegan)
	wasBlind := !s.BlindSince.IsZero()
	blind := gate.needsSamples() && now.Sub(newest) > r.plan.staleAfter()
	if blind != wasBlind && r.turnedEyes(now) { // two answers of one moment differ
		blind = wasBlind
	}
	if blind != wasBlind {
		return turnEyes(blind, newest), true
	}
	return r.judgeBake(ctx, gate, evidence, bakeTime{now, m.Deadline, over && !blind || last, last, blind})
}

// turnEyes is the event of a bake that goes blind, or is sighted again.
func turnEyes(blind bool, newest time.Time) Event {
	if blind {
		return Event{Kind: Blinded, Until: newest}
	}
	return Event{Kind: Sighted}
}

// turnedEyes says whether the bake went blind, or was sighted again, at this very moment.
func (r *Runner) turnedEyes(now time.Time) bool {
	last := &r.events[len(r.events)-1]
	return (last.Kind == Blinded || last.Kind == Sighted) && !last.At.Before(now)
}

// needsSamples says whether g cannot be judged without new ones.
func (g *Gate) needsSamples() bool { return g.MinRequests > 0 && len(g.Checks) > 0 }

// bakeTime is where in its time a bake is.
type bakeTime struct {
	now, deadline time.Time
	end           bool // it is over, and judged for good unless it can be extended
	last          bool // it cannot be
	blind         bool // there are no new samples
}

// judgeBake says what follows from the evidence of a bake.
func (r *Runner) judgeBake(ctx context.Context, g *Gate, e *Evidence, at bakeTime) (Event, bool) {
	s := &r.state
	v := r.verdict(ctx, g, e, at.now, at.end)
	switch {
	case v.Result == Fail:
	case at.blind && at.last:
		v.Result, v.Reason = Inconclusive, "no samples since "+s.BlindSince.UTC().Format(time.RFC3339)+whyOf(e.NoData)
	case !at.end:
		return Event{}, false
	case v.Result == Inconclusive && !at.last:
		return Event{Kind: Extended, Until: at.deadline, Error: v.Reason}, !s.Extended
	}
	return judgedAs(v), true
}

// verdict asks the judge, and has the numbers shown that a failure rests on, which cost
// more, with what each tenant should have had.
func (r *Runner) verdict(ctx context.Context, g *Gate, e *Evidence, now time.Time, end bool) Verdict {
	e.End = end
	v := r.judge.Judge(g, e)
	if r.looksAgain(g, &v, end) {
		if !end && g.Mode == Sequential && !r.asksNow(now) {
			return Verdict{Result: Inconclusive, Reason: notOver}
		}
		e = r.evidence(ctx, g, now, true, true)
		e.End = end
		v = r.judge.Judge(g, e)
	}
	v.holdIf(e.Extrapolated)
	if !end {
		return v
	}
	switch {
	case v.Result == Pass && e.Unseen != "":
		v.Result, v.Reason = Inconclusive, "the fleet cannot be read: "+e.Unseen
	case v.Result == Pass && e.Coverage > 0 && e.Coverage < leastCoverage:
		v.Result, v.Reason = Inconclusive, fmt.Sprintf("there are samples of %s of the instances, and a pass needs %s", pct(e.Coverage), pct(leastCoverage))
	case v.Result == Inconclusive:
		v.Reason += whyOf(e.NoData)
	}
	return v
}

// asksNow says whether a look is one of those at which the fleet is asked for what is dear.
// Evidence that convinces until whose requests they were is counted often goes on to do so: a
// bake is then asked about at every look in the beginning, and later each time that it has
// become some thirtieth longer, so that it is not counted from the beginning at every look.
func (r *Runner) asksNow(now time.Time) bool {
	s := &r.state
	n := uint64(now.Sub(s.BakeBegan) / r.plan.lookEvery(s.Stage))
	apart := uint64(1) << max(0, bits.Len64(n/20)-1)
	return n%apart == 0
}

// looksAgain says whether a verdict is reached anew on all that there is to know: a failure,
// and what is left open at the end where it matters whose requests they were.
func (r *Runner) looksAgain(g *Gate, v *Verdict, end bool) bool {
	switch {
	case !end:
		return v.Result == Fail
	case g.Mode != Sequential || g.Compare != nil:
		return false
	default:
		return v.Result == Fail || v.Result == Inconclusive && r.past() != nil
	}
}

// holdIf makes of a failure on counts that are extrapolated a reason to hold: they may be off
// by as much as they have of errors. A smoke test counts nothing.
func (v *Verdict) holdIf(extrapolated bool) {
	if v.Result == Fail && extrapolated && len(v.Findings) > 0 {
		v.Hold = true
		v.Reason += "; the counts are extrapolated, on which nothing is rolled back"
	}
}

// whyOf is a reason in brackets, "" where there is none.
func whyOf(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}

// evidence measures the bake so far; shown asks for what a verdict shows, and tenants
// for what only counts by tenant show, which an A/B test that is over always needs. What
// cannot be read or measured is no data. The evidence holds until it is measured again.
func (r *Runner) evidence(ctx context.Context, g *Gate, now time.Time, shown, tenants bool) *Evidence {
	s := &r.state
	e := &r.memo.evidence
	e.Bounds, e.Before, e.Prior, e.Window, e.End = r.boundsOf(g), s.Before, r.prior(), now.Sub(s.BakeBegan), false
	e.Expected, e.Pairs, e.Lots, e.NoData, e.Unseen = nil, nil, nil, "", ""
	e.Noise, e.Minutes = r.suspectedNoise(), 0
	compares := g.Compare != nil && shown && (r.memo.glimpses || !now.Before(s.BakeEnds))
	q := Question{From: s.BakeBegan, To: now, Bounds: e.Bounds, Candidate: g.wants(shown, tenants)}
	switch {
	case compares:
		q.Baseline = q.Candidate
	case g.Mode == Sequential: // the rate of errors is all that is compared
		q.Baseline = WantCounts
	}
	q.askFor(r.judge)
	if shown {
		r.lookBeside(ctx, e, &q, now)
	}
	deep := shown && g.reckonsByTenant(tenants)
	if deep { // about the time before, and so before the question that the others go on from
		e.Noise = r.noise(ctx)
	}
	if err := r.measure(ctx, &q, &e.Answer); err != nil {
		e.NoData = err.Error()
	}
	if !deep {
		return e
	}
	if compares {
		r.byTenant(ctx, g, e, q)
	} else {
		e.reckon(r.expected(ctx, q))
	}
	return e
}

// reckonsByTenant says whether a verdict of g that is shown rests on counts by tenant, which
// may be asked for.
func (g *Gate) reckonsByTenant(asked bool) bool {
	return g.Mode == Sequential && (asked || g.Compare != nil)
}

// lookBeside looks at all instances, of which q asks, and leaves what it sees in e.
func (r *Runner) lookBeside(ctx context.Context, e *Evidence, q *Question, now time.Time) {
	watch := r.watchAll()
	q.Instances, q.Slot = watch.Instances, watch.Slot
	if c, _, err := r.lookAtAll(ctx, now); err == nil {
		e.Condition = *c
	} else {
		e.Unseen = err.Error()
	}
}

// reckon takes what was to be expected of each tenant, and over how many minutes the answer
// counts.
func (e *Evidence) reckon(x *Expected, a Answer) {
	e.Expected = x
	if m := effectiveMinutes(a.Candidate.Minutes); m > 0 {
		e.Minutes = min(m, max(1, minutesIn(e.Window)))
	}
}

// wants is what g looks at of the candidate.
func (g *Gate) wants(shown, tenants bool) Want {
	want := WantCounts | WantSlower
	if !g.countsOnly(shown) {
		want |= WantMeans | WantTenants
	}
	if shown && g.showsPercentiles() {
		want |= WantHistogram
	}
	if shown && (tenants || g.MinTenants > 0) || g.asksForTenants() {
		want |= WantTenants
	}
	return want
}

// boundsOf is g.bounds, worked out once for a stage.
func (r *Runner) boundsOf(g *Gate) []float64 {
	if r.memo.boundsAt != r.state.Stage+1 {
		r.memo.boundsAt, r.memo.bounds = r.state.Stage+1, g.bounds()
	}
	return r.memo.bounds
}
