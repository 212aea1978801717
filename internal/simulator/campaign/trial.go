package campaign

import (
	"context"
	"fmt"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// TestGrid is what A/B tests are tried on, with every truth that there is about B.
type TestGrid struct {
	Modes     []engine.JudgeMode
	Tenants   []int
	PerTenant []float64 // requests per second and tenant
	Promised  bool      // leave out what nothing is promised of
	Scraped   bool      // see Grid.Scraped
}

// UsualTestGrid is the one whose figures stand in the documentation, but for the
// fleets of 20,000 tenants, which are dear.
func UsualTestGrid() TestGrid {
	return TestGrid{
		Modes:     []engine.JudgeMode{engine.Threshold, engine.Sequential},
		Tenants:   []int{150, 2000},
		PerTenant: []float64{0.1},
	}
}

// Trial is an A/B test of a day whose truth is known, and what came of it.
type Trial struct {
	Truth     string           `json:"truth"` // what B is, in words
	Mode      engine.JudgeMode `json:"mode"`
	Tenants   int              `json:"tenants"`
	PerTenant float64          `json:"requests_per_second_and_tenant"`
	// Prior says whether the fleet knows how its tenants did in the day before, so that
	// the test is adjusted by it.
	Prior bool `json:"prior"`
	Runs  int  `json:"runs"`

	// Found is how often a decision metric was better past chance, and Adopted how often
	// B took over: then no guardrail stood against it either. The threshold judge does
	// not reckon with chance and finds nothing.
	Found   Share `json:"found"`
	Adopted Share `json:"adopted"`
	// Required says whether the judge promises that B is adopted in at most Most of the
	// tests, 0..1, and Promise what was shown of that.
	Required bool    `json:"required"`
	Most     float64 `json:"most"`
	Promise  Shown   `json:"promise"`

	truth truth
}

// truth is what B is beside A, which behaves by default.
type truth struct {
	words    string
	required bool
	most     float64
	noise    float64 // of the minutes, for both
	b        func(*simulator.Behaviour)
}

// truths are what B may be. The last one is what a test is for.
var truths = []truth{
	{words: "identical", required: true, most: 0.05, b: func(*simulator.Behaviour) {}},
	{words: "identical, in noisy minutes", required: true, most: 0.05, noise: 0.25, b: func(*simulator.Behaviour) {}},
	{words: "errors × 2, conversion × 1.5", required: true, b: func(b *simulator.Behaviour) {
		b.ErrorRate, b.ConversionRate = 0.02, 0.045
	}},
	{words: "conversion × 1.1", b: func(b *simulator.Behaviour) { b.ConversionRate = 0.033 }},
	{words: "conversion 3 % → 5 %", b: func(b *simulator.Behaviour) { b.ConversionRate = 0.05 }},
	{words: "errors 1 % → 0.5 %, p99 200 → 150 ms, conversion 3 % → 5 %", b: func(b *simulator.Behaviour) {
		b.ErrorRate, b.LatencyP99Ms, b.ConversionRate = 0.005, 150, 0.05
	}},
}

// TestProof is a grid of A/B tests that was tried.
type TestProof struct {
	Kind   string `json:"kind"`   // KindTestProof
	Format int    `json:"format"` // see Format
	Seed   int64  `json:"seed"`
	Runs   int    `json:"runs"` // of each trial
	// Interrupted says that not all trials were played; nil: they were.
	Interrupted *Interruption `json:"interrupted,omitempty"`

	Spread float64 `json:"tenant_spread"`
	// Scraped says that the counters were scraped.
	Scraped bool    `json:"scraped,omitempty"`
	Trials  []Trial `json:"trials"`
	Broken  int     `json:"promises_broken"` // runs that broke a promise of the engine
}

// Checks are the trials, and what was shown of the promise of each.
func (p *TestProof) Checks() []Checked {
	all := make([]Checked, len(p.Trials))
	for i, t := range p.Trials {
		prior := "without the day before"
		if t.Prior {
			prior = "with the day before"
		}
		all[i] = Checked{fmt.Sprintf("%s, %d tenants, %s %s", t.Truth, t.Tenants, t.Mode, prior), t.promise(), t.Promise}
	}
	return all
}

// Holds says whether no promise was refuted.
func (p *TestProof) Holds() bool {
	for _, t := range p.Trials {
		if t.Promise == Broken {
			return false
		}
	}
	return p.Broken == 0
}

// ProveTests plays A/B tests of a day on every trial of g, opt.Runs times: between
// identical versions, with a B that does harm, and with one that is better. Tenants
// differ in how often they err and convert. The worlds of a run are the same in every
// trial with as many tenants. Where ctx is done before that, the proof has the trials that were
// played whole by then, and comes with ctx's error; it is nil where there are none.
func ProveTests(ctx context.Context, g TestGrid, opt Options) (*TestProof, error) {
	p := &TestProof{Kind: KindTestProof, Format: Format, Seed: opt.Seed, Runs: opt.Runs, Spread: unlike, Scraped: g.Scraped, Trials: g.trials()}
	whole, err := inTurn(ctx, len(p.Trials), opt, func(i int) *scenario.Scenario {
		s := p.Trials[i].scenario()
		if g.Scraped {
			s.World.Metrics = scraped()
		}
		return s
	}, func(i int, outcomes []outcome) {
		if len(outcomes) < opt.Runs {
			return
		}
		for _, o := range outcomes {
			p.Broken += min(1, len(o.broken))
		}
		p.Trials[i] = p.Trials[i].filled(outcomes)
	})
	if err != nil && (ctx.Err() == nil || whole == 0) {
		return nil, err
	}
	if err != nil {
		p.Interrupted, p.Trials = &Interruption{Played: whole, Of: len(p.Trials), Unit: "trials"}, p.Trials[:whole]
	}
	return p, err
}

// trials are the combinations, the judge and what it knows changing last.
func (g TestGrid) trials() []Trial {
	var trials []Trial
	for _, truth := range truths {
		for _, tenants := range g.Tenants {
			for _, perTenant := range g.PerTenant {
				for _, mode := range g.Modes {
					for _, prior := range []bool{false, true} {
						if mode == engine.Threshold && prior {
							continue // it does not look at what was before
						}
						t := Trial{
							Truth: truth.words, Mode: mode, Tenants: tenants, PerTenant: perTenant, Prior: prior,
							Required: truth.required && mode == engine.Sequential, Most: truth.most, truth: truth,
						}
						if t.Required || !g.Promised {
							trials = append(trials, t)
						}
					}
				}
			}
		}
	}
	return trials
}

// scenario is the guide's A/B test in the world of t.
func (t Trial) scenario() *scenario.Scenario {
	s := scenario.New()
	s.Name, s.Installed = "proof", "1.5.0"
	s.World.Tenants, s.World.RequestsPerSecond = t.Tenants, t.PerTenant*float64(t.Tenants)
	s.World.TenantErrorSpread, s.World.TenantConversionSpread, s.World.MinuteNoise = unlike, unlike, t.truth.noise
	b := simulator.DefaultBehaviour()
	t.truth.b(&b)
	s.Versions = map[string]scenario.Version{"1.5.0": {Behaviour: simulator.DefaultBehaviour()}, "1.6.0": {Behaviour: b}}
	if !t.Prior {
		s.World.Can = map[engine.Capability]bool{engine.CanHistory: false}
	}
	mode := string(t.Mode)
	s.Deployment = engine.Spec{
		PluginID: "payment-processor-stripe", Environment: engine.Production, Version: "1.6.0", Strategy: engine.ABTesting,
		Analysis: &engine.AnalysisSettings{Mode: &mode},
	}
	return s
}

// filled is t with the figures of outcomes.
func (t Trial) filled(outcomes []outcome) Trial {
	t.Runs = len(outcomes)
	var found, adopted int
	for _, o := range outcomes {
		if len(o.better) > 0 {
			found++
		}
		if o.ending == scenario.Succeeded {
			adopted++
		}
	}
	t.Found, t.Adopted = shareOf("found better", found, t.Runs), shareOf("adopted", adopted, t.Runs)
	if t.Required {
		t.Promise = shown(t.Adopted, t.Most)
	}
	return t
}
