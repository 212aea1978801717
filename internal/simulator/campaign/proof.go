package campaign

import (
	"context"
	"errors"
	"slices"
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
	Spreads    []float64 // deviation of the logarithm of the tenants' error rates; 0.83 is a coefficient of variation of 1
	Noises     []float64 // the same of the minutes'
	// Scraped has the fleets' counters scraped, see [scraped], instead of counted as
	// requests happen.
	Scraped bool
	// More are cells of their own, beside the combinations.
	More []Case
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
		Spreads:    []float64{0, unlike},
		Noises:     []float64{0, 0.25},
	}
}

// Cell is a case and what came of it.
type Cell struct {
	Case
	Runs int `json:"runs"`

	RolledBack Share `json:"rolled_back"`
	Held       Share `json:"held"`
	Through    Share `json:"through"`
	// Detected is of the runs in which a verdict failed, in seconds, and Failed how many
	// requests failed on the candidate, in every run.
	Detected Spread `json:"detected_seconds"`
	Failed   Spread `json:"failed_requests"`
	// Pledges are what the judge promises of this cell, of the runs whose fleets it is
	// promised of. Required says whether there is any, and Promise the least that was shown
	// of them.
	Pledges  []Pledge `json:"promises"`
	Required bool     `json:"required"`
	Promise  Shown    `json:"promise"`
	// Outside is how many runs had a fleet that errs too often by itself, or no plan.
	Outside int `json:"runs_outside,omitempty"`
}

// Proof is a grid that was tried.
type Proof struct {
	Kind   string `json:"kind"`   // KindProof
	Format int    `json:"format"` // see Format
	Seed   int64  `json:"seed"`
	Runs   int    `json:"runs"` // of each cell; 0: as each says
	// Interrupted says that not all cells were played, or not all runs of the only one; nil: they were.
	Interrupted *Interruption `json:"interrupted,omitempty"`
	Alpha       float64       `json:"alpha"`
	Cap         float64       `json:"max_error_rate"`
	// Scraped says that the counters were scraped.
	Scraped bool   `json:"scraped,omitempty"`
	Cells   []Cell `json:"cells"`
	Broken  int    `json:"promises_broken"` // runs that broke a promise of the engine
}

// Runs of a cell where nobody says how many: of one that something is promised of, of such an
// A/B test, which is dear, and of another.
const (
	PromisedRuns = 10_000
	TestRuns     = 2_000
	OtherRuns    = 1_000
)

// nearCap is how near to the cap a version may err before its cell is reported, and
// nothing promised of it.
const nearCap = 0.75

// alphaOf is the error that the sequential judge spends on a rollout by default.
const alphaOf = 0.01

// Checks are the promises of all cells, and what was shown of each.
func (p *Proof) Checks() []Checked {
	var all []Checked
	for _, c := range p.Cells {
		all = append(all, checkedOf(c.what(), c.Pledges)...)
	}
	return all
}

// what is the name of a cell, or what it is.
func (c *Cell) what() string {
	if c.Name != "" {
		return c.Name
	}
	return c.String()
}

// Holds says whether no promise was refuted, of what was played.
func (p *Proof) Holds() bool {
	return p.Broken == 0 && !slices.ContainsFunc(p.Cells, func(c Cell) bool { return c.Promise == Broken })
}

// Prove plays every cell of g opt.Runs times, or where that is 0, [PromisedRuns] times where
// something is promised, [TestRuns] times where that is an A/B test, and [OtherRuns] times elsewhere. The worlds of a run are the same in
// every cell of the combinations, so that they differ in nothing but what they say. Where ctx is
// done before that, the proof has the cells that were played whole by then, or the first runs of
// the only one, and comes with ctx's error; it is nil where there are none.
func Prove(ctx context.Context, g Grid, opt Options) (*Proof, error) {
	p := &Proof{Kind: KindProof, Format: Format, Seed: opt.Seed, Runs: opt.Runs, Scraped: g.Scraped, Alpha: alphaOf, Cap: usualCap, Cells: g.cells()}
	total, before := 0, 0
	for i := range p.Cells {
		p.Cells[i].Runs = opt.Runs
		if opt.Runs == 0 {
			p.Cells[i].Runs = p.Cells[i].usualRuns()
		}
		total += p.Cells[i].Runs
	}
	for i := range p.Cells {
		c := &p.Cells[i]
		own := opt
		own.Runs = c.Runs
		own.Progress = func(done, _ int) {
			if opt.Progress != nil {
				opt.Progress(before+done, total)
			}
		}
		outcomes, err := playSome(ctx, c.Scenario(), own, part{to: c.Runs, most: c.mostOfFleets()})
		if err != nil && ctx.Err() != nil {
			return p.interrupted(i, outcomes), ctx.Err()
		}
		if err = errors.Join(err, unplayed(outcomes)); err != nil {
			return nil, err
		}
		before += c.Runs
		p.fill(i, outcomes)
	}
	return p, nil
}

// fill gives a cell the figures of outcomes.
func (p *Proof) fill(i int, outcomes []outcome) {
	for _, o := range outcomes {
		p.Broken += min(1, len(o.broken))
	}
	p.Cells[i].fill(outcomes)
}

// interrupted is what there is of p where a cell was under way, with outcomes; nil: nothing.
func (p *Proof) interrupted(at int, outcomes []outcome) *Proof {
	switch all := len(p.Cells); {
	case all == 1 && len(outcomes) > 0 && unplayed(outcomes) == nil:
		p.Interrupted = &Interruption{Played: len(outcomes), Of: p.Cells[0].Runs, Unit: "runs"}
		p.fill(0, outcomes)
		p.Cells[0].unproven()
	case at > 0:
		p.Interrupted, p.Cells = &Interruption{Played: at, Of: all, Unit: "cells"}, p.Cells[:at]
	default:
		return nil
	}
	return p
}

// usualRuns is how often c is played where nobody says.
func (c *Case) usualRuns() int {
	switch {
	case len(c.pledges()) == 0:
		return OtherRuns
	case c.Strategy == engine.ABTesting:
		return TestRuns
	default:
		return PromisedRuns
	}
}

// mostOfFleets is how often a fleet may err for what is promised of c; 0: any may, as where
// all tenants are alike.
func (c *Case) mostOfFleets() float64 {
	if c.Spread == 0 || !c.Identical() || len(c.pledges()) == 0 {
		return 0
	}
	return nearCap * c.Cap
}

// cells are the combinations, the judge changing last, and what there is more.
func (g Grid) cells() []Cell {
	var cells []Cell
	for _, factor := range g.Factors {
		for _, rate := range g.ErrorRates {
			for _, perTenant := range g.PerTenant {
				for _, spread := range g.Spreads {
					for _, noise := range g.Noises {
						for _, mode := range g.Modes {
							c := usual()
							c.Mode, c.ErrorRate, c.Factor, c.PerTenant, c.Spread, c.Noise, c.Scraped = mode, rate, factor, perTenant, spread, noise, g.Scraped
							cells = append(cells, Cell{Case: c})
						}
					}
				}
			}
		}
	}
	for _, c := range g.More {
		c.Scraped = g.Scraped
		cells = append(cells, Cell{Case: c})
	}
	return cells
}

// fill gives c the figures of outcomes.
func (c *Cell) fill(outcomes []outcome) {
	c.Runs = len(outcomes)
	var back, held, through int
	var detected, failed []float64
	for i := range outcomes {
		o := &outcomes[i]
		switch o.ending {
		case scenario.RolledBack:
			back++
		case scenario.Succeeded:
			through++
		default:
			held++
		}
		if o.alarmed {
			detected = append(detected, o.detected.Seconds())
		}
		if o.outside {
			c.Outside++
		}
		failed = append(failed, float64(o.failed))
	}
	c.RolledBack, c.Held, c.Through = shareOf("rolled back", back, c.Runs), shareOf("held", held, c.Runs), shareOf("through", through, c.Runs)
	c.Detected, c.Failed = spreadOf(detected), spreadOf(failed)
	c.Pledges = append([]Pledge{}, c.pledges()...)
	for i := range c.Pledges {
		c.Pledges[i].count(outcomes)
	}
	c.Required, c.Promise = len(c.Pledges) > 0, worstOf(c.Pledges)
}
