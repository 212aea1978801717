package engine_test

import (
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// TestLeads has plans say of each gate what really follows, in words and as a fact: A stays where
// an A/B test does not see B win, and what cannot be taken back is held.
func TestLeads(t *testing.T) {
	oneWay := []engine.OneWay{{From: "1.0.0", To: "2.0.0"}}
	for name, c := range map[string]struct {
		strategy           engine.Strategy
		ways               []engine.OneWay
		fail, inconclusive string
		text, line, guard  string
	}{
		"canary": {engine.Canary, nil, "rollback", "hold", "else rollback; at least", "failed: rollback; too little data: hold", "trips: rollback"},
		"a/b":    {engine.ABTesting, nil, "retain", "retain", "else A stays; at least 400 requests of at least 10 tenants, else A stays", "A, 1.0.0, stays", "trips: A stays"},
		"a/b one way": {
			engine.ABTesting, oneWay, "hold", "hold", "else hold; at least 400 requests of at least 10 tenants, else hold",
			"if B does not win, or too little is seen of it: hold", "trips: hold",
		},
	} {
		s := enginetest.NewFleet(engine.Production, "p", 3, 30, "1.0.0", 100).Snapshot()
		s.OneWay = c.ways
		p, err := engine.Compile("r", engine.Spec{PluginID: "p", Environment: engine.Production, Version: "2.0.0", Strategy: c.strategy}, s)
		if err != nil {
			t.Fatal(err)
		}
		gate := p.Stages[1].Gate
		if fail, inconclusive := gate.Leads(); fail != c.fail || inconclusive != c.inconclusive {
			t.Errorf("%s: failure leads to %s, too little data to %s", name, fail, inconclusive)
		}
		lines := strings.Join(engine.SummaryLines(&p), "\n")
		if !strings.Contains(gate.String(), c.text) || !strings.Contains(lines, c.line) || !strings.Contains(lines, c.guard) {
			t.Errorf("%s: %s\n%s", name, gate, lines)
		}
	}
}
