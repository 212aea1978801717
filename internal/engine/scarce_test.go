package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// TestThresholdsOfAHandful: a gate that needs no requests does not take one error of a
// handful for a rate, and still fails what is past chance. One that needs some compares as
// ever.
func TestThresholdsOfAHandful(t *testing.T) {
	for _, c := range []struct {
		needs, errors, requests int64
		want                    engine.Result
	}{
		{0, 0, 0, engine.Pass},
		{0, 1, 5, engine.Pass}, // 23 % of the time at 5 %
		{0, 2, 5, engine.Fail}, // 2 %
		{0, 1, 1, engine.Pass}, // 5 %
		{0, 9, 150, engine.Pass},
		{0, 600, 10_000, engine.Fail},
		{1, 1, 5, engine.Fail},
		{400, 25, 400, engine.Fail}, // 6.25 %: a point over the cap
	} {
		g := engine.Gate{Checks: []engine.Check{{Metric: engine.ErrorRate, Bound: 0.05}}, MinRequests: c.needs}
		e := engine.Evidence{End: true, Window: time.Minute, Condition: engine.Condition{Ready: 1, Watched: 1}}
		e.Candidate = engine.Measurement{Requests: c.requests, Errors: c.errors}
		if v := (engine.ThresholdJudge{}).Judge(&g, &e); v.Result != c.want {
			t.Errorf("%d of %d, %d needed: %s (%s), want %s", c.errors, c.requests, c.needs, v.Result, v.Reason, c.want)
		}
	}
}

// TestWarnsOfScarceTraffic: whatever the mode, and of a route to few tenants with the
// lightest of them.
func TestWarnsOfScarceTraffic(t *testing.T) {
	mode := "threshold"
	for _, c := range []struct {
		name    string
		spec    engine.Spec
		tenants int
		weigh   bool // the first tenant sends nearly everything
		says    string
	}{
		{"threshold, none needed", engine.Spec{Environment: engine.Development, Strategy: engine.Direct, Analysis: &engine.AnalysisSettings{Mode: &mode}}, 150, false, "little evidence"},
		{"few tenants", blueGreen(), 2, true, "too little traffic"},
		{"few tenants alike", blueGreen(), 2, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.spec.PluginID, c.spec.Version = "gateway", "1.6.0"
			perSecond := 100.0
			if c.spec.Environment == engine.Development {
				perSecond = 0.5
			}
			snapshot := enginetest.NewFleet(c.spec.Environment, "gateway", 10, c.tenants, "1.5.0", perSecond).Snapshot()
			if c.weigh {
				snapshot.Tenants[0].Weight = 10_000
			}
			p, err := engine.Compile("r", c.spec, snapshot)
			if err != nil {
				t.Fatal(err)
			}
			text := fmt.Sprint(p.Warnings)
			if c.says != "" && !strings.Contains(text, c.says) || c.says == "" && strings.Contains(text, "traffic") {
				t.Errorf("warnings: %s", text)
			}
		})
	}
}

// blueGreen shifts the traffic gradually, over an hour, and one tenant is enough to judge.
func blueGreen() engine.Spec {
	kind, one, hour := engine.Gradual, 1, engine.Duration(time.Hour)
	return engine.Spec{
		Environment: engine.Production, Strategy: engine.BlueGreen, Analysis: &engine.AnalysisSettings{MinTenants: &one},
		BlueGreen: &engine.BlueGreenSettings{SwitchoverType: &kind, SwitchoverPeriod: &hour},
	}
}

// TestHeadlineTellsOfTheWait: how long a person is waited for is in the plan.
func TestHeadlineTellsOfTheWait(t *testing.T) {
	hour := engine.Duration(time.Hour)
	snapshot := enginetest.NewFleet(engine.Production, "gateway", 10, 150, "1.5.0", 100).Snapshot()
	p, err := engine.Compile("r", engine.Spec{PluginID: "gateway", Version: "1.6.0", Environment: engine.Production, HoldTimeout: &hour}, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	if text := engine.Headline(&p); !strings.HasSuffix(text, "; held: rolled back where nobody decides within 1h") {
		t.Error(text)
	}
}
