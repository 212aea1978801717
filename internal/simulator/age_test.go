package simulator

import (
	"math"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Each way in which a version changes with time, and no other, shows when it should.
func TestBehavioursChangeWithTime(t *testing.T) {
	type span struct{ from, to time.Duration }
	rate := func(m seen) float64 { return float64(m.Errors) / float64(m.Requests) }
	early, late := span{3 * time.Second, 30 * time.Second}, span{10 * time.Minute, 12 * time.Minute}
	for _, test := range []struct {
		name      string
		change    func(b *Behaviour)
		ill, well span
		slow      bool // slow, too
	}{
		{"cold", func(b *Behaviour) { b.ColdSeconds, b.ColdErrorRate, b.ColdLatencyFactor = 60, 0.4, 10 }, early, late, true},
		{"leak", func(b *Behaviour) { b.LeakSeconds, b.LeakErrorRate = 300, 0.4 }, late, early, false},
		{"load", func(b *Behaviour) {
			b.OverloadAbove, b.OverloadErrorRate, b.OverloadLatencyFactor = 40, 0.4, 10
		}, late, early, true}, // a surge comes
	} {
		cfg := behaves(installed(DefaultConfig()), test.change)
		cfg.Faults = []Fault{{Kind: Surge, Magnitude: 5, FromSeconds: 400}}
		w, plan := canaryAtMinute(t, cfg)
		w.RunUntil(epoch.Add(15 * time.Minute))
		ill := measure(t, w, plan, newArm, test.ill.from, test.ill.to)
		well := measure(t, w, plan, newArm, test.well.from, test.well.to)
		if r := rate(ill); math.Abs(r-0.4) > 0.08 {
			t.Errorf("%s: ill, the error rate is %.3f", test.name, r)
		}
		if r := rate(well); r > 0.03 {
			t.Errorf("%s: well, the error rate is %.3f", test.name, r)
		}
		if slow := ill.Slower[0]*5 > ill.Requests; slow != test.slow || well.Slower[0]*50 > well.Requests {
			t.Errorf("%s: slow are %d of %d, and well %d of %d", test.name, ill.Slower[0], ill.Requests, well.Slower[0], well.Requests)
		}
		if other := measure(t, w, plan, oldArm, test.ill.from, test.ill.to); rate(other) > 0.03 {
			t.Errorf("%s: the other version has it, too: %.3f", test.name, rate(other))
		}
	}
}

// A version that is new converts and pleases otherwise than one that its users know.
func TestNoveltyWearsOff(t *testing.T) {
	for _, factor := range []float64{3, 0.2} {
		cfg := behaves(installed(DefaultConfig()), func(b *Behaviour) {
			b.ConversionRate, b.SurveyRate = 0.2, 0.5
			b.NoveltySeconds, b.NoveltyConversionFactor, b.NoveltySatisfaction = 300, factor, 2.5
		})
		w, plan := canaryAtMinute(t, cfg)
		w.RunUntil(epoch.Add(15 * time.Minute))
		for _, span := range []struct {
			from, to time.Duration
			arm      side
			rate     float64
			score    float64
		}{
			{3 * time.Second, 3 * time.Minute, newArm, 0.2 * factor, 2.5},
			{6 * time.Minute, 15 * time.Minute, newArm, 0.2, 4.2},
			{3 * time.Second, 3 * time.Minute, oldArm, 0.03, 4.2},
		} {
			m := measure(t, w, plan, span.arm, span.from, span.to)
			rate := float64(m.Conversions) / float64(m.Requests-m.Errors-m.Timeouts)
			if score := m.Satisfaction.Sum / float64(m.Satisfaction.Count); math.Abs(rate-span.rate) > 0.03 || math.Abs(score-span.score) > 0.1 {
				t.Errorf("factor %v, the %s from %v to %v: %.3f convert, want %v; the score is %.2f, want %v",
					factor, span.arm, span.from, span.to, rate, span.rate, score, span.score)
			}
		}
	}
}

// What only shows after promotion shows when all instances have the version.
func TestSomeFailOnlyAfterPromotion(t *testing.T) {
	w, plan := canaryAtMinute(t, behaves(installed(DefaultConfig()), func(b *Behaviour) { b.PromotedErrorRate = 0.5 }))
	before := measure(t, w, plan, newArm, 10*time.Second, time.Minute)
	order(t, w, plan, engine.Change{Kind: engine.Activate, Version: "1.6.0", Instances: engine.Range{From: 0, To: 9}}, nil)
	w.RunUntil(epoch.Add(2 * time.Minute))
	nearly := measure(t, w, plan, newArm, time.Minute, 2*time.Minute)
	order(t, w, plan, engine.Change{Kind: engine.Activate, Version: "1.6.0", Instances: engine.Range{From: 0, To: 10}}, nil)
	w.RunUntil(epoch.Add(3 * time.Minute))
	after := measure(t, w, plan, newArm, 2*time.Minute, 3*time.Minute)
	if before.Errors*30 > before.Requests || nearly.Errors*30 > nearly.Requests || after.Errors*3 < after.Requests {
		t.Errorf("before %d of %d, nearly %d of %d, after %d of %d", before.Errors, before.Requests, nearly.Errors, nearly.Requests, after.Errors, after.Requests)
	}
}

// The day swings round its mean.
func TestDaysSwing(t *testing.T) {
	cfg := installed(DefaultConfig())
	cfg.DailySwing, cfg.DailyPeakHour = 0.5, 15
	w, plan := canaryAtMinute(t, cfg)
	w.RunUntil(epoch.Add(24 * time.Hour))
	requests := func(hour float64) float64 {
		from := time.Duration(hour*3600) * time.Second
		sum := int64(0)
		for _, arm := range []side{oldArm, newArm} {
			sum += measure(t, w, plan, arm, from, from+30*time.Minute).Requests
		}
		return float64(sum) / (150 * 1800)
	}
	for hour, want := range map[float64]float64{14.75: 1.5, 2.75: 0.5, 8.75: 1, 20.75: 1} {
		if got := requests(hour); math.Abs(got-want) > 0.04 {
			t.Errorf("at %v there are %.3f times as many as on the mean, want %v", hour, got, want)
		}
	}
}
