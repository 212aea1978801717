package engine

import (
	"fmt"
	"math"
	"time"
)

// The error that a rollout may make, analysis.alpha, is spent on all that can roll it back.
// A bake may spend a part of it, the n-th 1/n(n+1), whether a stage begins it or somebody who
// resumes: these parts sum to less than 1 however many there are. Most regressions are there
// from the start, and the first bake has the least data.
const (
	relativeShare = 0.5 // of a bake's part: the comparison with the baseline, which finds what caps let through, and finds it first
	capsShare     = 0.3 // of a bake's part: the caps of its gate, in equal parts
	guardShare    = 0.2 // of a rollout's alpha: the guards on traffic, in equal parts
)

// usualAlpha is that of a rollout whose plan has none.
const usualAlpha = 0.01

// alpha is the probability of a false rollback that p allows in all.
func (p *Plan) alpha() float64 {
	if a := p.Spec.Analysis; a != nil && a.Alpha != nil {
		return *a.Alpha
	}
	return usualAlpha
}

// part is what the n-th of any number of tries may spend of a whole, n from 1 on.
func part(n int) float64 { return 1 / (float64(n) * float64(n+1)) }

// capAlpha is the part of a gate's alpha that each of its caps may spend.
func (g Gate) capAlpha() float64 {
	return g.Alpha * capsShare / float64(max(1, len(g.Checks)))
}

// relativeBoundary is how much evidence against the baseline fails the gate: a logarithm.
func (g Gate) relativeBoundary() float64 { return -math.Log(g.Alpha * relativeShare) }

// gate is that of the stage that is baked, with what is left for it to spend: a bake that
// somebody resumed is one more.
func (r *Runner) gate() *Gate {
	g := &r.plan.Stages[r.state.Stage].Gate
	if g.Mode != Sequential || r.state.Bakes == 0 {
		return g
	}
	if r.memo.gateAt != r.state.Bakes {
		r.memo.gateAt, r.memo.gate = r.state.Bakes, *g
		r.memo.gate.Alpha = r.plan.alpha() * part(r.state.Bakes)
	}
	return &r.memo.gate
}

// guarded is the time that a guard looks back on, and what it may spend on it.
type guarded struct {
	from  time.Time
	alpha float64
}

// guardSpan is what a guard looks back on: its window, or since the first exposure, or since
// somebody has spoken. The beginning moves in steps of a fifth of the window, so that there are
// only so many, and each is a try of its own.
func (r *Runner) guardSpan(now time.Time, window time.Duration) guarded {
	s := &r.state
	step, tries := max(window/5, time.Second), 1
	from := s.GuardsFrom
	if late := now.Sub(from) - window; late > 0 {
		steps := (late + step - 1) / step
		from, tries = from.Add(steps*step), 1+int(steps)
	}
	return guarded{from, r.plan.alpha() * guardShare / 2 * part(tries) * part(1+s.Answers)}
}

// ResumeCost says what it costs to resume a rollout that waits in a bake: another try is
// another part of the error that it may make, and the parts become smaller; "" where nothing
// is spent.
func (p *Plan) ResumeCost(s *State) string {
	passed := s.Verdict != nil && s.Verdict.Result == Pass // then it is a person's word that is waited for
	if passed || s.Step != StepBake || s.Bakes == 0 || s.Stage >= len(p.Stages) || p.Stages[s.Stage].Gate.Mode != Sequential {
		return ""
	}
	boundary := func(n int) string { return odds(Gate{Alpha: p.alpha() * part(n)}.relativeBoundary()) }
	return fmt.Sprintf("A resume judges the stage anew, as bake %d of this rollout: to find the new version worse takes evidence of %s then, where this bake took %s.",
		s.Bakes+1, boundary(s.Bakes+1), boundary(s.Bakes))
}
