package engine

import (
	"fmt"
	"strings"
)

// String lists the checks with their bounds and what failing them leads to, and then
// what a pass needs and what follows where that is not there.
func (g Gate) String() string {
	if g.IsZero() {
		return "-"
	}
	if g.Smoke {
		return "smoke tests pass, else " + string(g.OnFail)
	}
	var parts []string
	for _, c := range g.Checks {
		parts = append(parts, c.String())
	}
	if text := g.baselineText(); text != "" {
		parts = append(parts, text)
	}
	if g.Compare != nil {
		parts = append(parts, fmt.Sprintf("B better by %s on %s", pct(g.Compare.WinnerThreshold), namesOf(g.Compare.Metrics)))
	}
	fail, inconclusive := g.Leads()
	if fail == Retain {
		fail, inconclusive = "A stays", "A stays"
	}
	text := strings.Join(parts, ", ") + ", else " + fail
	if least := g.minimum(); least != "" {
		return fmt.Sprintf("%s; %s, else %s", text, least, inconclusive)
	}
	return text + "; undecided: " + inconclusive
}

// Leads says what a failure leads to, and too little data: a [Policy], or [Retain]. That B is not
// seen to win is the answer of a test, and too little data is one reason for it.
func (g Gate) Leads() (fail, inconclusive string) {
	switch {
	case g.Compare == nil:
		return string(g.OnFail), string(g.OnInconclusive)
	case g.OnFail == Rollback:
		return Retain, Retain
	default: // it cannot be taken back
		return string(g.OnFail), string(g.OnFail)
	}
}

// baselineText says how the comparison with the version that still runs is made; ""
// where there is none.
func (g Gate) baselineText() string {
	if g.Mode != Sequential {
		return ""
	}
	text := fmt.Sprintf("error rate not over %.4g times the baseline's where both serve", 1+g.MinEffect)
	if g.Alpha > 0 {
		text += fmt.Sprintf(" (alpha %.3g)", g.Alpha*relativeShare)
	}
	return text
}

// minimum is what a verdict needs; "" where it needs nothing.
func (g Gate) minimum() string {
	var parts []string
	if g.MinRequests > 0 {
		parts = append(parts, "at least "+Plural(g.MinRequests, "request"))
	}
	if g.MinTenants > 0 {
		parts = append(parts, "at least "+Plural(g.MinTenants, "tenant"))
	}
	return strings.Join(parts, " of ")
}

// String reads "error rate <= 5 %".
func (c Check) String() string {
	switch c.Metric {
	case ErrorRate:
		return "error rate <= " + pct(c.Bound)
	case SuccessRate:
		return "success rate >= " + pct(c.Bound)
	case LatencyP99:
		return "p99 <= " + ms(c.Bound)
	case CPU:
		return "CPU <= " + pct(c.Bound)
	case Memory:
		return "memory <= " + pct(c.Bound)
	case TenantErrorRate:
		return "no tenant above an error rate of " + pct(c.Bound)
	default:
		return "execution time <= " + ms(c.Bound)
	}
}
