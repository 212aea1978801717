package campaign

import (
	"fmt"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// usualCap is the default cap of the error rate.
const usualCap = 0.05

// usual is the guide's canary on 150 tenants, before a case says what is its own.
func usual() Case {
	return Case{
		Strategy: engine.Canary, Mode: engine.Sequential, Factor: 1, Cap: usualCap, ErrorRate: 0.01,
		Tenants: 150, Instances: 10, PerTenant: 1, Weights: 0.5, BakeSeconds: 600, Stages: []int{10, 30, 50, 100},
	}
}

// ten are the stages of a canary of ten.
func ten() []int { return []int{5, 10, 20, 30, 40, 50, 60, 70, 85, 100} }

// Deviations of the logarithm by which tenants and minutes of the hard cells differ.
const (
	unlike     = 0.83 // of tenants: a coefficient of variation of 1
	mostUnlike = 1.27 // 2
	mostNoisy  = 0.47 // of minutes: 0.5
)

// ofVariation has such deviations by the coefficient of variation.
var ofVariation = map[float64]float64{0: 0, 0.25: 0.25, 0.5: mostNoisy, 1: unlike, 2: mostUnlike}

// HardCases are those in which judges go wrong that do well on a few hundred like tenants:
// much traffic beside noisy minutes, few unlike tenants, batches that say nothing of whose
// requests they get, uneven tests, baselines without any error, and people who resume.
func HardCases() []Case {
	var all []Case
	add := func(name string, change func(c *Case)) {
		c := usual()
		c.Name = name
		change(&c)
		all = append(all, c)
	}
	for _, noise := range []float64{0.25, 0.5} {
		for _, rate := range []float64{0.03, 0.0375} {
			for _, cv := range []float64{0, 1} {
				add(fmt.Sprintf("busy-%g-noise-%g-cv-%g", rate, noise, cv), func(c *Case) {
					c.PerTenant, c.ErrorRate, c.Noise, c.Spread = 10, rate, ofVariation[noise], ofVariation[cv]
				})
			}
		}
	}
	for _, tenants := range []int{3, 12, 37} {
		for _, cv := range []float64{1, 2} {
			spread := ofVariation[cv]
			add(fmt.Sprintf("few-%d-cv-%g", tenants, cv), func(c *Case) {
				c.Tenants, c.ErrorRate, c.Spread, c.Weights, c.Stages = tenants, 0.02, spread, spread, []int{10, 20, 40, 70, 100}
			})
		}
	}
	hardWays(add)
	hardTests(add)
	hardRegressions(add)
	return all
}

// hardWays are rollouts other than the guide's canary.
func hardWays(add func(name string, change func(c *Case))) {
	mixed := func(c *Case, rate float64) { c.ErrorRate, c.Spread, c.Weights = rate, unlike, unlike }
	add("whale", func(c *Case) { mixed(c, 0.03); c.Whale = 0.2 })
	add("whale-few", func(c *Case) { mixed(c, 0.03); c.Tenants, c.Whale = 20, 0.2 })
	add("churn", func(c *Case) { mixed(c, 0.03); c.Churn = 0.2 })
	add("ten-stages", func(c *Case) { mixed(c, 0.03); c.Stages = ten() })
	add("ten-stages-few", func(c *Case) { mixed(c, 0.02); c.Stages, c.Tenants = ten(), 37 })
	add("resumed", func(c *Case) { mixed(c, 0.03); c.PerTenant, c.Resumes = 0.1, 10 })
	add("resumed-ten-stages", func(c *Case) { mixed(c, 0.0375); c.PerTenant, c.Resumes, c.Stages = 0.2, 10, ten() })
	for _, tenants := range []int{20, 24} {
		add(fmt.Sprintf("rolling-%d", tenants), func(c *Case) {
			mixed(c, 0.02)
			c.Strategy, c.Tenants, c.Stages, c.Batch, c.BakeSeconds = engine.Rolling, tenants, nil, 1, 120
		})
	}
	add("rolling-noise", func(c *Case) {
		mixed(c, 0.03)
		c.Strategy, c.Stages, c.Batch, c.BakeSeconds, c.Noise = engine.Rolling, nil, 2, 300, mostNoisy
	})
	add("gradual-60", func(c *Case) {
		mixed(c, 0.03)
		c.Strategy, c.Tenants, c.Stages, c.Gradual, c.BakeSeconds = engine.BlueGreen, 60, nil, true, 60
	})
	for _, tenants := range []int{37, 150} {
		add(fmt.Sprintf("forgets-%d", tenants), func(c *Case) { mixed(c, 0.03); c.Tenants, c.Forgets = tenants, true })
	}
	add("rolling-24-forgets", func(c *Case) {
		mixed(c, 0.02)
		c.Strategy, c.Tenants, c.Stages, c.Batch, c.BakeSeconds, c.Forgets = engine.Rolling, 24, nil, 1, 120, true
	})
	add("instant", func(c *Case) {
		mixed(c, 0.0375)
		c.Strategy, c.Stages, c.BakeSeconds, c.Noise = engine.BlueGreen, nil, 600, mostNoisy
	})
	add("direct", func(c *Case) {
		mixed(c, 0.0375)
		c.Strategy, c.Stages, c.BakeSeconds, c.Noise = engine.Direct, nil, 600, mostNoisy
	})
}

// hardTests are A/B tests between identical versions.
func hardTests(add func(name string, change func(c *Case))) {
	for _, x := range []struct {
		tenants, split int
		cv             float64
		forgets        bool
	}{{11, 50, 2, false}, {30, 10, 1, false}, {40, 10, 2, false}, {40, 10, 1, true}, {40, 90, 1, false}} {
		spread := ofVariation[x.cv]
		name := fmt.Sprintf("test-%d-tenants-%d-of-B-cv-%g", x.tenants, x.split, x.cv)
		if x.forgets {
			name += "-forgets"
		}
		add(name, func(c *Case) {
			c.Strategy, c.Tenants, c.Stages, c.Split, c.BakeSeconds, c.PerTenant = engine.ABTesting, x.tenants, nil, x.split, 86_400, 0.1
			c.Spread, c.Conversions, c.Forgets = spread, spread, x.forgets
		})
	}
}

// hardRegressions are those that are below the cap, from a baseline that hardly errs.
func hardRegressions(add func(name string, change func(c *Case))) {
	for _, x := range []struct{ from, to float64 }{{0, 0.04}, {0.001, 0.02}, {0.01, 0.03}} {
		add(fmt.Sprintf("regression-%g-%g", x.from, x.to), func(c *Case) {
			c.ErrorRate, c.Becomes, c.Finds, c.Spread = x.from, x.to, true, unlike
		})
	}
	for _, x := range []struct {
		name      string
		noise, to float64
	}{
		{"twice-the-cap", 0.25, 0.1}, {"four-times-the-cap", 0.25, 0.2}, {"twice-the-cap-noise", mostNoisy, 0.1}, {"four-times-the-cap-noise", mostNoisy, 0.2},
	} { // with nothing beside it, only the caps can find it
		add("direct-"+x.name, func(c *Case) {
			c.Strategy, c.Stages, c.BakeSeconds = engine.Direct, nil, 600
			c.Becomes, c.Finds, c.Spread, c.Noise = x.to, true, unlike, x.noise
		})
	}
	add("regression-noise", func(c *Case) {
		c.ErrorRate, c.Factor, c.Finds, c.Spread, c.Noise = 0.02, 2, true, unlike, mostNoisy
	})
}
