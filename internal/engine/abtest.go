package engine

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Levels of an A/B test's decisions, one-sided.
const (
	testLevel  = 0.05  // of the family of decision metrics, and of each guardrail
	ratioLevel = 0.001 // of the sample-ratio check
	testPower  = 0.8   // of the smallest effect that a test is said to see
)

// decideTest ends an A/B test that reckons with chance. The tenant is the unit: the
// requests of one tenant are alike, and counting each as an observation of its own
// finds differences that are not there.
//
// B wins where a decision metric is better by at least the winner threshold and
// significantly so (Holm over the decision metrics), none is significantly worse by
// more than the margin, and no guardrail may be. Otherwise A stays, and the
// reason says whether there was no effect, too little to see one, or harm.
func decideTest(g *Gate, e *Evidence, v Verdict) Verdict {
	v.Winner, v.Result = "A", Fail
	c := g.Compare
	if reason := invalidTest(g, e); reason != "" {
		v.Reason = "A stays: " + reason
		return v
	}
	v.Comparison = compareTenants(g, e)
	holm(v.Comparison)
	t := tallyOfTest{proven: worseOf(v.Comparison)}
	for i := range v.Comparison {
		t.add(&v.Comparison[i], g)
	}
	switch {
	case len(t.lost) > 0:
		v.Harm, v.Reason = true, "A stays: B is worse: "+strings.Join(t.lost, ", ")
	case len(t.won) > 0 && len(t.unsafe)+len(t.doubted) > 0:
		v.Reason = fmt.Sprintf("A stays: B is better (%s), but %s", strings.Join(t.won, ", "), strings.Join(append(t.unsafe, t.doubted...), ", "))
	case len(t.won) > 0:
		v.Winner, v.Result, v.Reason = "B", Pass, "B wins: "+strings.Join(t.won, ", ")
	case len(t.unseen) > 0:
		v.Reason = fmt.Sprintf("A stays: no advantage of at least %s was shown, and this test sees only %s", pct(c.WinnerThreshold), strings.Join(t.unseen, ", "))
	default:
		v.Reason = fmt.Sprintf("A stays: B is not better by at least %s on %s", pct(c.WinnerThreshold), namesOf(c.Metrics))
	}
	if len(t.won) == 0 && !v.Harm && len(t.doubted) > 0 {
		v.Reason += "; " + strings.Join(t.doubted, ", ")
	}
	return v
}

// tallyOfTest is what the rows of a test say, in words.
type tallyOfTest struct {
	proven    map[Metric]bool // that B is worse on, all metrics reckoned in
	won, lost []string
	doubted   []string // what B came out worse on, by no more than chance makes of one of so many
	unsafe    []string // guardrails on which B may be worse than is allowed
	unseen    []string // what the test cannot see
}

func (t *tallyOfTest) add(r *Comparison, g *Gate) {
	name, least := r.Metric.Name(), g.Compare.WinnerThreshold
	switch {
	case r.Word == "no data":
		t.unseen = append(t.unseen, fmt.Sprintf("no data for %s", name))
	case r.Word == "unknown":
		t.unseen = append(t.unseen, fmt.Sprintf("nothing of %s, of which there was none to compare", name))
	case r.Significant && r.Advantage >= least:
		t.won = append(t.won, fmt.Sprintf("%s %s (%s)", name, signed(r.Advantage), chance(r.P)))
	case r.P > 1-testLevel && r.Advantage < -g.Margin:
		t.lose(r)
	}
	if slices.Contains(guardrails, r.Metric) && r.Word != "no data" && r.Least < -g.Margin {
		t.unsafe = append(t.unsafe, mayBeWorse(r, g))
	}
	if r.Decides && r.Detectable > least {
		t.unseen = append(t.unseen, fmt.Sprintf("%s from %s on", name, pct(r.Detectable)))
	}
}

// lose notes a metric on which B came out worse by more than the margin.
func (t *tallyOfTest) lose(r *Comparison) {
	name, by := r.Metric.Name(), signed(r.Advantage)
	if t.proven[r.Metric] {
		t.lost = append(t.lost, name+" "+by)
		return
	}
	t.doubted = append(t.doubted, fmt.Sprintf("B came out worse on %s (%s), which chance makes of one of so many metrics", name, by))
}

// mayBeWorse says of a guardrail how much worse B may be. Where A never errs that is no
// share of A's.
func mayBeWorse(r *Comparison, g *Gate) string {
	if r.Metric == ErrorRate && r.A == 0 {
		return fmt.Sprintf("%s may be %s where A has none (allowed: %s)", r.Metric.Name(), pct(r.Least/-g.Margin*g.absoluteMargin()), pct(g.absoluteMargin()))
	}
	return fmt.Sprintf("%s may be %s (allowed: %s)", r.Metric.Name(), signed(r.Least), pct(g.Margin))
}

// chance writes a probability of chance.
func chance(p float64) string {
	if p < 0.001 {
		return "p < 0.001"
	}
	return fmt.Sprintf("p = %.2g", p)
}

// invalidTest says why a test says nothing at all.
func invalidTest(g *Gate, e *Evidence) string {
	for _, arm := range []struct {
		name string
		m    Measurement
	}{{"A", e.Baseline}, {"B", e.Candidate}} {
		if short := shortOf(g, &arm.m); len(short) > 0 {
			return fmt.Sprintf("too little was seen of %s: %s", arm.name, strings.Join(short, "; "))
		}
	}
	if len(e.Pairs) == 0 {
		return "the fleet does not count by tenant"
	}
	var seen [2]float64
	for i := range e.Pairs {
		p := &e.Pairs[i]
		if p.Now.Requests > 0 {
			seen[armOf(p.B)]++
		}
	}
	planned := [2]float64{float64(g.Compare.TenantsA), float64(g.Compare.TenantsB)}
	if planned[0]+planned[1] == 0 {
		return ""
	}
	var chi float64
	for arm := range seen {
		expected := (seen[0] + seen[1]) * planned[arm] / (planned[0] + planned[1])
		chi += float64((seen[arm]-expected)*(seen[arm]-expected)) / expected
	}
	if p := chiSquaredTail(chi, 1); p < ratioLevel {
		return fmt.Sprintf("the sample is not what the split says: %g tenants on A and %g on B where %g and %g were assigned (chi-squared %.1f, p = %.2g)",
			seen[0], seen[1], planned[0], planned[1], chi, p)
	}
	return ""
}

// compareTenants is the table of a test whose unit is the tenant.
func compareTenants(g *Gate, e *Evidence) []Comparison {
	metrics := slices.Clone(g.Compare.Metrics)
	for _, m := range guardrails {
		if !slices.Contains(metrics, m) {
			metrics = append(metrics, m)
		}
	}
	ratios := slices.DeleteFunc(slices.Clone(metrics), func(m Metric) bool { return m == LatencyP99 })
	cs := &columns{pairs: e.Pairs, lots: e.Lots, metrics: ratios}
	rows := make([]Comparison, len(metrics))
	for i, m := range metrics {
		row := Comparison{Metric: m, Decides: slices.Contains(g.Compare.Metrics, m), Word: "no data"}
		if m == LatencyP99 {
			compareP99(&row, cs.ofB(m), g, e)
		} else {
			compareRatio(&row, cs.column(m), m, g, e)
		}
		switch {
		case row.Word == "no data" || row.Word == "unknown" || m == LatencyP99:
		case row.P < testLevel:
			row.Word = "better"
		case row.P > 1-testLevel:
			row.Word = "worse"
		default:
			row.Word = "same"
		}
		for _, v := range []*float64{&row.A, &row.B, &row.Advantage, &row.Least, &row.P, &row.Detectable} {
			*v = rounded(*v)
		}
		rows[i] = row
	}
	return rows
}

// fractionOf is a metric of one tenant as y over x.
func fractionOf(m Metric, t *TenantCount) (y, x float64) {
	switch m {
	case Latency:
		return t.Latency.Sum, float64(t.Latency.Count)
	case ErrorRate:
		return float64(t.Errors), float64(t.Requests)
	case SuccessRate:
		return float64(t.Requests - t.Errors - t.Timeouts), float64(t.Requests)
	case ConversionRate:
		return float64(t.Conversions), float64(t.Requests)
	case UserSatisfaction:
		return t.Satisfaction.Sum, float64(t.Satisfaction.Count)
	case Throughput:
		return float64(t.Requests), 1
	default: // the share of requests slower than the scope's bound
		return float64(t.Slower), float64(t.Requests)
	}
}

// compareP99 compares the 99th percentiles. They have no variance by tenant, but the
// share of B's requests that are slower than A's percentile, tolerance added, has:
// B is no worse by more than the margin where that share is at most 1 %.
func compareP99(row *Comparison, slow sample, g *Gate, e *Evidence) {
	a := e.Baseline.percentile()
	b := e.Candidate.percentile()
	if !(a > 0) || !(b > 0) || slow.n < 2 {
		return
	}
	row.A, row.B, row.Word = a, b, "same"
	row.Advantage = advantage(LatencyP99, a, b)
	sd := math.Sqrt(slow.variance(adjustment{}))
	bound := slow.ratio + float64(studentQuantile(testLevel, max(1, float64(slow.n-1)))*sd)
	// As an advantage: within the margin where the bound is, beyond it where it is not.
	if row.Least = row.Advantage; bound > 0.01 {
		row.Least = min(row.Advantage, -g.Margin*(1+(bound-0.01)/0.01))
	}
	switch {
	case row.Least >= -g.Margin && row.Advantage > g.Margin:
		row.Word = "better"
	case row.Least < -g.Margin && row.Advantage < -g.Margin:
		row.Word = "worse"
	}
}
