package engine

import (
	"fmt"
	"strings"
)

// Of more stages than mostLines a summary shows the first and the last endLines.
const (
	mostLines = 24
	endLines  = 3
)

// SummaryLines says in a headline and a line for each stage what a plan does. Every
// line carries the version that it comes from and the one that it goes to, so that no
// line of one release is a line of the next: Terraform hides what stays the same.
func SummaryLines(p *Plan) []string {
	lines := []string{Headline(p)}
	if text := p.Pace.text(); text != "" {
		lines = append(lines, fromTo(p)+": "+text)
	}
	spans := Timeline(p)
	for i := range p.Stages {
		if n := len(p.Stages); n > mostLines && i == endLines {
			lines = append(lines, fmt.Sprintf("%s at %s to %s: %d more stages like these", fromTo(p), p.Stages[endLines].Name,
				p.Stages[n-endLines-1].Name, n-2*endLines))
		} else if n <= mostLines || i < endLines || i >= n-endLines {
			lines = append(lines, stageLine(p, &p.Stages[i], spans[i]))
		}
	}
	return lines
}

// Headline is the whole plan in a line: from where to where, for whom, and how long.
func Headline(p *Plan) string {
	if len(p.Stages) == 0 {
		return fmt.Sprintf("%s: every instance serves it already, nothing runs", versionOr(p.Candidate))
	}
	what := fmt.Sprintf("%s, %s in %s", fromTo(p), p.Spec.Strategy, p.Spec.Environment)
	switch {
	case p.Restores != "":
		what = fmt.Sprintf("back from %s to %s in %s, to where it was before %s", versionOr(p.Baseline), versionOr(p.Candidate), p.Spec.Environment, p.Restores)
	case p.Baseline == p.Candidate:
		what = fmt.Sprintf("%s on the instances that do not serve it, in %s", versionOr(p.Candidate), p.Spec.Environment)
	}
	end := p.Stages[len(p.Stages)-1].Exposure
	last := Timeline(p)[len(p.Stages)-1]
	return fmt.Sprintf("%s: %s%s in %s, done after %s; %s%s", what, p.tenantsAnd(end), Plural(end.Instances, "instance"),
		Plural(len(p.Stages), "stage"), spanText(last), guardsText(p), holdText(p))
}

// tenantsAnd counts the tenants of e, "" where the fleet does not know them.
func (p *Plan) tenantsAnd(e Exposure) string {
	if len(p.Tenants) == 0 {
		return ""
	}
	return Plural(e.Tenants, "tenant") + " and "
}

func fromTo(p *Plan) string { return versionOr(p.Baseline) + " -> " + versionOr(p.Candidate) }

func stageLine(p *Plan, s *Stage, span Span) string {
	parts := []string{s.Exposure.String()}
	if s.Settle > 0 {
		parts = append(parts, "ready within "+Spoken(s.Settle))
	}
	switch longest := extended(s.Bake, s.Gate.MaxExtension); {
	case s.Bake == 0 && s.Gate.IsZero():
	case s.Bake == 0:
		parts = append(parts, "checked at once")
	case s.Gate.IsZero():
		parts = append(parts, "waits "+Spoken(s.Bake))
	case longest > s.Bake:
		parts = append(parts, fmt.Sprintf("watched for %s, at most %s", Spoken(s.Bake), Spoken(longest)))
	default:
		parts = append(parts, "watched for "+Spoken(s.Bake))
	}
	parts = append(parts, "over after "+spanText(span))
	if then := s.Gate.consequences(p); then != "" {
		parts = append(parts, then)
	}
	if s.Hold {
		parts = append(parts, "then waits for a person")
	}
	if s.Final {
		parts = append(parts, "no way back once begun")
	}
	if s.OneWay != "" {
		parts = append(parts, "final: "+s.OneWay+"; a rollback cannot undo this stage")
	}
	return fmt.Sprintf("%s at %s: %s", fromTo(p), s.Name, strings.Join(parts, "; "))
}

// consequences is what a verdict that is not a pass leads to, "" where nothing is judged.
func (g *Gate) consequences(p *Plan) string {
	switch {
	case g.IsZero():
		return ""
	case g.Compare != nil && g.OnFail == Hold:
		return "if B does not win, or too little is seen of it: hold"
	case g.Compare != nil:
		return fmt.Sprintf("if B does not win, or too little is seen of it, A, %s, stays", versionOr(p.Baseline))
	case g.Smoke:
		return fmt.Sprintf("a failed or unfinished test: %s", g.OnFail)
	default:
		return fmt.Sprintf("failed: %s; too little data: %s", g.OnFail, g.OnInconclusive)
	}
}

func guardsText(p *Plan) string {
	g := &p.Guards
	if g.ConsecutiveHealthFailures == 0 && g.MaxErrorRate == 0 && g.MaxLatencyP99Ratio == 0 {
		return "no guard watches"
	}
	if p.toward() == Retained && !p.Repairs() && g.OnTrip == Rollback {
		return "a guard that trips: A stays"
	}
	return "a guard that trips: " + string(g.OnTrip)
}

// spanText reads "10m to 20m30s".
func spanText(s Span) string {
	if s.Earliest == s.Latest {
		return Spoken(s.Latest)
	}
	return Spoken(s.Earliest) + " to " + Spoken(s.Latest)
}
