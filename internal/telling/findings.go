package telling

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// fact is a line of a name and what there is to say of it.
func fact(b *strings.Builder, name, text string) { fmt.Fprintf(b, "  %-12s %s\n", name, text) }

// findings are the lines of a verdict, what failed first.
func findings(b *strings.Builder, v *engine.Verdict) {
	name := "Measured"
	for _, failed := range []bool{true, false} {
		for _, f := range v.Findings {
			if (f.Result == engine.Fail) == failed {
				fact(b, name, fmt.Sprintf("%s: %s", ResultText(f.Result), f.Detail))
				name = ""
			}
		}
	}
}

// ResultText is what became of a check, in words.
func ResultText(r engine.Result) string {
	if r == engine.Uncompared {
		return "not compared"
	}
	return string(r)
}

// sample is what a verdict rests on. Where nobody counted tenants, none are named.
func sample(v *engine.Verdict) string {
	text := engine.Plural(v.Requests, "request")
	if v.Tenants > 0 {
		text += " of " + engine.Plural(v.Tenants, "tenant")
	}
	return text + " over " + Length(v.Window)
}

// compared is what was observed against what is allowed.
func compared(f engine.Finding) string {
	m, observed, allowed := engine.Metric(f.Metric), f.Observed, f.Allowed
	switch {
	case m == engine.ErrorRatio && f.Infinite:
		return fmt.Sprintf("%s above the old version's, which does not err", m.Name())
	case m == engine.ErrorRatio:
		like := " among like tenants"
		if f.Unadjusted {
			like = ""
		}
		return fmt.Sprintf("%s %s times the old version's%s, allowed is at most %s times", m.Name(), engine.Significant(observed), like, engine.Significant(allowed))
	}
	bound := "at most"
	if !m.LowerIsBetter() {
		bound = "at least"
	}
	return fmt.Sprintf("%s %s, allowed is %s %s", m.Name(), m.Text(observed), bound, m.Text(allowed))
}

// comparison is the table of an A/B test.
func comparison(v *engine.Verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %-18s %12s %12s %10s  %s\n", "Metric", "A", "B", "B's edge", "B is")
	for _, c := range v.Comparison {
		word := c.Word
		if c.Decides {
			word += " (decides)"
		}
		if c.P > 0 || c.Least != 0 { // a judge that reckons with chance
			word += fmt.Sprintf("; at least %s%s", engine.Edge(c.Least), chance(c))
		}
		fmt.Fprintf(&b, "  %-18s %12s %12s %10s  %s\n", c.Metric.Name(), c.Metric.Text(c.A), c.Metric.Text(c.B),
			engine.Edge(c.Advantage), word)
	}
	fmt.Fprintf(&b, "  from %s\n", sample(v))
	if adjusts(v) {
		fmt.Fprintf(&b, "  %s\n", engine.EdgeText)
	}
	return b.String()
}

// adjusts says whether B's edge in some row is not what A and B make of it at first sight.
func adjusts(v *engine.Verdict) bool {
	return slices.ContainsFunc(v.Comparison, func(c engine.Comparison) bool { return c.Adjusted() })
}

// chance is the probability of an advantage by chance, where it is known.
func chance(c engine.Comparison) string {
	switch {
	case c.Metric == engine.LatencyP99:
		return ""
	case c.P < 0.001:
		return ", p < 0.001"
	default:
		return ", p = " + engine.Significant(c.P)
	}
}
