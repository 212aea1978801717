package traffic

import (
	"math"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance/chancetest"
)

// The shares of slower requests and the means are those that the behaviour says.
func TestTrafficIsFaithful(t *testing.T) {
	cfg, does := usual()
	does.TimeoutRate = 0.02
	f := flowOf(cfg, does, 150, 2*time.Hour)
	m := ask(f, oldArm, 0, 2*time.Hour, byTenant, 137)
	m.Slower = ask(f, oldArm, 0, 2*time.Hour, engine.WantSlower, 40, 100, 137, 200).Slower
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
	for i := range cfg.Tenants {
		requests, _ := f.Prior(i)
		prior += requests
	}
	near("prior requests", float64(prior), 150*86400)
	if day := ask(f, oldArm, -24*time.Hour, 0, engine.WantCounts); day.Requests != prior {
		t.Errorf("the day before has %d requests, and the tenants say %d", day.Requests, prior)
	}
}

// Tenants and minutes differ as much as they are told to, and the mean stays.
func TestTenantsAndMinutesDiffer(t *testing.T) {
	cfg, does := usual()
	spreads := func() (mean, tenants, minutes float64) {
		f := flowOf(cfg, does, 150, 4*time.Hour)
		during := func(from, to time.Duration) engine.Measurement { return ask(f, oldArm, from, to, byTenant) }
		whole := during(0, 4*time.Hour)
		var rates []float64
		for _, c := range whole.PerTenant {
			rates = append(rates, float64(c.Errors)/float64(c.Requests))
		}
		tenants = chancetest.Variation(rates)
		rates = rates[:0]
		for m := time.Minute; m < 4*time.Hour; m += time.Minute {
			part := during(m, m+time.Minute)
			rates = append(rates, float64(part.Errors)/float64(part.Requests))
		}
		return float64(whole.Errors) / float64(whole.Requests), tenants, chancetest.Variation(rates)
	}
	cfg.TenantSpread = 0
	mean, tenants, minutes := spreads()
	if mean < 0.0095 || mean > 0.0105 || tenants > 0.15 || minutes > 0.15 {
		t.Errorf("alike: mean %v, tenants %v, minutes %v", mean, tenants, minutes)
	}
	cfg.TenantErrorSpread, cfg.MinuteNoise = 0.8326, 0.25
	mean, tenants, minutes = spreads()
	if mean < 0.009 || mean > 0.011 || tenants < 0.7 || tenants > 1.1 || minutes < 0.2 || minutes > 0.35 {
		t.Errorf("unlike: mean %v, tenants %v, minutes %v", mean, tenants, minutes)
	}
}
