package swarm

import (
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// behaviour draws how a version behaves with so much traffic. Many behave well:
// otherwise few rollouts get far.
func behaviour(d *chance.Dice, requestsPerSecond float64) simulator.Behaviour {
	b := simulator.DefaultBehaviour()
	if d.Maybe(40) {
		return b
	}
	b.ErrorRate = oneOf(d, 0, 0.01, 0.01, 0.045, 0.06, 0.2, 0.9)
	b.TimeoutRate = oneOf(d, 0, 0, 0, 0.02, 0.1)
	b.LatencyP50Ms = oneOf(d, 40.0, 40, 90)
	b.LatencyP99Ms = oneOf(d, 150.0, 200, 450, 900)
	b.ExecutionTimeMs = oneOf(d, 15.0, 15, 60)
	b.CPU = oneOf(d, 0.35, 0.35, 0.95)
	b.Memory = oneOf(d, 0.5, 0.5, 0.95)
	b.ConversionRate = oneOf(d, 0.02, 0.03, 0.1)
	b.Satisfaction = oneOf(d, 4.2, 4.2, 2.5, 4.9)
	b.SurveyRate = oneOf(d, 0.05, 0, 0.5)
	b.InstallFailureRate = oneOf(d, 0, 0, 0, 0.1, 0.7)
	b.SmokeFailureRate = oneOf(d, 0, 0, 0, 0.5)
	b.StartupSeconds = oneOf(d, 0.0, 1, 20)
	changing(d, &b, requestsPerSecond)
	return b
}

// changing draws how a version changes with its age, its load and its promotion.
func changing(d *chance.Dice, b *simulator.Behaviour, requestsPerSecond float64) {
	const often = 15 // percent
	if d.Maybe(often) {
		b.ColdSeconds = oneOf(d, 5.0, 60, 300)
		b.ColdErrorRate, b.ColdLatencyFactor = oneOf(d, 0, 0.03, 0.5), oneOf(d, 0, 1.5, 10)
	}
	if d.Maybe(often) {
		b.LeakSeconds, b.LeakErrorRate = oneOf(d, 20.0, 200, 1200), oneOf(d, 0.03, 0.5)
	}
	if d.Maybe(often) {
		b.NoveltySeconds = oneOf(d, 20.0, 200, 1200)
		b.NoveltyConversionFactor, b.NoveltySatisfaction = oneOf(d, 0, 0.3, 3), oneOf(d, 0, 2, 4.9)
	}
	if d.Maybe(often) {
		b.OverloadAbove = requestsPerSecond * oneOf(d, 0.1, 0.6, 1.5)
		b.OverloadErrorRate, b.OverloadLatencyFactor = oneOf(d, 0, 0.03, 0.5), oneOf(d, 0, 1.5, 10)
	}
	if d.Maybe(often) {
		b.PromotedErrorRate = oneOf(d, 0.03, 0.5)
	}
}
