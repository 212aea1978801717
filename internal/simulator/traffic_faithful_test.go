package simulator

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

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
	const want = "1aa0c46b1b972f625c5ea83f9eb9bb52"
	if got := fmt.Sprintf("%x", sha256.Sum256(data)); got[:32] != want {
		t.Errorf("the numbers are %s, want %s", got[:32], want)
	}
}
