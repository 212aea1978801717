package campaign

import (
	"math"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// TestWhale: a whale sends its share of all requests, whatever the others send.
func TestWhale(t *testing.T) {
	for _, spread := range []float64{0, unlike} {
		c := usual()
		c.Tenants, c.Whale, c.Weights = 400, 0.2, spread
		s := c.Scenario()
		plan, err := s.Plan(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		heaviest, all := 0.0, 0.0
		for _, tenant := range plan.Tenants {
			heaviest, all = max(heaviest, tenant.Weight), all+tenant.Weight
		}
		if share := heaviest / all; math.Abs(share-0.2) > 0.02 {
			t.Errorf("spread %g: the whale sends %g of the traffic", spread, share)
		}
	}
}

// TestHardCases: each is a scenario of which a plan can be made and something is promised,
// unless its fleet does not know the day before, has a name of its own, and all strategies are among them.
func TestHardCases(t *testing.T) {
	names, strategies := map[string]bool{}, map[engine.Strategy]bool{}
	for _, c := range HardCases() {
		s := c.Scenario()
		if err := s.Validate(); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		if _, err := s.Plan(t.Context(), 1); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		if len(c.pledges()) == 0 != (c.Forgets && c.Strategy != engine.ABTesting) || names[c.Name] {
			t.Errorf("%s: nothing is promised, or there are two", c.Name)
		}
		if s.Bad() == c.Identical() {
			t.Errorf("%s: bad is %v", c.Name, s.Bad())
		}
		names[c.Name], strategies[c.Strategy] = true, true
	}
	if len(strategies) != len(engine.Strategies()) {
		t.Errorf("the strategies are %v", strategies)
	}
}

// TestPledges: what is promised of a run is counted by what happened in it, and not of fleets
// that err too often by themselves.
func TestPledges(t *testing.T) {
	test := usual()
	test.Strategy, test.Split, test.BakeSeconds = engine.ABTesting, 50, 3600
	near := usual()
	near.ErrorRate = 0.04
	forgets := usual()
	forgets.Forgets = true
	found := usual()
	found.Factor, found.Finds = 3, true
	for _, c := range []struct {
		what string
		of   Case
		want []string
	}{
		{"canary", usual(), []string{ofRolledBack, ofHeld}},
		{"near the cap", near, nil},
		{"a fleet that forgets", forgets, nil},
		{"a regression", found, []string{ofMissed}},
		{"a test", test, []string{ofRolledBack, ofHeld, ofAdopted, "found better: latency", "found better: errorRate", "found better: conversionRate"}},
	} {
		var got []string
		for _, p := range c.of.pledges() {
			got = append(got, p.Of)
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.what, got, c.want)
			}
		}
	}
	outcomes := []outcome{
		{turned: true, begun: true}, {accused: true, begun: true}, {turned: true, accused: true, outside: true}, {ending: scenario.Succeeded, begun: true, better: []engine.Metric{engine.Latency}},
	}
	for _, c := range []struct {
		of    Case
		which int
		seen  int64
	}{{usual(), 0, 1}, {usual(), 1, 1}, {test, 0, 0}, {test, 2, 1}, {test, 3, 1}, {test, 4, 0}} {
		p := c.of.pledges()[c.which]
		if p.count(outcomes); p.Share.Count != c.seen || p.Share.High > 0.9 {
			t.Errorf("%s: %+v, want %d of 3", p.Of, p.Share, c.seen)
		}
	}
}
