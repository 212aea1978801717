package simulator

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Counting requests must follow the same laws as drawing each of them: the error rates
// and the 99th percentiles of many minutes, and how they go together, are alike. One
// instance in a hundred fails and is slow, so that minutes with more of its requests
// are worse in both.
func TestCountsFollowTheLawsOfRequests(t *testing.T) {
	for _, perSecond := range []float64{4, 60} {
		cfg := installed(DefaultConfig())
		cfg.RequestsPerSecond, cfg.TenantErrorSpread, cfg.MinuteNoise = perSecond, 0.8, 0.25
		cfg.Instances = 100
		ill := []string{"instance-007"}
		cfg.Faults = []Fault{
			{Kind: ErrorSpike, Magnitude: 0.5, Instances: ill, Absolute: true},
			{Kind: Latency, Magnitude: 10, Instances: ill, Absolute: true},
		}
		var rates, p99s [2][]float64
		for i := range 2 {
			for seed := range int64(8) {
				cfg.Seed = 100*int64(i) + seed + 1
				rate, p99 := minutes(t, cfg, i == 1)
				rates[i], p99s[i] = append(rates[i], rate...), append(p99s[i], p99...)
			}
		}
		// At 1.95 times the square root of 2/n, one pair of alike samples in 1,000 is apart.
		n := float64(len(rates[0]))
		limit := 1.95 * math.Sqrt(2/n)
		if d := apart(rates[0], rates[1]); d > limit {
			t.Errorf("%g requests per second: the error rates are %.3f apart, at most %.3f may they be", perSecond, d, limit)
		}
		if d := apart(p99s[0], p99s[1]); d > limit {
			t.Errorf("%g requests per second: the percentiles are %.3f apart, at most %.3f may they be", perSecond, d, limit)
		}
		one, two := correlation(rates[0], p99s[0]), correlation(rates[1], p99s[1])
		if math.Abs(one-two) > 5/math.Sqrt(n) || one < 0.05 {
			t.Errorf("%g requests per second: error rate and percentile correlate by %.3f, and request by request by %.3f", perSecond, one, two)
		}
	}
}

// minutes are the error rates and 99th percentiles of the minutes of two hours.
func minutes(t *testing.T, cfg Config, each bool) (rates, p99s []float64) {
	t.Helper()
	w, err := NewWorld(cfg, engine.Production, stripe)
	if err != nil {
		t.Fatal(err)
	}
	if each {
		w.DrawEachRequest()
	}
	w.RunUntil(epoch.Add(2 * time.Hour))
	for at := epoch; at.Before(w.Now()); at = at.Add(time.Minute) {
		m := ask(t, w, oldArm, at, at.Add(time.Minute), onGrid)
		i := slices.IndexFunc(m.Histogram.Slower, func(n int64) bool { return n*100 < m.Requests })
		share := 1.0 // of the way from bound i-1 to bound i
		if span := m.Histogram.Slower[i-1] - m.Histogram.Slower[i]; span > 0 {
			share = (float64(m.Histogram.Slower[i-1]) - float64(m.Requests)/100) / float64(span)
		}
		rates = append(rates, float64(m.Errors)/float64(m.Requests))
		p99s = append(p99s, float64(i)+share)
	}
	return rates, p99s
}

// apart is the greatest distance between the distributions of two samples of one size
// (A. Kolmogorov, N. Smirnov).
func apart(a, b []float64) float64 {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	greatest, j := 0.0, 0
	for i := range a {
		if i+1 < len(a) && a[i+1] == a[i] {
			continue
		}
		for j < len(b) && b[j] <= a[i] {
			j++
		}
		greatest = max(greatest, math.Abs(float64(i+1)/float64(len(a))-float64(j)/float64(len(b))))
	}
	return greatest
}

// correlation is Pearson's.
func correlation(x, y []float64) float64 {
	var sx, sy, sxx, syy, sxy float64
	n := float64(len(x))
	for i := range x {
		sx, sy = sx+x[i], sy+y[i]
	}
	for i := range x {
		dx, dy := x[i]-sx/n, y[i]-sy/n
		sxx, syy, sxy = sxx+dx*dx, syy+dy*dy, sxy+dx*dy
	}
	return sxy / math.Sqrt(sxx*syy)
}

// Requests are dealt to tenants, and errors to their requests, by the tenants' weights
// and error rates, whether there are few requests for each tenant or many.
func TestSplitsAreFaithful(t *testing.T) {
	for _, perSecond := range []float64{2, 20, 400} {
		cfg := installed(DefaultConfig())
		cfg.RequestsPerSecond, cfg.TenantErrorSpread, cfg.TenantSpread = perSecond, 0.8, 0.5
		cfg = cfg.copied()
		b := DefaultBehaviour()
		b.ErrorRate = 0.1
		cfg.Versions = map[string]Behaviour{"1.5.0": b}
		w, err := NewWorld(cfg, engine.Production, stripe)
		if err != nil {
			t.Fatal(err)
		}
		w.RunUntil(epoch.Add(6 * time.Hour))
		lo, hi := w.cover(0, w.Time)
		c := w.crowdOf(w.nameOf("1.6.0"), true, lo, hi)
		total := w.traffic.total(w.nameOf("1.5.0"), lo, hi)
		var requests, errors, offRequests, offErrors, n float64
		for tenant := range c.requests {
			want := float64(total.requests) * w.roster.weight(tenant) / w.roster.total
			rate := w.madeOf(w.Segments[1].Map[tenant]).rates[w.roster.temperOf(tenant)]
			got, failed := float64(c.requests[tenant]), float64(c.errors[tenant])
			requests, errors = requests+got, errors+failed
			offRequests += (got - want) * (got - want) / want
			offErrors += (failed - got*rate) * (failed - got*rate) / (got * rate * (1 - rate))
			n++
		}
		if int64(requests) != total.requests || int64(errors) != total.errors {
			t.Errorf("%g: the tenants have %v requests and %v errors, and there are %+v", perSecond, requests, errors, total)
		}
		for what, off := range map[string]float64{"requests": offRequests, "errors": offErrors} { // chi-squared
			if sd := math.Sqrt(2 * n); off > n+5*sd || off < n-5*sd {
				t.Errorf("%g: the tenants' %s are off by %.0f, and %.0f by chance", perSecond, what, off, n)
			}
		}
	}
}
