package traffic

import (
	"math"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance/chancetest"
)

// single is traffic whose every request is made by itself, in the plainest way, to hold
// the simulator's counts against: whose it is, in which minute, whether it fails, times
// out, converts and is asked about, and how long it takes.
type single struct {
	f        *Flow
	luck     chance.Stream
	tenants  *chance.Table
	behaves  Service
	perHour  float64
	err, buy []float64 // rates by tenant
}

// hourly is what came of the requests of an hour: of all, and by tenant.
type hourly struct {
	requests, errors, timeouts, conversions, surveys, slower float64
	latency, score, execution                                float64
	p99                                                      float64
	minutes                                                  [60]float64 // errors
	of                                                       []engine.TenantCount
}

func newSingle(f *Flow, does Service, perSecond float64, seed uint64) *single {
	s := &single{f: f, luck: chance.StreamOf(seed, chance.ForSwarm, 77), behaves: does, perHour: perSecond * 3600}
	var weights []float64
	errs := f.roster.tempers.levelled(s.behaves.ErrorRate, 1-s.behaves.TimeoutRate)
	buys := f.roster.appeals.levelled(s.behaves.ConversionRate, 1)
	for t := range f.roster.Len() {
		weights = append(weights, f.roster.Weight(t))
		s.err = append(s.err, errs[f.roster.temperOf(t)])
		s.buy = append(s.buy, buys[f.roster.appealOf(t)])
	}
	s.tenants = chance.NewTable(0, weights)
	return s
}

// normal draws a standard normal variate by the method of Box and Muller.
func (s *single) normal() float64 {
	return math.Sqrt(-2*math.Log(1-s.luck.Unit())) * math.Cos(2*math.Pi*s.luck.Unit())
}

// hour makes the requests of hour number h of the clock.
func (s *single) hour(h int64) (sum hourly) {
	sum.of = make([]engine.TenantCount, s.f.roster.Len())
	b := &s.behaves
	sd := math.Log(b.LatencyP99Ms/b.LatencyP50Ms) / z99
	var latencies []float64
	n := chance.Poisson(&s.luck, s.perHour*s.f.swing(h*60*minute, (h+1)*60*minute))
	for range n {
		t, m := s.tenants.Draw(&s.luck), int64(s.luck.Below(60))
		c := &sum.of[t]
		c.Requests++
		sum.requests++
		shock := s.f.shockOf(h*60 + m)
		x, rate := s.luck.Unit(), min(s.err[t]*shock, 1-b.TimeoutRate)
		switch {
		case x < rate:
			c.Errors++
			sum.errors++
			sum.minutes[m]++
		case x < rate+b.TimeoutRate:
			c.Timeouts++
			sum.timeouts++
		case s.luck.Unit() < s.buy[t]:
			c.Conversions++
			sum.conversions++
		}
		if s.luck.Unit() < b.SurveyRate {
			sum.surveys++
			sum.score++
			for range 4 {
				if s.luck.Unit() < (b.Satisfaction-1)/4 {
					sum.score++
				}
			}
		}
		took := b.LatencyP50Ms * math.Exp(sd*s.normal())
		latencies = append(latencies, took)
		sum.latency += took
		if took > 137 {
			c.Slower++
			sum.slower++
		}
		sum.execution += b.ExecutionTimeMs * (1 + 0.3*s.normal())
	}
	sum.p99 = share99(latencies)
	return sum
}

// share99 is between which bounds of the engine's grid the 99th percentile is, and how far.
func share99(latencies []float64) float64 {
	grid := engine.LatencyGrid()
	slower := make([]int64, len(grid))
	for _, ms := range latencies {
		for i := range grid {
			if ms > grid[i] {
				slower[i]++
			}
		}
	}
	return onTheGrid(slower, int64(len(latencies)))
}

func onTheGrid(slower []int64, n int64) float64 {
	for i := range slower {
		if slower[i]*100 < n {
			return float64(i) + (float64(slower[i-1])-float64(n)/100)/float64(slower[i-1]-slower[i])
		}
	}
	return float64(len(slower))
}

// countedHour is the same of the simulator.
func countedHour(f *Flow, h int64) (sum hourly) {
	from := time.Duration(h) * time.Hour
	m := ask(f, oldArm, from, from+time.Hour, byTenant|engine.WantHistogram|engine.WantMinutes|engine.WantSlower, 137)
	sum.requests, sum.errors, sum.timeouts = float64(m.Requests), float64(m.Errors), float64(m.Timeouts)
	sum.conversions, sum.surveys, sum.slower = float64(m.Conversions), float64(m.Satisfaction.Count), float64(m.Slower[0])
	sum.latency, sum.score, sum.execution = m.Latency.Sum, m.Satisfaction.Sum, m.Execution.Sum
	sum.p99 = onTheGrid(m.Histogram.Slower, m.Requests)
	for _, minute := range m.Minutes {
		sum.minutes[int((minute.Start.Sub(epoch)-from)/time.Minute)] = float64(minute.Errors)
	}
	sum.of = make([]engine.TenantCount, f.roster.Len())
	for _, c := range m.PerTenant {
		i, _ := f.roster.Find(c.Tenant)
		sum.of[i] = c
	}
	return sum
}

// The simulator's counts follow the laws of single requests: over hours of many worlds
// every sum has the same distribution (A. Kolmogorov, N. Smirnov), and tenant by tenant
// and minute by minute they are as far from what is expected as single requests are.
func TestCountsFollowTheLawsOfSingleRequests(t *testing.T) {
	const worlds, hours, perSecond = 25, 4, 2
	var samples [2]map[string][]float64
	var chi [2]map[string]float64
	for i := range samples {
		samples[i], chi[i] = map[string][]float64{}, map[string]float64{}
	}
	for seed := range int64(worlds) {
		cfg, does := usual()
		does.ErrorRate, does.TimeoutRate, does.ConversionRate = 0.05, 0.02, 0.3
		cfg.Seed, cfg.Tenants = seeded(seed+1), 40
		cfg.TenantSpread, cfg.TenantErrorSpread, cfg.TenantConversionSpread, cfg.MinuteNoise = 1, 0.8, 0.8, 0.25
		cfg.DailySwing, cfg.DailyPeakHour = 0.6, 3
		f := flowOf(cfg, does, perSecond, hours*time.Hour)
		s := newSingle(f, does, perSecond, uint64(seed))
		for h := range int64(hours) {
			for i, sum := range []hourly{countedHour(f, h), s.hour(h)} {
				sum.into(samples[i], chi[i], s)
			}
		}
	}
	const n = worlds * hours
	for what, one := range samples[0] {
		if d := chancetest.Apart(one, samples[1][what]); d > 1.95*math.Sqrt(2.0/n) {
			t.Errorf("%s: the distributions are %.3f apart: %.4f on average, and %.4f, varying by %.4f, and %.4f", what, d,
				chancetest.Mean(one), chancetest.Mean(samples[1][what]), chancetest.Variation(one), chancetest.Variation(samples[1][what]))
		}
	}
	for what, one := range chi[0] {
		if other := chi[1][what]; math.Abs(one/other-1) > 0.12 {
			t.Errorf("%s: off by %.0f, and of single requests by %.0f", what, one, other)
		}
	}
	for _, pair := range [][2]string{{"errors", "conversions"}, {"errors", "requests"}, {"slower", "p99"}} {
		one, two := chancetest.Correlation(samples[0][pair[0]], samples[0][pair[1]]), chancetest.Correlation(samples[1][pair[0]], samples[1][pair[1]])
		if math.Abs(one-two) > 3.3*math.Sqrt(2.0/n) {
			t.Errorf("%s and %s correlate by %.2f, and of single requests by %.2f", pair[0], pair[1], one, two)
		}
	}
}

// into adds the sums of an hour to samples, and how far tenants and minutes are from what
// is expected of them to chi.
func (sum *hourly) into(samples map[string][]float64, chi map[string]float64, s *single) {
	for what, x := range map[string]float64{
		"requests": sum.requests, "errors": sum.errors, "timeouts": sum.timeouts, "conversions": sum.conversions, "surveys": sum.surveys,
		"slower": sum.slower, "latency": sum.latency / sum.requests, "score": sum.score / sum.surveys, "execution": sum.execution / sum.requests, "p99": sum.p99,
	} {
		samples[what] = append(samples[what], x)
	}
	off := func(what string, got int64, want, variance float64) {
		if variance > 0.5 {
			chi[what] += (float64(got) - want) * (float64(got) - want) / variance
		}
	}
	for t, c := range sum.of {
		n := float64(c.Requests)
		share := s.f.roster.Weight(t) / s.f.roster.total
		off("requests by tenant", c.Requests, sum.requests*share, sum.requests*share*(1-share))
		off("errors by tenant", c.Errors, n*s.err[t], n*s.err[t]*(1-s.err[t]))
		off("timeouts by tenant", c.Timeouts, n*s.behaves.TimeoutRate, n*s.behaves.TimeoutRate)
		good := float64(c.Requests - c.Errors - c.Timeouts)
		off("conversions by tenant", c.Conversions, good*s.buy[t], good*s.buy[t]*(1-s.buy[t]))
		slower := sum.slower / sum.requests
		off("slower by tenant", c.Slower, n*slower, n*slower*(1-slower))
	}
	for _, errors := range sum.minutes {
		want := sum.errors / 60
		off("errors by minute", int64(errors), want, want)
	}
}
