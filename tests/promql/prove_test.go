package promql

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/prometheus/storage"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

const plugin = "payment-processor-stripe"

// cell is one combination of the grid of hotswap prove.
type cell struct {
	rate, factor, perTenant, spread, noise float64
}

func (c cell) String() string {
	return fmt.Sprintf("%g%% x%g at %g per s and tenant", c.rate*100, c.factor, c.perTenant)
}

// scenario is the guide's canary on it.
func (c cell) scenario() *scenario.Scenario {
	s := scenario.New()
	s.Name, s.Installed = "promql", "1.5.0"
	s.World.TenantErrorSpread, s.World.MinuteNoise = c.spread, c.noise
	s.World.RequestsPerSecond = c.perTenant * float64(s.World.Tenants)
	s.World.Metrics.Bounds = slices.Clone(bounds)
	bad := c.factor > 1
	behave := func(rate float64) scenario.Version {
		b := simulator.DefaultBehaviour()
		b.ErrorRate = rate
		return scenario.Version{Behaviour: b, Bad: &bad}
	}
	s.Versions = map[string]scenario.Version{"1.5.0": behave(c.rate), "1.6.0": behave(c.rate * c.factor)}
	mode := string(engine.Sequential)
	s.Deployment = engine.Spec{
		PluginID: plugin, Environment: engine.Production, Version: "1.6.0", Strategy: engine.Canary, Analysis: &engine.AnalysisSettings{Mode: &mode},
	}
	return s
}

// meter scrapes what happened in the world since the last question, and asks.
type meter struct {
	engine.Meter
	t       *testing.T
	scraped *scraped
	exact   *simulator.World
	asked   int
}

// Measure implements engine.Meter.
func (m *meter) Measure(ctx context.Context, q engine.Question) (engine.Answer, error) {
	if (q.Candidate|q.Baseline)&(engine.WantTenants|engine.WantByTenant) != 0 {
		m.scraped.byTenant = true
	}
	if err := m.scraped.until(ctx, m.exact.Now()); err != nil {
		m.t.Fatal(err)
	}
	a, err := m.Meter.Measure(ctx, q)
	if m.asked++; err == nil && m.asked%10 == 0 {
		m.compare(ctx, &q, &a)
	}
	return a, err
}

// compare holds an answer against what the world counted: no more than in a time that is two
// scrapes longer, and hardly less than in one that is three shorter at both ends.
func (m *meter) compare(ctx context.Context, q *engine.Question, a *engine.Answer) {
	more, less := *q, *q
	more.From, less.From, less.To = q.From.Add(-2*every), q.From.Add(3*every), q.To.Add(-3*every)
	if !less.To.After(less.From) || more.From.Before(m.scraped.begin.Add(history)) {
		return
	}
	most, err := m.exact.Measure(ctx, more)
	if err != nil {
		m.t.Fatal(err)
	}
	least, err := m.exact.Measure(ctx, less)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, n := range []struct {
		what             string
		got, most, least int64
	}{
		{"requests", a.Candidate.Requests, most.Candidate.Requests, least.Candidate.Requests},
		{"errors", a.Candidate.Errors, most.Candidate.Errors, least.Candidate.Errors},
		{"requests of the baseline", a.Baseline.Requests, most.Baseline.Requests, least.Baseline.Requests},
		{"errors of the baseline", a.Baseline.Errors, most.Baseline.Errors, least.Baseline.Errors},
	} {
		if n.got > n.most || float64(n.got) < 0.95*float64(n.least)-5 {
			m.t.Errorf("%s..%s: %d %s, and the world counted %d..%d", q.From, q.To, n.got, n.what, n.least, n.most)
		}
	}
}

// through is the meter of a world whose metrics go through a database and PromQL.
func through(t *testing.T, w *simulator.World, seed int64) *meter {
	t.Helper()
	db, a := database(t)
	s := &scraped{w: w, db: db, begin: w.Now().Add(-history), candidate: "1.6.0", installed: "1.5.0", seed: seed}
	for i, err := range w.Instances(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		s.instances = append(s.instances, i.ID)
	}
	for i, id := range s.instances {
		phase := every * time.Duration(i) / time.Duration(len(s.instances))
		s.targets = append(s.targets, target{name: id, next: s.begin.Add(phase), ends: s.begin.Add(history).Add(time.Duration(s.luck(id, s.begin) % uint64(restart))), live: map[string]storage.SeriesRef{}})
	}
	s.tenants = target{name: "tenants", next: w.Now().Add(-2 * every), live: map[string]storage.SeriesRef{}}
	return &meter{Meter: asking(t, a), t: t, scraped: s, exact: w}
}

// tally is what came of the rollouts of a cell.
type tally struct{ runs, back, held, through, broken int }

// play walks rollouts of a cell.
func play(t *testing.T, c cell, runs int) (sum tally) {
	for i := range runs {
		seed := campaign.SeedOf(1, i)
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { // so that its database goes with it
			r, err := scenario.Run(t.Context(), c.scenario(), seed, scenario.Options{Meter: func(w *simulator.World) engine.Meter {
				return through(t, w, seed)
			}})
			if err != nil {
				t.Fatal(err)
			}
			sum.runs++
			sum.broken += len(r.Violations)
			switch r.Ending {
			case scenario.Ending(engine.RolledBack):
				sum.back++
			case scenario.Succeeded:
				sum.through++
			default:
				sum.held++
				if os.Getenv("PROMQL_VERBOSE") != "" {
					t.Log(r.Reason)
				}
			}
		})
	}
	return sum
}

// TestPromises plays cells of hotswap prove of which something is promised, in PROMQL_RUNS
// runs each; usually few. With more of them the bounds are closer.
func TestPromises(t *testing.T) {
	runs := 6
	if n, err := strconv.Atoi(os.Getenv("PROMQL_RUNS")); err == nil {
		runs = n
	}
	for _, c := range []cell{
		{0.02, 1, 0.1, 1.06, 0.25},
		{0.03, 1, 1, 1.06, 0.25},
		{0.01, 1, 1, 0, 0},
		{0.02, 2, 1, 1.06, 0.25},
		{0.03, 2, 1, 1.06, 0.25},
	} {
		t.Run(c.String(), func(t *testing.T) {
			begin := time.Now()
			sum := play(t, c, runs)
			t.Logf("%d runs, %d rolled back, %d held, %d through; %s a run", sum.runs, sum.back, sum.held, sum.through, (time.Since(begin) / time.Duration(max(1, sum.runs))).Round(time.Millisecond))
			if sum.broken > 0 {
				t.Errorf("%d promises of the engine were broken", sum.broken)
			}
			switch {
			case c.factor == 1 && unlikely(sum.back, sum.runs, 0.01):
				t.Errorf("%d of %d good versions were rolled back, where at most 1 %% are promised", sum.back, sum.runs)
			case c.factor > 1 && sum.through > 0:
				t.Errorf("%d of %d versions that err twice as often got through", sum.through, sum.runs)
			}
		})
	}
}

// unlikely says whether k of n are more than chance makes of a share in one of a thousand
// times.
func unlikely(k, n int, share float64) bool {
	p, below := 1.0, 0.0
	for range n {
		p *= 1 - share
	}
	for i := range k {
		below += p
		p *= float64(n-i) / float64(i+1) * share / (1 - share)
	}
	return k > 0 && 1-below < 0.001
}
