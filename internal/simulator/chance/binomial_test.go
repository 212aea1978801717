package chance

import (
	"fmt"
	"math"
	"testing"
)

// Counts of each size come up as often as the binomial law says: of the cells that are
// likely enough, chi-squared.
func TestBinomialIsFaithful(t *testing.T) {
	const draws = 200_000
	for _, n := range []int64{1, 6, 30, 99, 1500, 40_000, 3_000_000} {
		for _, p := range []float64{1e-6, 0.0007, 0.01, 0.099, 0.11, 0.3, 0.5, 0.8, 0.999} {
			t.Run(fmt.Sprint(n, " ", p), func(t *testing.T) {
				s := StreamOf(11, ForSwarm, uint64(n), math.Float64bits(p))
				counts := map[int64]float64{}
				for range draws {
					counts[Binomial(&s, n, Of(p))]++
				}
				chi, cells, rest, restWant := 0.0, 0, float64(draws), float64(draws)
				nf := float64(n)
				spread := 6*math.Sqrt(nf*p*(1-p)) + 10
				for k := int64(max(0, nf*p-spread)); k <= min(n, int64(nf*p+spread)); k++ {
					a, _ := math.Lgamma(nf + 1)
					b, _ := math.Lgamma(float64(k) + 1)
					c, _ := math.Lgamma(float64(n-k) + 1)
					want := draws * math.Exp(a-b-c+float64(k)*math.Log(p)+float64(n-k)*math.Log1p(-p))
					if want < 10 {
						continue
					}
					off := counts[k] - want
					chi += off * off / want
					cells++
					rest, restWant = rest-counts[k], restWant-want
				}
				if restWant > 10 {
					chi += (rest - restWant) * (rest - restWant) / restWant
					cells++
				} else if rest > 60 {
					t.Errorf("%v of %d draws are where hardly any should be", rest, draws)
				}
				if df := float64(cells - 1); chi-df > 5*math.Sqrt(2*df)+15 {
					t.Errorf("chi-squared is %.1f with %.0f degrees of freedom", chi, df)
				}
			})
		}
	}
}

func TestStirling(t *testing.T) {
	for k := range 30 {
		n := float64(k)
		want, _ := math.Lgamma(n + 1)
		want -= (n+0.5)*math.Log(n+1) - (n + 1) + math.Log(2*math.Pi)/2
		if got := stirling(n); math.Abs(got-want) > 1e-9 {
			t.Errorf("stirling(%d) is %v, want %v", k, got, want)
		}
	}
}
