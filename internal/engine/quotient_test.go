package engine_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestFieller compares with what the bound means: at it, b - a x is t of its own
// deviations away from nothing.
func TestFieller(t *testing.T) {
	for _, lower := range []bool{false, true} {
		for _, c := range []struct{ a, b, va, vb float64 }{{0.03, 0.05, 1e-6, 2e-6}, {0.03, 0.02, 4e-6, 1e-6}, {0.01, 0.01, 1e-6, 0}, {5, 6, 0, 1}} {
			least := engine.LeastGain(c.a, c.b, c.va, c.vb, lower, 1.7)
			x := 1 + least
			if lower {
				x = 1 - least
			}
			away := math.Abs(c.b-c.a*x) / math.Sqrt(c.vb+x*x*c.va)
			gain := (c.b - c.a) / c.a
			if lower {
				gain = -gain
			}
			if math.Abs(away-1.7) > 1e-9 || least >= gain {
				t.Errorf("%+v, lower is better: %t: the bound %.4f of the gain %.4f is %.4f deviations away", c, lower, least, gain, away)
			}
		}
	}
	if got := engine.LeastGain(0.03, 0.05, 1e-3, 1e-6, false, 1.7); got != -1 {
		t.Errorf("what is not known at all has the bound %g", got)
	}
}

// TestFewTenants holds that tests between identical versions find a winner in at
// most 5 % of them with few and very unlike tenants too, and as often on one side as on
// the other, whether the arms were alike before or not.
func TestFewTenants(t *testing.T) {
	const runs = 2000
	for _, c := range []struct {
		name  string
		known bool
		ahead float64 // how much more B's tenants err than A's, before and now
	}{{"without the time before", false, 1}, {"with it", true, 1}, {"with it, where B was ahead", true, 1.5}} {
		draw := rand.New(rand.NewPCG(7, 7))
		var better, worse float64
		for range runs {
			e := tenants(draw, 30, 1, 1)
			for i := range e.Pairs {
				p := &e.Pairs[i]
				// Tenants send unlike amounts, and those of B err more.
				size := math.Exp(0.5 * draw.NormFloat64())
				more := 1.0
				if p.B {
					more = c.ahead
				}
				for _, of := range []*engine.TenantCount{p.Now, p.Before} {
					rate := float64(of.Errors) / float64(of.Requests) * more
					of.Requests = int64(math.Round(2000 * size))
					of.Errors = int64(math.Round(rate * float64(of.Requests)))
				}
				if !c.known {
					p.Before = nil
				}
			}
			p := engine.ChanceOf(engine.ErrorRate, e.Pairs)
			better, worse = better+float64(truth(p < 0.05))/runs, worse+float64(truth(p > 0.95))/runs
		}
		t.Logf("%s: %.1f %% better, %.1f %% worse", c.name, 100*better, 100*worse)
		if better > 0.065 || worse > 0.065 { // 5 %, and three deviations of 2,000 tests
			t.Errorf("%s: B is better in %.3f of the tests against itself, and worse in %.3f", c.name, better, worse)
		}
	}
}

// TestNewTenants holds that tenants without a time before do not take it from the
// others: conversions that are a tenth better are found with a few of them too.
func TestNewTenants(t *testing.T) {
	const runs = 100
	found := func(news int) (n int) {
		draw := rand.New(rand.NewPCG(9, 9))
		for range runs {
			e := tenants(draw, 150, 1, 1.1)
			for i := range news {
				e.Pairs[i].Before = nil
			}
			n += truth(engine.ChanceOf(engine.ConversionRate, e.Pairs) < 0.05)
		}
		return n
	}
	if all, most, none := found(0), found(2), found(150); all < 85 || most < 65 || none > 30 {
		t.Errorf("of %d tests, %d find the better conversion, %d with two new tenants, and %d with new ones only", runs, all, most, none)
	}
}

// TestUnevenSplit holds that B is found better than itself in at most 5 % of the tests where
// it has a few tenants, which are very unlike, and nobody knows how they did before. Student's
// law finds it better in twice as many and more.
func TestUnevenSplit(t *testing.T) {
	const runs = 2000
	for _, c := range []struct {
		tenants, b int
		spread     float64
	}{{150, 15, 1.06}, {150, 15, 2}, {40, 4, 2}, {11, 5, 2}} {
		draw := rand.New(rand.NewPCG(21, uint64(c.tenants)))
		better, student := 0, 0
		for range runs {
			pairs := make([]engine.Pair, c.tenants)
			for i, at := range draw.Perm(c.tenants) {
				requests := math.Round(3000 * math.Exp(c.spread/2*draw.NormFloat64()))
				rate := 0.03 * math.Exp(c.spread*draw.NormFloat64()-c.spread*c.spread/2)
				pairs[at] = engine.Pair{B: i < c.b, Now: &engine.TenantCount{Requests: int64(requests), Errors: poisson(draw, requests*min(1, rate))}}
			}
			better += truth(engine.ChanceOf(engine.ErrorRate, pairs) < 0.05)
			student += truth(engine.ChanceByStudent(engine.ErrorRate, pairs) < 0.05)
		}
		t.Logf("%d of %d tenants, spread %g: found better in %.1f %%, by Student's law in %.1f %%", c.b, c.tenants, c.spread, 100*float64(better)/runs, 100*float64(student)/runs)
		if float64(better) > 0.065*runs {
			t.Errorf("%d of %d tenants, spread %g: B is better than itself in %d of %d tests", c.b, c.tenants, c.spread, better, runs)
		}
	}
}
