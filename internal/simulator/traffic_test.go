package simulator

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// The functions that are the same everywhere must also be right.
func TestPortableFunctions(t *testing.T) {
	for x := 1e-6; x < 1e7; x *= 1.37 {
		if got, want := natural(x), math.Log(x); math.Abs(got-want) > 1e-12*max(1, math.Abs(want)) {
			t.Errorf("natural(%v) is %v, want %v", x, got, want)
		}
	}
	for x := -50.0; x < 50; x += 0.37 {
		if got, want := exponential(x), math.Exp(x); math.Abs(got/want-1) > 1e-12 {
			t.Errorf("exponential(%v) is %v, want %v", x, got, want)
		}
	}
	for z := -8.0; z < 12; z += 0.13 {
		if got, want := tail(z), math.Erfc(z/math.Sqrt2)/2; math.Abs(got-want) > 1e-9*want+1e-15 {
			t.Errorf("tail(%v) is %v, want %v", z, got, want)
		}
	}
}

// moments draws many numbers and compares mean and variance with what they should be.
func moments(t *testing.T, what string, mean, variance float64, draw func(s *stream) int64) {
	t.Helper()
	const n = 20000
	s := streamOf(7, forSwarm, name(what))
	var sum, squares float64
	for range n {
		v := float64(draw(&s)) - mean
		sum += v
		squares += v * v
	}
	if off := sum / n; math.Abs(off) > 5*math.Sqrt(variance/n)+1e-9 {
		t.Errorf("%s: the mean is off by %v of %v", what, off, mean)
	}
	if v := squares / n; math.Abs(v-variance) > 0.06*variance+5/math.Sqrt(n) {
		t.Errorf("%s: the variance is %v, want %v", what, v, variance)
	}
}

func TestVariates(t *testing.T) {
	for _, n := range []int64{1, 7, 64, 150, 5000, 300_000} {
		for _, p := range []float64{0, 0.001, 0.01, 0.3, 0.5, 0.97, 1} {
			nf := float64(n)
			moments(t, fmt.Sprintf("binomial %d %v", n, p), nf*p, nf*p*(1-p), func(s *stream) int64 { return binomial(s, n, chance(p)) })
		}
	}
	for _, mean := range []float64{0.01, 0.7, 1, 9.37, 150, 4000.5, 70_000} {
		moments(t, fmt.Sprintf("poisson %v", mean), mean, mean, func(s *stream) int64 { return poisson(s, mean) })
		tab := poissonTable(mean)
		moments(t, fmt.Sprintf("table %v", mean), mean, mean, tab.draw)
	}
	key := uint64(0)
	for _, c := range []struct {
		n int64
		p float64
	}{{1500, 0.01}, {20, 0.1}, {1, 0.3}, {400, 0.0004}, {90, 0.7}} {
		mean := float64(c.n) * c.p
		for _, below := range countsBelow {
			moments(t, fmt.Sprint(below.name, c), mean, mean*(1-c.p), func(*stream) int64 {
				var found [1]int64
				key++
				below.count(mix(key), c.n, []uint64{chance(c.p)}, found[:])
				return found[0]
			})
		}
	}
}

// countsBelow are the ways to count numbers below limits.
var countsBelow = []struct {
	name  string
	count func(base uint64, n int64, limits []uint64, counts []int64)
}{
	{"lowest", lowest},
	{"underneath", func(base uint64, n int64, limits []uint64, counts []int64) { underneath(base, 1, n, limits, counts) }},
}

// Several limits at once give what each gives alone, and counts that fall with them.
func TestUnderneathFitsTogether(t *testing.T) {
	for _, below := range countsBelow {
		t.Run(below.name, func(t *testing.T) { fitsTogether(t, below.count) })
	}
}

func fitsTogether(t *testing.T, count func(base uint64, n int64, limits []uint64, counts []int64)) {
	for key := range uint64(300) {
		n := []int64{1, 24, 25, 1000, 50_000}[key%5]
		var limits []uint64
		for _, p := range []float64{0.97, 0.9, 0.5, 0.1, 0.01, 0.0101, 0.001, 0} {
			limits = append(limits, chance(p))
		}
		slices.SortFunc(limits, func(a, b uint64) int { return cmp.Compare(b, a) })
		together := make([]int64, len(limits))
		count(key, n, slices.Clone(limits), together)
		for i, limit := range limits {
			var alone [1]int64
			count(key, n, []uint64{limit}, alone[:])
			if alone[0] != together[i] || i > 0 && together[i] > together[i-1] {
				t.Fatalf("key %d, limit %d: %d alone, %v together", key, i, alone[0], together)
			}
		}
	}
}

// The shares of slower requests and the means are those that the behaviour says.
func TestTrafficIsFaithful(t *testing.T) {
	cfg := installed(DefaultConfig())
	b := DefaultBehaviour()
	b.TimeoutRate = 0.02
	cfg.Versions = map[string]Behaviour{"1.5.0": b}
	w, err := NewWorld(cfg, engine.Production, stripe)
	if err != nil {
		t.Fatal(err)
	}
	w.RunUntil(epoch.Add(2 * time.Hour))
	m := askAll(t, w, oldArm, engine.Question{From: epoch, To: w.Now(), Bounds: []float64{40, 100, 137, 200}, TenantBound: 137}, byTenant)
	n := float64(m.Requests)
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got/want-1) > 0.02 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	near("requests", n, 150*7200)
	near("error rate", float64(m.Errors)/n, 0.01)
	near("timeout rate", float64(m.Timeouts)/n, 0.02)
	near("conversions", float64(m.Conversions)/n, 0.03*0.97)
	near("slower than the median", float64(m.Slower[0])/n, 0.5)
	near("slower than p99", float64(m.Slower[3])/n, 0.01)
	sd := math.Log(5) / z99
	near("slower than 100 ms", float64(m.Slower[1])/n, math.Erfc(math.Log(2.5)/sd/math.Sqrt2)/2)
	near("slower than 137 ms", float64(m.Slower[2])/n, math.Erfc(math.Log(137.0/40)/sd/math.Sqrt2)/2)
	near("mean latency", m.Latency.Sum/float64(m.Latency.Count), 40*math.Exp(sd*sd/2))
	near("execution", m.Execution.Sum/float64(m.Execution.Count), 15)
	near("satisfaction", m.Satisfaction.Sum/float64(m.Satisfaction.Count), 4.2)
	near("cpu", m.CPU.Sum/float64(m.CPU.Count), 0.35)
	var requests, errors, timeouts, conversions, slower, surveys, answered int64
	var latency, score float64
	for _, c := range m.PerTenant {
		requests += c.Requests
		errors += c.Errors
		timeouts += c.Timeouts
		conversions += c.Conversions
		slower += c.Slower
		latency += c.Latency.Sum
		answered += c.Latency.Count
		score += c.Satisfaction.Sum
		surveys += c.Satisfaction.Count
	}
	if timeouts != m.Timeouts || conversions != m.Conversions || slower != m.Slower[2] || surveys != m.Satisfaction.Count || answered != m.Latency.Count ||
		math.Abs(latency-m.Latency.Sum) > 1 || math.Abs(score-m.Satisfaction.Sum) > 1 {
		t.Errorf("the tenants' sums are %d %d %d %d %d %v %v, not those of %+v", timeouts, conversions, slower, surveys, answered, latency, score, m)
	}
	if m.Tenants != 150 || requests != m.Requests || errors != m.Errors {
		t.Errorf("%d tenants have %d requests and %d errors in all, not %d and %d", m.Tenants, requests, errors, m.Requests, m.Errors)
	}
	var prior int64
	for _, tenant := range w.Snapshot().Tenants {
		prior += tenant.PriorRequests
	}
	near("prior requests", float64(prior), 150*86400)
	if day := ask(t, w, oldArm, epoch.Add(-24*time.Hour), epoch, usually); day.Requests != prior {
		t.Errorf("the day before has %d requests, and the tenants say %d", day.Requests, prior)
	}
}

// Tenants and minutes differ as much as they are told to, and the mean stays.
func TestTenantsAndMinutesDiffer(t *testing.T) {
	spreads := func(cfg Config) (mean, tenants, minutes float64) {
		w, err := NewWorld(cfg, engine.Production, stripe)
		if err != nil {
			t.Fatal(err)
		}
		w.RunUntil(epoch.Add(4 * time.Hour))
		during := func(from, to time.Duration) engine.Measurement {
			return ask(t, w, oldArm, epoch.Add(from), epoch.Add(to), byTenant)
		}
		whole := during(0, 4*time.Hour)
		var rates []float64
		for _, c := range whole.PerTenant {
			rates = append(rates, float64(c.Errors)/float64(c.Requests))
		}
		tenants = variation(rates)
		rates = rates[:0]
		for m := time.Minute; m < 4*time.Hour; m += time.Minute {
			part := during(m, m+time.Minute)
			rates = append(rates, float64(part.Errors)/float64(part.Requests))
		}
		return float64(whole.Errors) / float64(whole.Requests), tenants, variation(rates)
	}
	cfg := installed(DefaultConfig())
	cfg.TenantSpread = 0
	mean, tenants, minutes := spreads(cfg)
	if mean < 0.0095 || mean > 0.0105 || tenants > 0.15 || minutes > 0.15 {
		t.Errorf("alike: mean %v, tenants %v, minutes %v", mean, tenants, minutes)
	}
	cfg.TenantErrorSpread, cfg.MinuteNoise = 0.8326, 0.25
	mean, tenants, minutes = spreads(cfg)
	if mean < 0.009 || mean > 0.011 || tenants < 0.7 || tenants > 1.1 || minutes < 0.2 || minutes > 0.35 {
		t.Errorf("unlike: mean %v, tenants %v, minutes %v", mean, tenants, minutes)
	}
}

// variation is the coefficient of variation.
func variation(values []float64) float64 {
	var sum, squares float64
	for _, v := range values {
		sum += v
	}
	mean := sum / float64(len(values))
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares/float64(len(values))) / mean
}

// Asked again, in another order, or in parts, the answers are the same.
func TestMeasurementsAreConsistent(t *testing.T) {
	cfg := bad(installed(DefaultConfig()))
	at := func(order []int) []engine.Measurement {
		w, _ := canaryAtMinute(t, cfg)
		w.RunUntil(epoch.Add(10 * time.Minute))
		got := make([]engine.Measurement, 4)
		for _, i := range order {
			from, to := []time.Duration{0, 0, 3, 5}[i]*time.Minute, []time.Duration{3, 10, 10, 6}[i]*time.Minute
			got[i] = ask(t, w, newArm, epoch.Add(from), epoch.Add(to), byTenant, 100, 432.1)
		}
		return got
	}
	one, two := at([]int{0, 1, 2, 3}), at([]int{3, 2, 1, 0, 1, 2, 3, 0})
	for i := range one {
		if !reflect.DeepEqual(one[i], two[i]) {
			t.Errorf("question %d has two answers:\n%+v\n%+v", i, one[i], two[i])
		}
	}
	if one[0].Requests+one[2].Requests != one[1].Requests || one[0].Slower[1]+one[2].Slower[1] != one[1].Slower[1] || one[0].Errors+one[2].Errors != one[1].Errors {
		t.Errorf("the parts are not the whole: %+v, %+v, %+v", one[0], one[2], one[1])
	}
}

// Strategies see the same requests: who sends what does not depend on who serves it.
func TestRequestsDoNotDependOnService(t *testing.T) {
	w1, p1 := canaryAtMinute(t, installed(DefaultConfig()))
	w2, p2 := canaryAtMinute(t, bad(installed(DefaultConfig())))
	a := measure(t, w1, p1, newArm, 10*time.Second, 60*time.Second)
	b := measure(t, w2, p2, newArm, 10*time.Second, 60*time.Second)
	if a.Requests != b.Requests || a.Errors >= b.Errors {
		t.Errorf("a good version has %d requests, %d errors, a bad one %d, %d", a.Requests, a.Errors, b.Requests, b.Errors)
	}
}

// Tenants are sticky: while nothing changes for them, they stay where they are.
func TestTenantsAreSticky(t *testing.T) {
	w, plan := canaryAtMinute(t, installed(DefaultConfig()))
	was := append(packed(nil), w.Segments[len(w.Segments)-1].Map...)
	order(t, w, plan, plan.Stages[2].Changes[0], nil)
	now := w.Segments[len(w.Segments)-1].Map
	moved := 0
	for tenant := range now {
		if now[tenant] != was[tenant] {
			moved++
		}
	}
	if moved != 30 {
		t.Errorf("%d tenants moved, and 30 were told to", moved)
	}
}

// The same seed gives the same numbers on every machine, with and without fused
// multiply-add: this is what the first machine got. It changes only when the meaning
// of a seed does.
func TestSameNumbersEverywhere(t *testing.T) {
	cfg := installed(DefaultConfig())
	cfg.Versions = map[string]Behaviour{"1.5.0": {
		ErrorRate: 0.0123, TimeoutRate: 0.004, LatencyP50Ms: 37.7, LatencyP99Ms: 411, ConversionRate: 0.031, Satisfaction: 4.1,
		SurveyRate: 0.07, ExecutionTimeMs: 12.9, CPU: 0.41, Memory: 0.62,
	}}
	w, err := NewWorld(cfg, engine.Production, stripe)
	if err != nil {
		t.Fatal(err)
	}
	w.RunUntil(epoch.Add(2 * time.Hour))
	m := ask(t, w, oldArm, epoch.Add(-2*time.Hour), w.Now(), byTenant|engine.WantHistogram, 33.3, 432.1, 500)
	data, err := json.Marshal([]any{m, w.Snapshot()})
	if err != nil {
		t.Fatal(err)
	}
	const want = "08066b27708d86bfba9a61925ea75f49"
	if got := fmt.Sprintf("%x", sha256.Sum256(data)); got[:32] != want {
		t.Errorf("the numbers are %s, want %s", got[:32], want)
	}
}
