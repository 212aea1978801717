package campaign

import (
	"fmt"
	"math"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// lottery draws cases from the whole region in which something is promised.
type lottery struct{ *chance.Dice }

// unit draws a number from 0 to 1.
func (d lottery) unit() float64 { return float64(d.Below(1<<30)) / (1 << 30) }

// between draws a number from least to most, each as likely.
func (d lottery) between(least, most float64) float64 {
	return least + float64(d.unit()*(most-least))
}

// scale draws a number from least to most whose logarithm is as likely anywhere. It has
// three digits, so that it can be written down.
func (d lottery) scale(least, most float64) float64 {
	return rounded(math.Exp(d.between(math.Log(least), math.Log(most))))
}

// often draws 0 in a third of all draws, most in another, and otherwise what is between.
func (d lottery) often(most float64) float64 {
	switch d.Below(3) {
	case 0:
		return 0
	case 1:
		return most
	default:
		return rounded(d.between(0, most))
	}
}

// Draw is case number of a seed: two identical versions, with a strategy among those given,
// or any where none is. The same number and seed give the same case, however many there are.
func Draw(seed int64, number int, among []engine.Strategy) Case {
	d := lottery{chance.NewDice(uint64(SeedOf(seed, number)))}
	if len(among) == 0 {
		among = engine.Strategies()
	}
	c := Case{Name: fmt.Sprintf("random-%d-%d", seed, number), Strategy: among[d.Below(len(among))], Mode: engine.Sequential, Factor: 1, Cap: usualCap}
	if d.Maybe(50) {
		c.Cap = d.scale(0.01, 0.2)
	}
	c.ErrorRate = math.Floor(float64(d.often(float64(nearCap*c.Cap))*1e5)+1e-6) / 1e5
	// Twenty thousand tenants are dear: the more there are, the rarer they are drawn.
	c.Tenants = int(math.Round(math.Exp(float64(math.Pow(d.unit(), 1.25)*math.Log(10_000)))) * 2)
	if d.Maybe(25) { // of few, each is a story of its own
		c.Tenants = 2 + d.Below(11)
	}
	c.Instances = int(d.scale(2, 40))
	c.PerTenant = d.scale(0.01, 10)
	c.Weights, c.Spread, c.Noise = d.often(mostUnlike), d.often(mostUnlike), d.often(mostNoisy)
	if d.Maybe(50) {
		c.Swing, c.Peak = rounded(d.unit()), float64(d.Below(24))
	}
	if d.Maybe(25) && c.Tenants >= 5 {
		c.Whale = 0.2
	}
	switch d.Below(6) {
	case 0, 1:
		c.Churn = rounded(d.between(0.01, 0.3))
	case 2: // everybody leaves
		c.Churn = 1
	}
	if d.Maybe(40) {
		c.Resumes = 1 + d.Below(10)
	}
	d.way(&c)
	return c
}

// way draws how c is rolled out.
func (d lottery) way(c *Case) {
	c.BakeSeconds = math.Round(d.scale(60, 3600))
	switch c.Strategy {
	case engine.Canary:
		for range d.Below(10) {
			c.Stages = append(c.Stages, 1+d.Below(99))
		}
		slices.Sort(c.Stages)
		c.Stages = append(slices.Compact(c.Stages), 100)
	case engine.BlueGreen:
		if c.Gradual = d.Maybe(60); c.Gradual {
			c.BakeSeconds = math.Round(c.BakeSeconds / 5)
		}
	case engine.Rolling:
		batches := 1 + d.Below(10)
		c.Batch = max(1, c.Instances/batches)
		c.Instances = min(c.Instances, 10*c.Batch)
	case engine.ABTesting:
		c.Tenants = max(8, c.Tenants)
		least := max(1, 300/c.Tenants) // each variant needs some tenants
		c.Split, c.BakeSeconds, c.Conversions, c.Resumes = least+d.Below(101-2*least), math.Round(d.scale(3600, 86_400)), d.often(mostUnlike), 0
	}
}
