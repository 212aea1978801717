package provider

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// ask reads hotswap_simulation over the protocol.
func ask(ctx context.Context, t *testing.T, question settings) (tftypes.Value, []*tfprotov6.Diagnostic) {
	t.Helper()
	return askOn(ctx, t, New("test")(), question)
}

// askOn asks a provider that may have been asked before.
func askOn(ctx context.Context, t *testing.T, p provider.Provider, question settings) (tftypes.Value, []*tfprotov6.Diagnostic) {
	t.Helper()
	server := providerserver.NewProtocol6(p)()
	schema, err := schemas()
	if err != nil {
		t.Fatal(err)
	}
	typ := schema.DataSourceSchemas["hotswap_simulation"].ValueType()
	config := dynamic(t, typ, build(t, typ, question))
	valid, err := server.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: "hotswap_simulation", Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if errorsIn(valid.Diagnostics) != "" || !build(t, typ, question).IsFullyKnown() {
		return tftypes.Value{}, valid.Diagnostics
	}
	resp, err := server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: "hotswap_simulation", Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if errorsIn(resp.Diagnostics) != "" {
		return tftypes.Value{}, resp.Diagnostics
	}
	v, err := resp.State.Unmarshal(typ)
	if err != nil {
		t.Fatal(err)
	}
	return v, resp.Diagnostics
}

// figures reads parts of an answer, as in outcomes.succeeded.count.
func figures(t *testing.T, v tftypes.Value, at string) string {
	t.Helper()
	for name := range strings.SplitSeq(at, ".") {
		if v.IsNull() {
			return ""
		}
		v = attributes(t, v)[name]
	}
	return textOf(t, v)
}

// tried is a canary of stripe.
func tried(version string, more ...map[string]any) settings {
	return deployment(version, append([]map[string]any{{
		"runs":      int64(20),
		"simulated": settings{"installed": settings{"stripe": "1.5.0"}, "versions": settings{"1.5.0": settings{"error_rate": 0.01}}},
	}}, more...)...)
}

// triedBad is the same of a version that errs.
func triedBad(more ...map[string]any) settings {
	bad := map[string]any{"simulated": settings{"installed": settings{"stripe": "1.5.0"}, "versions": settings{"9.9.9": settings{"error_rate": 0.2}}}}
	return tried("9.9.9", append([]map[string]any{bad}, more...)...)
}

func expectFigures(t *testing.T, question settings, want map[string]string) {
	t.Helper()
	v, diags := ask(context.Background(), t, question)
	expectGood(t, diags)
	if v.IsNull() {
		t.Fatal("there is no answer")
	}
	for at, text := range want {
		if got := figures(t, v, at); got != text {
			t.Errorf("%s = %q, want %q", at, got, text)
		}
	}
}

func TestSimulation(t *testing.T) {
	t.Run("a good version", func(t *testing.T) {
		expectFigures(t, tried("1.6.0"), map[string]string{
			"outcomes.succeeded.count": "20", "outcomes.rolled_back.count": "0", "outcomes.refused.share": "0",
			"false_rollback.count": "0", "missed_regression.count": "", "bad": "false", "runs": "20", "seed": "1",
			"duration_seconds.p50": "2402", "detected_seconds.p50": "", "rollback_seconds.most": "", "tenants_exposed.most": "150",
			"promises_broken": "0", "holds": "true", "as_expected.share": "1",
		})
	})
	t.Run("a bad version", func(t *testing.T) {
		expectFigures(t, triedBad(), map[string]string{
			"outcomes.rolled_back.share": "1", "false_rollback.count": "", "missed_regression.count": "0", "bad": "true",
			"tenants_exposed.p99": "15", "detected_seconds.count": "20",
		})
	})
	t.Run("a regression below the cap", func(t *testing.T) {
		regression := settings{"bad": true, "simulated": settings{
			"installed": settings{"stripe": "1.5.0"}, "versions": settings{"1.6.0": settings{"error_rate": 0.02}}, "requests_per_second": 300,
		}}
		expectFigures(t, tried("1.6.0", regression), map[string]string{"missed_regression.count": "0", "outcomes.rolled_back.count": "20"})
		expectFigures(t, tried("1.6.0", regression, settings{"analysis": settings{"mode": "threshold"}}), map[string]string{"missed_regression.count": "20"})
	})
	t.Run("always the same", func(t *testing.T) {
		first, _ := ask(context.Background(), t, triedBad(settings{"seed": 7}))
		again, _ := ask(context.Background(), t, triedBad(settings{"seed": 7}))
		other, _ := ask(context.Background(), t, triedBad(settings{"seed": 8}))
		if !first.Equal(again) || figures(t, first, "trace") == figures(t, other, "trace") {
			t.Error("the seed does not decide the answer")
		}
	})
}

// scenarioFile writes a scenario that a canary of stripe in Production stands in.
func scenarioFile(t *testing.T, more string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "fleet.yaml")
	text := "installed: 1.5.0\nversions:\n  9.9.9: {error_rate: 0.2}\n" + more
	if !strings.Contains(more, "deployment") {
		text += "deployment: {plugin_id: stripe, environment: Production, version: 9.9.9, strategy: Canary, canary: {stages: [20, 100]}}\n"
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSimulationOfAScenario(t *testing.T) {
	t.Run("as it is", func(t *testing.T) {
		file := scenarioFile(t, "seed: 3\nfleet: {instances: 4}\ntenants: {count: 100}\nexpect: {outcome: succeeded}\n")
		expectFigures(t, settings{"scenario": file, "runs": int64(5)}, map[string]string{
			"outcomes.rolled_back.count": "5", "tenants_exposed.most": "20", "seed": "3", "holds": "false", "as_expected.count": "0",
		})
	})
	t.Run("with other settings", func(t *testing.T) {
		file := scenarioFile(t, "tenants: {count: 100}\n")
		expectFigures(t, settings{
			"scenario": file, "runs": int64(5), "canary": settings{"stages": []any{int64(10), int64(100)}},
			"simulated": settings{"tenants": int64(200)},
		}, map[string]string{"tenants_exposed.most": "20"})
	})
	t.Run("with another strategy", func(t *testing.T) {
		expectFigures(t, settings{"scenario": scenarioFile(t, ""), "runs": int64(5), "strategy": "BlueGreen", "version": "1.6.0", "simulated": settings{"versions": settings{"1.6.0": settings{}}}},
			map[string]string{"outcomes.succeeded.count": "5", "bad": "false"})
	})
	t.Run("what was played can be played again", func(t *testing.T) {
		question := triedBad(settings{"canary": settings{"evaluation_period": "PT5M"}})
		first, _ := ask(context.Background(), t, question)
		file := filepath.Join(t.TempDir(), "played.yaml")
		if err := os.WriteFile(file, []byte(figures(t, first, "played")), 0o600); err != nil {
			t.Fatal(err)
		}
		expectFigures(t, settings{"scenario": file, "runs": int64(20)}, map[string]string{"trace": figures(t, first, "trace")})
	})
}

func TestInvalidSimulation(t *testing.T) {
	for name, test := range map[string]struct {
		question settings
		at, says string
	}{
		"nothing":          {settings{}, "version", "is not"},
		"a strategy":       {tried("1.6.0", settings{"strategy": "Hope"}), "strategy", `"Hope" is not one of`},
		"stages":           {tried("1.6.0", settings{"canary": settings{"stages": []any{int64(50), int64(10), int64(100)}}}), "canary.stages[1]", "is not above 50"},
		"a fleet":          {tried("1.6.0", settings{"simulated": settings{"tenants": int64(0)}}), "simulated.tenants", "0 is not in"},
		"runs":             {tried("1.6.0", settings{"runs": int64(0)}), "runs", "between 1 and 100000"},
		"no such file":     {settings{"scenario": "nowhere.yaml"}, "scenario", "nowhere.yaml"},
		"an empty name":    {settings{"scenario": ""}, "scenario", "is empty"},
		"a scenario":       {settings{"scenario": scenarioFile(t, "flet: {instances: 3}\n")}, "scenario", "fleet.yaml:4:1: flet: is not a key"},
		"nothing to do":    {tried("1.6.0", settings{"strategy": "ABTesting", "simulated": settings{}}), "", "There is nothing to simulate"},
		"another strategy": {settings{"scenario": scenarioFile(t, ""), "strategy": "Rolling", "canary": settings{}}, "canary", "Canary"},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := ask(context.Background(), t, test.question)
			expectAt(t, diags, test.at, test.says)
		})
	}
	_, diags := ask(context.Background(), t, settings{"scenario": unknown{}, "canary": unknown{}})
	expectGood(t, diags)
	_, diags = ask(context.Background(), t, tried("1.6.0", settings{"plugin_id": unknown{}, "simulated": unknown{}}))
	expectGood(t, diags)
}

// TestSimulationIsInterrupted: a campaign ends with the plan that wants it.
func TestSimulationIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, diags := ask(ctx, t, tried("1.6.0", settings{"runs": int64(100_000)}))
	expectAt(t, diags, "", "before all of its runs were over")
}

// simulatedObject is the block simulated.
func simulatedObject(t *testing.T, v settings) types.Object {
	t.Helper()
	attribute := providerschema.SingleNestedAttribute{Attributes: simulatedSchema()}
	raw := build(t, attribute.GetType().TerraformType(context.Background()), v)
	value, err := attribute.GetType().ValueFromTerraform(context.Background(), raw)
	if err != nil {
		t.Fatal(err)
	}
	return value.(types.Object)
}

func TestProviderScenario(t *testing.T) {
	file := scenarioFile(t, "seed: 3\nfleet: {instances: 4, spare: 1}\ntenants: {count: 40}\nfaults: [{kind: latency, magnitude: 2}]\n")
	s, diags := readSimulated(context.Background(), simulatedObject(t, settings{
		"scenario": file, "tenants": int64(50), "installed": settings{"paypal": "2.0.0"},
		"versions": settings{"9.9.9": settings{"latency_p99_ms": 300}, "2.0.0": settings{"error_rate": 0.1}},
	}))
	if diags.HasError() {
		t.Fatal(diags)
	}
	c := s.config
	if c.Seed != 3 || c.Instances != 4 || c.Spare != 1 || c.Tenants != 50 || len(c.Faults) != 1 || c.Installed["stripe"] != "1.5.0" || c.Installed["paypal"] != "2.0.0" {
		t.Errorf("the fleet is %+v", c)
	}
	if v := c.Versions["9.9.9"]; v.ErrorRate != 0.2 || v.LatencyP99Ms != 300 || c.Versions["2.0.0"].ErrorRate != 0.1 {
		t.Errorf("the versions are %+v", c.Versions)
	}
	broken := scenarioFile(t, "flet: {}\nseed: x\n")
	diags6 := validateProvider(t, map[string]any{"simulated": settings{"scenario": broken}})
	expectAt(t, diags6, "simulated.scenario", "fleet.yaml:4:1: flet: is not a key")
	expectAt(t, diags6, "simulated.scenario", `fleet.yaml:5:7: seed: "x" is not a whole number`)
	expectAt(t, validateProvider(t, map[string]any{"simulated": settings{"scenario": "nowhere.yaml"}}), "simulated.scenario", "working directory")
	expectGood(t, validateProvider(t, map[string]any{"simulated": settings{"scenario": unknown{}}}))
}
