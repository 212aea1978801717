package engine

import (
	"fmt"
	"math"
	"time"
)

// leastOfArm is how many tenants each arm of an A/B test needs: of one alone nobody can
// say how much tenants differ.
const leastOfArm = 2

// checkABTesting finds what only the fleet shows to be wrong with a test.
func (c *compiler) checkABTesting(ps *Problems, movable int) {
	a, baseline := *c.spec.ABTesting, c.plan.Baseline
	switch {
	case baseline == "":
		ps.add("strategy", ABTesting, "compares with the active version, and there is none: roll the first version out with another strategy")
	case a.VariantA != nil && *a.VariantA != baseline && baseline != c.spec.Version:
		ps.add("ab_testing.variant_a", quote(*a.VariantA), "is not the active version %q", baseline)
	}
	if least := 2 * leastOfArm; movable < least {
		ps.add("strategy", ABTesting, "needs at least %d tenants that are not pinned, %d for each variant, and there are %d", least, leastOfArm, movable)
	}
}

// untestable refuses a split that leaves an arm with too few tenants to compare. Where B
// runs already there is no test, and that is said.
func (c *compiler) untestable() (ps Problems) {
	a := c.spec.ABTesting
	if c.plan.Baseline == c.plan.Candidate {
		if a.VariantA != nil {
			c.warnf("there is no test", "variant B, %s, is the active version already, so that it is not compared with variant_a = %q", c.plan.Candidate, *a.VariantA)
		}
		return nil
	}
	split := a.TrafficSplit
	free := c.plan.Movable
	b, _ := c.tenantsOfB(float64(split.B))
	pinned := ""
	if held := len(c.plan.Tenants) - free; held > 0 {
		pinned = fmt.Sprintf(" (%d more are pinned already)", held)
	}
	for _, arm := range []struct {
		name    string
		tenants int
	}{{"A", free - b}, {"B", b}} {
		if arm.tenants < leastOfArm {
			ps.add("ab_testing.traffic_split", fmt.Sprintf("%d:%d", split.A, split.B), "gives %s %s of %d%s: each variant needs at least %d, or no test could ever decide",
				arm.name, Plural(arm.tenants, "tenant"), free, pinned, leastOfArm)
		}
	}
	return ps
}

// warnABTesting says before a test begins what it cannot show.
func (c *compiler) warnABTesting() {
	if c.spec.Kind() != Production {
		c.warnf("no real users", "an A/B test in %s compares versions without real users; Production is where it means something", c.spec.Environment)
	}
	a, rps := c.spec.ABTesting, c.fleet.RequestsPerSecond
	n, shareB := c.tenantsOfB(float64(a.TrafficSplit.B))
	c.warnFewTenants(c.plan.Movable, n)
	length := time.Duration(*a.TestDuration)
	arms := [2]armSize{c.armOf(Range{n, c.plan.Movable}), c.armOf(Range{0, n})}
	arms[0].requests, arms[1].requests = rps*length.Seconds()*(100-shareB)/100, rps*length.Seconds()*shareB/100
	if seen := c.detectable(arms); *c.spec.Analysis.Mode == string(Sequential) && seen > *a.WinnerThreshold {
		c.warnf("small effects are not seen", "the smallest difference in error rates that this test can see is about %s, with %d and %d tenants, above winner_threshold = %s: test for longer, with more tenants in the smaller variant, or ask for less",
			pct(seen), arms[0].tenants, arms[1].tenants, pct(*a.WinnerThreshold))
	}
	expected := min(arms[0].requests, arms[1].requests)
	switch needs := *c.spec.Analysis.MinRequests; {
	case rps <= 0 && needs > 0:
		c.warnf("no traffic", "a verdict needs %d requests in each variant, and the fleet tells of no traffic: without them A will stay", needs)
	case expected < float64(needs):
		c.warnf("too little traffic", "the smaller variant can expect %.0f requests in %s, and a verdict needs %d: A will stay", expected, Spoken(length), needs)
	}
}

// warnFewTenants says that no difference, however large, could convince, since chance draws the
// same arms often enough, and how many tenants it takes.
func (c *compiler) warnFewTenants(all, b int) {
	level := testLevel / float64(len(c.spec.ABTesting.DecisionMetrics))
	if *c.spec.Analysis.Mode != string(Sequential) || all == 0 || rarest(all, b) < level {
		return
	}
	needs := all
	for ; rarest(needs, max(leastOfArm, (needs*b+all/2)/all)) >= level; needs++ {
	}
	c.warnf("too few tenants for any verdict", "of %s, %d have B, and chance divides them the same way once in %.0f: a metric has to be better past %s to count, so that A will stay whatever B does; with this split it takes %d tenants",
		Plural(all, "tenant"), b, 1/rarest(all, b), pct(level), needs)
}

// rarest is the least probability that a test among so many tenants, b of whom have B, can
// ever find: that of drawing just these.
func rarest(all, b int) float64 {
	p := 1.0
	for i := range min(b, all-b) {
		p *= float64(i+1) / float64(all-i)
	}
	return p
}

// armSize is how much a test's arm can show.
type armSize struct {
	tenants   int
	effective float64 // as many alike tenants weigh as much: (sum w)^2 / sum w^2
	requests  float64 // to be expected
}

func (c *compiler) armOf(r Range) armSize {
	var sum, squares float64
	for _, t := range c.plan.Tenants[r.From:r.To] {
		sum += t.Weight
		squares += float64(t.Weight * t.Weight)
	}
	return armSize{tenants: r.Len(), effective: over(sum*sum, squares)}
}

// detectable is the smallest relative difference in error rates that a test sees with a
// chance of 80 %: (t_alpha + z_power) deviations of the quotient of the arms' rates. Each
// arm adds to its variance what chance makes of its errors and, as the tenant is the unit,
// how unlike its tenants are, less what their own time before explains. 0 where errors are
// not known.
func (c *compiler) detectable(arms [2]armSize) float64 {
	p, known := pastOf(c.fleet.Tenants)
	if !known || p.rate <= 0 {
		return 0
	}
	unexplained := p.between / p.rate / p.rate * over(p.noise, p.between+p.noise)
	var variance float64
	for _, a := range arms {
		if a.requests <= 0 || a.effective <= 0 {
			return 0
		}
		variance += 1/(a.requests*p.rate) + unexplained/a.effective
	}
	df := max(1, arms[0].effective+arms[1].effective-2)
	return (studentQuantile(testLevel, df) + normalQuantile(testPower)) * math.Sqrt(variance)
}
