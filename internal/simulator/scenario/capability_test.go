package scenario

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// without is a rollout on a fleet that lacks something.
func without(strategy engine.Strategy, lacks ...engine.Capability) *Scenario {
	s := New()
	s.Name, s.Installed = string(strategy), "1.5.0"
	s.World.Can = map[engine.Capability]bool{}
	for _, what := range lacks {
		s.World.Can[what] = false
	}
	s.Deployment = engine.Spec{PluginID: "stripe", Environment: engine.Production, Version: "1.6.0", Strategy: strategy}
	return s
}

// erring has a candidate whose requests fail, and sick one whose probes do.
func erring(s *Scenario) *Scenario {
	b := simulator.DefaultBehaviour()
	b.ErrorRate = 0.3
	s.Versions = map[string]Version{"1.6.0": {Behaviour: b}}
	return s
}

func sick(s *Scenario) *Scenario {
	s.Faults = []simulator.Fault{{Kind: simulator.ProbesFail, Version: "1.6.0"}}
	return s
}

// endOf plays s, which breaks no promise and is over by itself.
func endOf(t *testing.T, s *Scenario) *Result {
	t.Helper()
	r, err := Run(t.Context(), s, s.Seed, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Violations {
		t.Errorf("%s without %v: %v", s.Name, s.World.Can, v)
	}
	if waits := []Ending{Held, Paused, Stuck}; slices.Contains(waits, r.Ending) {
		t.Errorf("%s without %v is %s: %s", s.Name, s.World.Can, r.Ending, r.Reason)
	}
	return r
}

// TestEveryStrategyWithoutEveryCapability plays the whole table to its end: a version that
// is good gets through wherever a plan is made, and one that errs never does. A version
// whose probes fail is seen wherever somebody probes.
func TestEveryStrategyWithoutEveryCapability(t *testing.T) {
	var b strings.Builder
	for _, what := range engine.AllCapabilities() {
		fmt.Fprintf(&b, "%-15s", what)
		for _, strategy := range engine.Strategies() {
			fmt.Fprintf(&b, " %-10s", playedWithout(t, strategy, what))
		}
		b.WriteString("\n")
	}
	head, rows, _ := strings.Cut(strings.TrimPrefix(enginetest.CapabilityTable, "\n"), "\n")
	if got := b.String(); strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(rows), " ") {
		t.Errorf("%s\n%s", head, got)
	}
}

// playedWithout is the cell of the table, after good and bad versions were played.
func playedWithout(t *testing.T, strategy engine.Strategy, what engine.Capability) string {
	t.Helper()
	good := endOf(t, without(strategy, what))
	if good.Ending == Refused {
		if !strings.Contains(good.Reason, "fleet") {
			t.Errorf("%s without %s is refused, and not for the fleet: %s", strategy, what, good.Reason)
		}
		return "refused"
	}
	through := Succeeded
	if strategy == engine.ABTesting { // B is no better
		through = Retained
	}
	if good.Ending != through || good.Alarmed {
		t.Errorf("%s without %s: a good version is %s: %s", strategy, what, good.Ending, good.Reason)
	}
	if r := endOf(t, erring(without(strategy, what))); !r.Turned() {
		t.Errorf("%s without %s: a version that errs is %s: %s", strategy, what, r.Ending, r.Reason)
	}
	if what != engine.CanProbes { // else such a version is not one
		if r := endOf(t, sick(without(strategy, what))); !r.Turned() {
			t.Errorf("%s without %s: a version whose probes fail is %s: %s", strategy, what, r.Ending, r.Reason)
		}
	}
	for _, w := range good.Plan.Warnings {
		if strings.HasSuffix(w.Problem, "left out") || w.Problem == "canary by routes" || w.Problem == "evidence can only hold" {
			return "warned"
		}
	}
	return "."
}

// TestHealthAlone plays what is judged by health alone because nobody counts: it gets
// through on good health only, and no verdict tells of numbers that nobody had.
func TestHealthAlone(t *testing.T) {
	for _, strategy := range []engine.Strategy{engine.Direct, engine.Rolling} {
		alone := func() *Scenario {
			s := without(strategy, engine.CanTraffic)
			none := int64(0)
			s.Deployment.Analysis = &engine.AnalysisSettings{MinRequests: &none}
			return s
		}
		good := endOf(t, alone())
		if good.Ending != Succeeded {
			t.Errorf("%s: a good version is %s: %s", strategy, good.Ending, good.Reason)
		}
		for _, e := range good.Events {
			if v := e.Verdict; v != nil && (v.Requests != 0 || len(v.Findings) != 0) {
				t.Errorf("%s: a verdict tells of %d requests, %v, which nobody counted", strategy, v.Requests, v.Findings)
			}
		}
		if r := endOf(t, sick(alone())); r.Ending != RolledBack {
			t.Errorf("%s: a version whose probes fail is %s: %s", strategy, r.Ending, r.Reason)
		}
	}
}

// TestPoorestFleet plays the least that a fleet can do and be rolled out to.
func TestPoorestFleet(t *testing.T) {
	lacks := slices.DeleteFunc(engine.AllCapabilities(), func(what engine.Capability) bool {
		return what == engine.CanJournal || what == engine.CanProbes
	})
	s := without(engine.Rolling, lacks...)
	none := int64(0)
	s.Deployment.Analysis = &engine.AnalysisSettings{MinRequests: &none}
	if r := endOf(t, s); r.Ending != Succeeded {
		t.Errorf("a good version is %s: %s", r.Ending, r.Reason)
	}
	if r := endOf(t, sick(s)); r.Ending != RolledBack {
		t.Errorf("a version whose probes fail is %s: %s", r.Ending, r.Reason)
	}
}
