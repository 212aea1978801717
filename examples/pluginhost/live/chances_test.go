package live

import (
	"math"
	"testing"
)

// chances counts how many figures lie outside of bands that have 95 of 100: some do, and each
// that does is told. Too many have a reason.
type chances struct{ of, outside int }

// hold holds a row against its bands.
func (c *chances) hold(t *testing.T, row Row) {
	t.Helper()
	for _, p := range row.Real {
		c.of += 2
		if p.Detected >= 0 {
			c.of++
		}
		t.Logf("%s of %s: %s in %.1f s (%s), found after %.1f s (%s), %d failed (%s), %d tenants (%s)", row.Policy, row.Version, p.Outcome,
			p.Took, row.Said.Took, p.Detected, row.Said.Detected, p.Failed, row.Said.Failed, p.Tenants, row.Said.Tenants)
		if row.Said.Outcomes[p.Outcome] == 0 {
			t.Errorf("%s: the simulator never saw that: %v", p.Outcome, row.Said.Outcomes)
		}
		n := row.outside(p)
		c.outside += len(n)
		for _, what := range n {
			t.Logf("outside: %s", what)
		}
	}
}

// end fails where so many would be outside once in a thousand times.
func (c *chances) end(t *testing.T) {
	t.Helper()
	most, left := 0, 1.0
	for k := 0; k <= c.of; k++ {
		left -= binomial(c.of, k, 0.05)
		if left < 0.001 {
			most = k
			break
		}
	}
	t.Logf("%d of %d figures are outside of their bands; %d may be", c.outside, c.of, most)
	if c.outside > most {
		t.Errorf("%d of %d figures are outside of bands of 95 %%, which is no chance: the model is wrong", c.outside, c.of)
	}
}

func binomial(n, k int, p float64) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return math.Exp(a - b - c + float64(k)*math.Log(p) + float64(n-k)*math.Log(1-p))
}
