package campaign

import (
	"context"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Grid is what judges are tried on: every combination is a cell.
type Grid struct {
	Modes      []engine.JudgeMode
	ErrorRates []float64 // of the installed version, and of a good candidate
	Factors    []float64 // how many times as often the candidate errs; 1: it is good
	PerTenant  []float64 // requests per second and tenant
	Spreads    []float64 // deviation of the logarithm of the tenants' error rates; 1.06 is a coefficient of variation of 1
	Noises     []float64 // the same of the minutes'
	// Scraped has the fleets' counters scraped, see [scraped], instead of counted as
	// requests happen.
	Scraped bool
}

// scraped is what metrics are like that are scraped: every 30 s, and 10 s late.
func scraped() simulator.Metrics {
	m := simulator.DefaultMetrics()
	m.Resolution, m.Delay = engine.Duration(30*time.Second), engine.Duration(10*time.Second)
	return m
}

// UsualGrid is the one whose figures stand in the documentation.
func UsualGrid() Grid {
	return Grid{
		Modes:      []engine.JudgeMode{engine.Threshold, engine.Sequential},
		ErrorRates: []float64{0.01, 0.02, 0.03, 0.04},
		Factors:    []float64{1, 2},
		PerTenant:  []float64{0.01, 0.1, 1},
		Spreads:    []float64{0, 1.06},
		Noises:     []float64{0, 0.25},
	}
}

// Cell is one combination and what came of it.
type Cell struct {
	Mode      engine.JudgeMode `json:"mode"`
	ErrorRate float64          `json:"error_rate"`
	Factor    float64          `json:"factor"`
	PerTenant float64          `json:"requests_per_second_and_tenant"`
	Spread    float64          `json:"tenant_error_spread"`
	Noise     float64          `json:"minute_noise"`
	Runs      int              `json:"runs"`

	RolledBack Share `json:"rolled_back"`
	Held       Share `json:"held"`
	Through    Share `json:"through"`
	// Detected is of the runs in which a verdict failed, in seconds, and Failed how many
	// requests failed on the candidate, in every run.
	Detected Spread `json:"detected_seconds"`
	Failed   Spread `json:"failed_requests"`
	// Required says whether the judge promises something of this cell, that false
	// rollbacks are at most alpha, and Promise what was shown of it.
	Required bool  `json:"required"`
	Promise  Shown `json:"promise"`
}

// Proof is a grid that was tried.
type Proof struct {
	Kind   string  `json:"kind"`   // KindProof
	Format int     `json:"format"` // see Format
	Seed   int64   `json:"seed"`
	Runs   int     `json:"runs"` // of each cell
	Alpha  float64 `json:"alpha"`
	Cap    float64 `json:"max_error_rate"`
	// Scraped says that the counters were scraped.
	Scraped bool   `json:"scraped,omitempty"`
	Cells   []Cell `json:"cells"`
	Broken  int    `json:"promises_broken"` // runs that broke a promise of the engine
}

// nearCap is how near to the cap a version may err before its cell is reported, and
// nothing promised of it.
const nearCap = 0.75

// alphaOf is the error that the sequential judge spends on a rollout by default.
const alphaOf = 0.01

// Checks are the cells, and what was shown of the promise of each.
func (p *Proof) Checks() []Checked {
	all := make([]Checked, len(p.Cells))
	for i, c := range p.Cells {
		all[i] = Checked{
			fmt.Sprintf("%s, %s errors × %g, %g requests/s and tenant, tenants differ %s, minutes %s", c.Mode, percent(c.ErrorRate), c.Factor, c.PerTenant, differ(c.Spread), differ(c.Noise)),
			promised(p.Alpha, c.Promise), c.Promise,
		}
	}
	return all
}

// Holds says whether no promise was refuted.
func (p *Proof) Holds() bool {
	for _, c := range p.Cells {
		if c.Promise == Broken {
			return false
		}
	}
	return p.Broken == 0
}

// Prove plays the guide's canary on every cell of g, opt.Runs times. The worlds of a
// run are the same in every cell, so that cells differ in nothing but what they say.
func Prove(ctx context.Context, g Grid, opt Options) (*Proof, error) {
	p := &Proof{Kind: KindProof, Format: Format, Seed: opt.Seed, Runs: opt.Runs, Scraped: g.Scraped, Alpha: alphaOf, Cap: *engine.Spec{
		PluginID: "p", Environment: engine.Production, Version: "2",
	}.Resolve().Canary.Thresholds.MaxErrorRate}
	cells := g.cells()
	err := inTurn(ctx, len(cells), opt, func(i int) *scenario.Scenario {
		s := cells[i].scenario()
		if g.Scraped {
			s.World.Metrics = scraped()
		}
		return s
	}, func(i int, outcomes []outcome) {
		for _, o := range outcomes {
			p.Broken += min(1, len(o.broken))
		}
		p.Cells = append(p.Cells, cells[i].filled(outcomes, p))
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// cells are the combinations, the judge changing last.
func (g Grid) cells() []Cell {
	var cells []Cell
	for _, factor := range g.Factors {
		for _, rate := range g.ErrorRates {
			for _, perTenant := range g.PerTenant {
				for _, spread := range g.Spreads {
					for _, noise := range g.Noises {
						for _, mode := range g.Modes {
							cells = append(cells, Cell{Mode: mode, ErrorRate: rate, Factor: factor, PerTenant: perTenant, Spread: spread, Noise: noise})
						}
					}
				}
			}
		}
	}
	return cells
}

// scenario is the guide's canary in the world of c.
func (c Cell) scenario() *scenario.Scenario {
	s := scenario.New()
	s.Name, s.Installed = "proof", "1.5.0"
	s.World.TenantErrorSpread, s.World.MinuteNoise = c.Spread, c.Noise
	s.World.RequestsPerSecond = c.PerTenant * float64(s.World.Tenants)
	behave := func(rate float64) scenario.Version {
		b := simulator.DefaultBehaviour()
		b.ErrorRate = min(1, rate)
		bad := c.Factor > 1
		return scenario.Version{Behaviour: b, Bad: &bad}
	}
	s.Versions = map[string]scenario.Version{"1.5.0": behave(c.ErrorRate), "1.6.0": behave(c.ErrorRate * c.Factor)}
	mode := string(c.Mode)
	s.Deployment = engine.Spec{
		PluginID: "payment-processor-stripe", Environment: engine.Production, Version: "1.6.0", Strategy: engine.Canary,
		Analysis: &engine.AnalysisSettings{Mode: &mode},
	}
	return s
}

// filled is c with the figures of outcomes.
func (c Cell) filled(outcomes []outcome, p *Proof) Cell {
	c.Runs = len(outcomes)
	var back, held, through int
	var detected, failed []float64
	for _, o := range outcomes {
		switch o.ending {
		case scenario.Ending(engine.RolledBack):
			back++
		case scenario.Succeeded:
			through++
		default:
			held++
		}
		if o.alarmed {
			detected = append(detected, o.detected.Seconds())
		}
		failed = append(failed, float64(o.failed))
	}
	c.RolledBack, c.Held, c.Through = shareOf("rolled back", back, c.Runs), shareOf("held", held, c.Runs), shareOf("through", through, c.Runs)
	c.Detected, c.Failed = spreadOf(detected), spreadOf(failed)
	c.Required = c.Mode == engine.Sequential && c.Factor == 1 && c.ErrorRate <= nearCap*p.Cap+1e-12
	if c.Required {
		c.Promise = shown(c.RolledBack, p.Alpha)
	}
	return c
}
