package engine_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestUpperBound compares with the definition: under the bound, k or fewer out of n
// have a probability of exactly 1-confidence. The sum of binomial terms is the oracle.
func TestUpperBound(t *testing.T) {
	for _, c := range []struct{ k, n int64 }{{0, 59}, {0, 299}, {1, 100}, {12, 400}, {180, 2000}, {3, 5}} {
		p := engine.UpperBound(c.k, c.n, 0.95)
		var tail float64
		for i := int64(0); i <= c.k; i++ {
			tail += math.Exp(logChoose(c.n, i) + float64(i)*math.Log(p) + float64(c.n-i)*math.Log1p(-p))
		}
		if math.Abs(tail-0.05) > 1e-6 {
			t.Errorf("bound of %d of %d is %g, under which the tail is %g, want 0.05", c.k, c.n, p, tail)
		}
	}
	if engine.UpperBound(0, 0, 0.95) != 1 || engine.UpperBound(7, 7, 0.95) != 1 {
		t.Error("no data, or nothing but failures, is bounded below 1")
	}
}

func logChoose(n, k int64) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// TestTails compares with printed tables.
func TestTails(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"t 10, 1.812", engine.StudentTail(1.8125, 10), 0.05},
		{"t 30, -2.042", engine.StudentTail(-2.0423, 30), 0.975},
		{"t quantile 0.05, 10", engine.StudentQuantile(0.05, 10), 1.8125},
		{"t quantile 0.025, 148", engine.StudentQuantile(0.025, 148), 1.9761},
		{"chi-squared 1, 3.841", engine.ChiSquaredTail(3.8415, 1), 0.05},
		{"chi-squared 1, 10.828", engine.ChiSquaredTail(10.8276, 1), 0.001},
		{"normal 0.8", engine.NormalQuantile(0.8), 0.8416},
	} {
		if math.Abs(c.got-c.want) > 1e-4 {
			t.Errorf("%s: %.5f, want %.5f", c.name, c.got, c.want)
		}
	}
}

// TestEvidenceIsTheMixture compares with the likelihood ratios written out, effect
// by effect, in the terms of the binomial distribution.
func TestEvidenceIsTheMixture(t *testing.T) {
	relative, absolute := engine.Effects()
	weights := engine.EffectWeights()
	var whole float64
	for i, w := range weights {
		whole += w
		if want := 1 / math.Pow(2, float64(i+1)); math.Abs(w-want) > 0.01 {
			t.Errorf("effect %d weighs %g, want about %g", i, w, want)
		}
	}
	if math.Abs(whole-1) > 1e-9 {
		t.Errorf("the weights sum to %g", whole)
	}
	for _, c := range []struct {
		kc, k0 int64
		r      float64
	}{{20, 50, 0.1}, {3, 4, 0.2}, {182, 720, 0.11}, {5000, 9000, 0.4}} {
		var sum float64
		theta := func(rho float64) float64 { return rho * c.r / (rho*c.r + 1) }
		for i, rho := range relative {
			sum += weights[i] * math.Exp(float64(c.kc)*math.Log(theta(rho)/theta(1.25))+float64(c.k0)*math.Log((1-theta(rho))/(1-theta(1.25))))
		}
		want := math.Log(sum)
		if got := engine.RelativeEvidence(c.kc, c.k0, c.r, 0); math.Abs(got-want) > 1e-9*math.Max(1, math.Abs(want)) && got != 0 {
			t.Errorf("relative(%d, %d, %g) = %g, want %g", c.kc, c.k0, c.r, got, want)
		}
	}
	for _, c := range []struct {
		k               int64
		expected, doubt float64
	}{{12, 5, 0}, {90, 50, 0}, {4, 1.5, 0.01}, {90, 50, 0.04}, {400, 50, 0.25}} {
		var sum float64
		for i, rho := range absolute {
			sum += weights[i] * math.Exp(logCount(c.k, rho*c.expected, c.doubt)-logCount(c.k, c.expected, c.doubt))
		}
		want := math.Log(sum)
		if got := engine.ExcessEvidence(c.k, c.expected, c.doubt); math.Abs(got-want) > 1e-9*math.Max(1, math.Abs(want)) {
			t.Errorf("excess(%d, %g, %g) = %g, want %g", c.k, c.expected, c.doubt, got, want)
		}
	}
	if engine.RelativeEvidence(0, 100, 0.1, 0) != 0 || engine.ExcessEvidence(0, 5, 0) != 0 || engine.ExcessEvidence(5, 5, 0.1) != 0 {
		t.Error("no more failures than are expected are evidence")
	}
	for _, c := range []struct{ kc, k0 int64 }{{20, 50}, {90, 300}} { // little doubt is none, and more of it weakens
		none, little, much := engine.RelativeEvidence(c.kc, c.k0, 0.1, 0), engine.RelativeEvidence(c.kc, c.k0, 0.1, 2e-6), engine.RelativeEvidence(c.kc, c.k0, 0.1, 0.1)
		if math.Abs(none-little) > 0.01 || much >= none {
			t.Errorf("relative(%d, %d): %g without doubt, %g with next to none, %g with much", c.kc, c.k0, none, little, much)
		}
	}
}

// logCount is the logarithm of the probability of k under a mean: Poisson's, or negative
// binomial with a doubt.
func logCount(k int64, mean, doubt float64) float64 {
	factorial, _ := math.Lgamma(float64(k + 1))
	if doubt == 0 {
		return float64(k)*math.Log(mean) - mean - factorial
	}
	a := 1 / doubt
	above, _ := math.Lgamma(float64(k) + a)
	below, _ := math.Lgamma(a)
	return above - below - factorial + a*math.Log(a/(a+mean)) + float64(k)*math.Log(mean/(a+mean))
}

// TestVille looks at streams in which nothing is wrong after every step: over all
// looks, evidence exceeds 1/alpha in no more than alpha of them.
func TestVille(t *testing.T) {
	const alpha, streams, looks = 0.05, 4000, 200
	boundary := -math.Log(alpha)
	draw := rand.New(rand.NewPCG(7, 7))
	alarms := map[string]int{}
	for range streams {
		var kc, k0, k, n int64
		rel, abs := false, false
		for range looks {
			level := 0.5 + draw.Float64() // what hits both arms
			for range 10 {
				kc += flip(draw, 0.02*level*1.25)
				k0 += flip(draw, 0.04*level) + flip(draw, 0.04*level) + flip(draw, 0.04*level) + flip(draw, 0.04*level)
				k += flip(draw, 0.05)
				n++
			}
			rel = rel || engine.RelativeEvidence(kc, k0, 0.125, 0) >= boundary
			abs = abs || engine.ExcessEvidence(k, 0.05*float64(n), 0) >= boundary
		}
		alarms["relative"] += truth(rel)
		alarms["absolute"] += truth(abs)
	}
	for _, name := range []string{"relative", "absolute"} {
		share := float64(alarms[name]) / streams
		t.Logf("%s: %.2f %% false rollbacks over %d looks at alpha %g %%", name, 100*share, looks, 100*alpha)
		if share > alpha {
			t.Errorf("%s: %.4f of the streams alarm, allowed are %g", name, share, alpha)
		}
	}
}

// TestVilleInBadMinutes: minutes hit all requests of a time at once, and a rate at three
// quarters of its cap alarms in no more than alpha of the streams, whatever the traffic. The
// evidence that takes requests for independent does so in most.
func TestVilleInBadMinutes(t *testing.T) {
	const alpha, streams, minutes = 0.01, 3000, 20
	for _, noise := range []float64{0.25, 0.5} {
		for _, perMinute := range []float64{5, 50, 5000} { // errors at the cap
			draw := rand.New(rand.NewPCG(11, uint64(perMinute)))
			alarms, naive := 0, 0
			sigma := math.Sqrt(math.Log1p(noise * noise))
			for range streams {
				var k int64
				alarm, independent := false, false
				for m := range minutes {
					shock := math.Exp(sigma*draw.NormFloat64() - sigma*sigma/2)
					for second := 10.0; second <= 60; second += 10 {
						k += poisson(draw, 0.75*perMinute*shock/6)
						passed := float64(m) + second/60
						alarm = alarm || engine.ExcessEvidence(k, perMinute*passed, engine.DoubtOf(noise, passed)) >= -math.Log(alpha)
						independent = independent || engine.ExcessEvidence(k, perMinute*passed, 0) >= -math.Log(alpha)
					}
				}
				alarms, naive = alarms+truth(alarm), naive+truth(independent)
			}
			t.Logf("noise %g, %g errors a minute at the cap: %.2f %% alarm, %.1f %% if requests were independent", noise, perMinute, 100*float64(alarms)/streams, 100*float64(naive)/streams)
			if float64(alarms) > alpha*streams {
				t.Errorf("noise %g, %g errors a minute at the cap: %d of %d streams alarm", noise, perMinute, alarms, streams)
			}
		}
	}
}

// TestVilleAmongUnlikeTenants: of tenants that differ, whose own rates are known from so many
// errors before, an arm is no proof of a worsening, however long it is looked at.
func TestVilleAmongUnlikeTenants(t *testing.T) {
	const alpha, streams, looks = 0.01, 3000, 50
	draw := rand.New(rand.NewPCG(5, 5))
	alarms, naive := 0, 0
	for range streams {
		var kc, k0 int64
		// Two tenants against ten, each with a rate of its own that some six errors tell of.
		var own, told, doubts [2]float64
		for i := range 12 {
			arm := truth(i < 2)
			rate := math.Exp(draw.NormFloat64()*0.8) * 6
			seen := float64(poisson(draw, rate))
			own[arm], told[arm], doubts[arm] = own[arm]+rate, told[arm]+seen+1, doubts[arm]+seen+1
		}
		alarm, sure := false, false
		for range looks {
			kc, k0 = kc+poisson(draw, own[1]), k0+poisson(draw, own[0])
			r := told[1] / told[0]
			alarm = alarm || engine.RelativeEvidence(kc, k0, r, 1/doubts[1]+1/doubts[0]) >= -math.Log(alpha)
			sure = sure || engine.RelativeEvidence(kc, k0, r, 0) >= -math.Log(alpha)
		}
		alarms, naive = alarms+truth(alarm), naive+truth(sure)
	}
	t.Logf("%.2f %% alarm, %.2f %% without doubt about tenants", 100*float64(alarms)/streams, 100*float64(naive)/streams)
	if float64(alarms) > alpha*streams || float64(naive) <= alpha*streams {
		t.Errorf("%d of %d streams alarm, %d without doubt about tenants", alarms, streams, naive)
	}
}

func flip(draw *rand.Rand, p float64) int64 { return int64(truth(draw.Float64() < p)) }

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// tenants are pairs of an A/B test: error rates with a coefficient of variation of
// 1, and a time before that shows each tenant's own.
func tenants(draw *rand.Rand, n int, effect, conversion float64) engine.Evidence {
	e := engine.Evidence{Window: 24 * time.Hour}
	e.Candidate.Histogram = engine.Histogram{Bounds: engine.LatencyGrid(), Slower: make([]int64, len(engine.LatencyGrid()))}
	e.Baseline.Histogram = engine.Histogram{Bounds: engine.LatencyGrid(), Slower: make([]int64, len(engine.LatencyGrid()))}
	for i := range n {
		b := i%2 == 1
		own := draw.ExpFloat64() * 0.02
		buys := draw.ExpFloat64() * 0.03
		count := func(err, buy float64, requests int64) engine.TenantCount {
			c := engine.TenantCount{Tenant: fmt.Sprint(i), Requests: requests}
			c.Errors = poisson(draw, err*float64(requests))
			c.Conversions = poisson(draw, buy*float64(requests))
			c.Latency = engine.Mean{Sum: 40 * float64(requests), Count: requests}
			return c
		}
		now := count(own, buys, 2000)
		if b {
			now = count(own*effect, buys*conversion, 2000)
		}
		before := count(own, buys, 2000)
		e.Pairs = append(e.Pairs, engine.Pair{B: b, Now: &now, Before: &before})
		m := &e.Baseline
		if b {
			m = &e.Candidate
		}
		m.Requests += now.Requests
		m.Errors += now.Errors
		m.Tenants++
		for j, bound := range engine.LatencyGrid() {
			if bound < 150 {
				m.Histogram.Slower[j] += now.Requests / 50
			}
		}
	}
	e.End = true
	return e
}

// poisson draws by multiplication below 30 and by the normal approximation above.
func poisson(draw *rand.Rand, mean float64) int64 {
	if mean > 30 {
		return int64(math.Max(0, math.Round(mean+math.Sqrt(mean)*draw.NormFloat64())))
	}
	limit, p, k := math.Exp(-mean), draw.Float64(), int64(0)
	for p > limit {
		p *= draw.Float64()
		k++
	}
	return k
}

var testGate = engine.Gate{
	Mode: engine.Sequential, Alpha: 0.01, MinEffect: 0.25, Margin: 0.05, MinRequests: 400, MinTenants: 10,
	Compare: &engine.Compare{Metrics: []engine.Metric{engine.ErrorRate, engine.ConversionRate, engine.Latency}, WinnerThreshold: 0.05, TenantsA: 75, TenantsB: 75},
}

// TestABTest runs tests whose truth is known: B is the winner of a test between
// identical versions in at most 5 % of them, never with twice the errors, and
// mostly where it is clearly better.
func TestABTest(t *testing.T) {
	const runs = 150
	draw := rand.New(rand.NewPCG(3, 3))
	wins := func(errors, conversion float64, without bool) (share float64, reason string) {
		for range runs {
			e := tenants(draw, 150, errors, conversion)
			for i := range e.Pairs {
				if without {
					e.Pairs[i].Before = nil
				}
			}
			v := engine.DecideTest(&testGate, &e, engine.Verdict{})
			share += float64(truth(v.Winner == "B")) / runs
			reason = v.Reason
		}
		return share, reason
	}
	same, reason := wins(1, 1, false)
	t.Logf("A/A: B wins %.1f %%; %s", 100*same, reason)
	if same > 0.05 {
		t.Errorf("B wins %.3f of the tests against itself", same)
	}
	harm, reason := wins(2, 1.5, false)
	t.Logf("errors x2, conversion x1.5: B wins %.1f %%; %s", 100*harm, reason)
	if harm > 0 {
		t.Errorf("B with twice the errors wins %.3f of the tests", harm)
	}
	better, reason := wins(0.5, 1.6, false)
	blind, _ := wins(0.5, 1.6, true)
	t.Logf("errors x0.5, conversion x1.6: B wins %.1f %%, %.1f %% without the time before; %s", 100*better, 100*blind, reason)
	if better < 0.9 || blind > better {
		t.Errorf("B with half the errors wins %.3f of the tests, %.3f without the time before", better, blind)
	}
}

// TestSampleRatio loses a third of B's tenants: such a test says nothing.
func TestSampleRatio(t *testing.T) {
	e := tenants(rand.New(rand.NewPCG(1, 1)), 300, 0.1, 2)
	g := testGate
	c := *g.Compare
	c.TenantsA, c.TenantsB = 150, 150
	g.Compare = &c
	lost := 0
	for i := range e.Pairs {
		if e.Pairs[i].B && lost < 70 {
			e.Pairs[i].Now, lost = &engine.TenantCount{}, lost+1
		}
	}
	if v := engine.DecideTest(&g, &e, engine.Verdict{}); v.Winner != "A" || !strings.Contains(v.Reason, "not what the split says") {
		t.Errorf("%s: %s", v.Winner, v.Reason)
	}
}

// TestPriorRates shrinks what little is known of a tenant towards all.
func TestPriorRates(t *testing.T) {
	all := []engine.Tenant{
		{PriorRequests: 100_000, PriorErrors: 5000}, {PriorRequests: 100_000, PriorErrors: 500}, {PriorRequests: 10, PriorErrors: 5},
	}
	rates := engine.PriorRates(all)
	if math.Abs(rates[0]-0.05) > 0.001 || math.Abs(rates[1]-0.005) > 0.001 {
		t.Errorf("well-known rates move: %v", rates)
	}
	if rates[2] > 0.2 || rates[2] < 0.02 {
		t.Errorf("5 errors of 10 requests are taken for %g", rates[2])
	}
	if rates := engine.PriorRates([]engine.Tenant{{PriorRequests: 100}, {PriorRequests: 300}}); len(rates) != 2 || rates[0] != rates[1] || rates[0] <= 0 {
		t.Errorf("tenants that never erred have the rates %v", rates)
	}
	if engine.PriorRates([]engine.Tenant{{PriorRequests: 100}, {}}) != nil {
		t.Error("rates are known where the past of half of the tenants is not")
	}
}

func BenchmarkSequentialJudge(b *testing.B) {
	g := testGate
	g.Compare = nil
	g.Checks = []engine.Check{{Metric: engine.ErrorRate, Bound: 0.05}, {Metric: engine.LatencyP99, Bound: 500}, {Metric: engine.SuccessRate, Bound: 0.95}}
	for _, c := range []struct {
		name   string
		errors int64
	}{{"healthy", 90}, {"suspicious", 130}} {
		b.Run(c.name, func(b *testing.B) {
			e := engine.Evidence{Bounds: []float64{500}, Prior: engine.Prior{Candidate: 0.01, Baseline: 0.01, All: 0.01}}
			e.Candidate = engine.Measurement{Requests: 9000, Errors: c.errors, Slower: []int64{20}}
			e.Baseline = engine.Measurement{Requests: 81000, Errors: 810}
			for b.Loop() {
				engine.SequentialJudge{}.Judge(&g, &e)
			}
		})
	}
}
