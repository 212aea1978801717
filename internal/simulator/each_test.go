package simulator

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance/chancetest"
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
		if d := chancetest.Apart(rates[0], rates[1]); d > limit {
			t.Errorf("%g requests per second: the error rates are %.3f apart, at most %.3f may they be", perSecond, d, limit)
		}
		if d := chancetest.Apart(p99s[0], p99s[1]); d > limit {
			t.Errorf("%g requests per second: the percentiles are %.3f apart, at most %.3f may they be", perSecond, d, limit)
		}
		one, two := chancetest.Correlation(rates[0], p99s[0]), chancetest.Correlation(rates[1], p99s[1])
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
