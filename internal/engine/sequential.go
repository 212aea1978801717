package engine

import (
	"fmt"
	"slices"
	"strings"
)

// SequentialJudge fails on evidence whose error is controlled over the whole
// rollout, however often one looks: the candidate against the concurrent
// baseline, and against the caps. It passes, at the end of the bake, where one-sided
// 95 % upper bounds are below the caps. In between it does not know.
//
// A gate that needs no requests cannot ask for bounds, which only requests bring down: it
// passes where nothing bad was seen, that is, where no rate is above its cap at the 5 %
// level.
type SequentialJudge struct{}

// passConfidence is the level of the upper bounds that a pass needs.
const passConfidence = 0.95

// Judge implements Judge.
func (SequentialJudge) Judge(g *Gate, e *Evidence) Verdict {
	v := passOf(e)
	if g.Smoke {
		return judgeSmoke(v, e.Condition.Smoke)
	}
	if !e.End && !suspicious(g, e) {
		v.Result, v.Reason = Inconclusive, notOver
		return v
	}
	v.Findings = append(v.Findings, judgeRelative(g, e))
	for _, c := range g.Checks {
		v.Findings = append(v.Findings, judgeCap(c, e, g.capAlpha(), g.MinRequests == 0))
	}
	failed, short := v.details(Fail), shortOf(g, &e.Candidate)
	switch {
	case len(failed) > 0:
		adjusted := slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.Result == Fail && !f.Unadjusted })
		v.Result, v.Harm, v.Hold, v.Reason = Fail, g.Compare != nil, !adjusted, strings.Join(failed, "; ")
	case !e.End:
		v.Result, v.Reason = Inconclusive, notOver
	case g.Compare != nil:
		return decideTest(g, e, v)
	case len(short) > 0: // then the bounds are wide, and there is no need to say so
		v.Result, v.Reason = Inconclusive, strings.Join(short, "; ")
	default:
		return passOr(g, e, v, v.details(Inconclusive))
	}
	return v
}

// passOr passes v unless something is missing.
func passOr(g *Gate, e *Evidence, v Verdict, missing []string) Verdict {
	c := &e.Condition
	switch {
	case g.MinRequests == 0 && e.Candidate.Requests == 0 && !c.unwell():
		v.Reason = fmt.Sprintf("no requests, none needed; %d of %d instances are ready", c.Ready, c.Watched)
	case len(missing) > 0:
		v.Result, v.Reason = Inconclusive, strings.Join(missing, "; ")
	case c.unwell():
		v.Result, v.Reason = Inconclusive, fmt.Sprintf("%d of %d instances are ready", c.Ready, c.Watched)
	default:
		v.Reason = fmt.Sprintf("%s within bounds over %s", Plural(v.Requests, "request"), Spoken(e.Window))
	}
	return v
}

// suspicious says whether any evidence is over its boundary. It is what most looks
// come to, and costs no more than the logarithms.
func suspicious(g *Gate, e *Evidence) bool {
	if r := compareErrors(g, e); r.convinces() {
		return true
	}
	for _, c := range g.Checks {
		if c.convicts(e, g.capAlpha()) {
			return true
		}
	}
	return false
}
