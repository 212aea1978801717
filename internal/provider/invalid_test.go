package provider

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

type settings = map[string]any

// TestInvalidConfiguration: what is wrong is said when validating, on the attribute
// that it is about.
func TestInvalidConfiguration(t *testing.T) {
	c := newCore(t, newMemoryWorlds(t))
	canary := func(b settings) map[string]any { return deployment("1.6.0", settings{"canary": b}) }
	ab := func(b settings) map[string]any {
		return deployment("1.6.0", settings{"strategy": "ABTesting", "ab_testing": b})
	}
	rolling := func(b settings) map[string]any {
		return deployment("1.6.0", settings{"strategy": "Rolling", "rolling": b})
	}
	for _, test := range []struct {
		config map[string]any
		at     string // attribute
		says   string
	}{
		{deployment("1.6.0", settings{"strategy": "Canarry"}), "strategy", `"Canarry" is not one of Direct, Canary`},
		{deployment("1.6.0", settings{"strategy": ""}), "strategy", "leave it out"},
		{deployment("1.6.0", settings{"environment": "Prod"}), "environment", `"Prod" is not one of`},
		{deployment(""), "version", "letters, digits"},
		{deployment("1.6.0", settings{"plugin_id": "../x"}), "plugin_id", "letters, digits"},
		{canary(settings{"initial_percentage": 0}), "canary.initial_percentage", "0 is not in 1..100"},
		{canary(settings{"increment_percentage": 101}), "canary.increment_percentage", "101 is not in 1..100"},
		{canary(settings{"stages": []any{30, 10, 100}}), "canary.stages[1]", "10 is not above 30"},
		{canary(settings{"stages": []any{10, 10, 100}}), "canary.stages[1]", "is not above"},
		{canary(settings{"stages": []any{10, 50}}), "canary.stages[1]", "50 is not 100"},
		{canary(settings{"stages": []any{}}), "canary.stages", "is empty"},
		{canary(settings{"stages": []any{10, nil}}), "canary.stages", "null"},
		{canary(settings{"stages": []any{10, 100}, "initial_percentage": 10}), "canary.stages", "one of the two forms"},
		{canary(settings{"evaluation_period": "-5m"}), "canary.evaluation_period", "is negative"},
		{canary(settings{"evaluation_period": "ten minutes"}), "canary.evaluation_period", "is not a duration"},
		{canary(settings{"evaluation_period": "P1M"}), "canary.evaluation_period", "is not a duration"},
		{canary(settings{"evaluation_period": "10ms"}), "canary.evaluation_period", "is not in PT1S"},
		{canary(settings{"thresholds": settings{"max_error_rate": 1.5}}), "canary.thresholds.max_error_rate", "1.5 is not in 0..1"},
		{deployment("1.6.0", settings{"rolling": settings{}}), "rolling", "the strategy is Canary, the default in Production"},
		{deployment("1.6.0", settings{"strategy": "Direct", "canary": settings{}}), "canary", "the strategy is Direct"},
		{rolling(settings{"batch_size": "0"}), "rolling.batch_size", "at least 1 instance"},
		{rolling(settings{"batch_size": "150%"}), "rolling.batch_size", "1%..100%"},
		{rolling(settings{"batch_size": "many"}), "rolling.batch_size", "neither a number"},
		{rolling(settings{"max_parallel_batches": 0}), "rolling.max_parallel_batches", "at least 1"},
		{ab(settings{"variant_b": "1.7.0"}), "ab_testing.variant_b", "differs from version"},
		{ab(settings{"variant_a": "1.6.0"}), "ab_testing.variant_a", "nothing to compare"},
		{ab(settings{"traffic_split": settings{"a": 50, "b": 40}}), "ab_testing.traffic_split", "90, not 100"},
		{ab(settings{"decision_metrics": []any{"latency", "beauty"}}), "ab_testing.decision_metrics[1]", `"beauty" is not one of latency`},
		{ab(settings{"winner_threshold": 0}), "ab_testing.winner_threshold", "above 0"},
		{deployment("1.6.0", settings{"rollback_triggers": settings{"max_latency_p99_ratio": 0.5}}), "rollback_triggers.max_latency_p99_ratio", "above 1"},
		{deployment("1.6.0", settings{"analysis": settings{"mode": "magic"}}), "analysis.mode", "is not one of threshold, sequential"},
		{deployment("1.6.0", settings{"analysis": settings{"on_inconclusive": "promote"}}), "analysis.on_inconclusive", "hold, rollback"},
		{deployment("1.6.0", settings{"on_interrupt": "explode"}), "on_interrupt", "leave"},
		{deployment("1.6.0", settings{"decision": settings{"rollout_id": "x", "action": "maybe"}}), "decision.action", "promote"},
		{deployment("1.6.0", settings{"decision": settings{"rollout_id": "x", "action": "promote", "by": "a\x1b[2J"}}), "decision.by", "not one line of printable"},
		{deployment("1.6.0", settings{"decision": settings{"rollout_id": "x", "action": "promote", "reason": "a\nb"}}), "decision.reason", "not one line of printable"},
		{deployment("1.6.0", timeouts("create", "soon")), "timeouts.create", "is not a duration"},
		{deployment("1.6.0", timeouts("delete", "10ms")), "timeouts.delete", "less than a second"},
	} {
		t.Run(test.at+" "+test.says, func(t *testing.T) { expectAt(t, c.validate(test.config), test.at, test.says) })
	}
}

// expectAt looks for an error on an attribute.
func expectAt(t *testing.T, diags []*tfprotov6.Diagnostic, at, says string) {
	t.Helper()
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError && pathText(d) == at && strings.Contains(d.Detail, says) {
			return
		}
	}
	t.Errorf("no error on %s says %q; there is: %s", at, says, texts(diags, tfprotov6.DiagnosticSeverityError))
}

// pathText is the path of a diagnostic as a person writes it.
func pathText(d *tfprotov6.Diagnostic) string {
	if d.Attribute == nil {
		return ""
	}
	text := ""
	for _, step := range d.Attribute.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			text += "." + string(step)
		case tftypes.ElementKeyString:
			text += fmt.Sprintf("[%q]", string(step))
		case tftypes.ElementKeyInt:
			text += fmt.Sprintf("[%d]", int64(step))
		}
	}
	return strings.TrimPrefix(text, ".")
}

func TestEverythingWrongIsSaidAtOnce(t *testing.T) {
	c := newCore(t, newMemoryWorlds(t))
	diags := c.validate(deployment("", settings{
		"environment": "Prod", "strategy": "Canary",
		"canary":  settings{"initial_percentage": 0, "evaluation_period": "soon", "thresholds": settings{"max_error_rate": 2}},
		"rolling": settings{"batch_size": "x"},
	}))
	for _, at := range []string{
		"version", "environment", "canary.initial_percentage", "canary.evaluation_period", "canary.thresholds.max_error_rate",
		"rolling", "rolling.batch_size",
	} {
		expectAt(t, diags, at, "")
	}
}

// TestUnknownValuesAreNotJudged: while planning, any value may still be unknown.
func TestUnknownValuesAreNotJudged(t *testing.T) {
	for name, config := range map[string]map[string]any{
		"version":     deployment("", settings{"version": unknown{}}),
		"environment": deployment("1.6.0", settings{"environment": unknown{}, "rolling": settings{}}),
		"strategy":    deployment("1.6.0", settings{"strategy": unknown{}, "rolling": settings{}}),
		"block":       deployment("1.6.0", settings{"canary": unknown{}}),
		"duration":    deployment("1.6.0", settings{"canary": settings{"evaluation_period": unknown{}}}),
		"list":        deployment("1.6.0", settings{"canary": settings{"stages": unknown{}}}),
		"element":     deployment("1.6.0", settings{"canary": settings{"stages": []any{unknown{}, 100}}}),
		"split": deployment("1.6.0", settings{
			"strategy": "ABTesting", "ab_testing": settings{"traffic_split": settings{"a": unknown{}, "b": 20}},
		}),
		"variant": deployment("", settings{
			"version": unknown{}, "strategy": "ABTesting", "ab_testing": settings{"variant_b": "1.7.0"},
		}),
		"decision": deployment("1.6.0", settings{"decision": unknown{}}),
		"timeouts": deployment("1.6.0", settings{"timeouts": unknown{}}),
	} {
		t.Run(name, func(t *testing.T) {
			c := newCore(t, newMemoryWorlds(t))
			expectGood(t, c.validate(config))
			resp, planned := c.plan(config)
			expectGood(t, resp.Diagnostics)
			if attrs := attributes(t, planned); attrs["status"].IsKnown() {
				t.Error("the status is known")
			}
		})
	}
}

func TestUnknownVersionOfAnUpdate(t *testing.T) {
	c := newCore(t, newMemoryWorlds(t))
	expectGood(t, c.apply(context.Background(), deployment("1.6.0")))
	resp, planned := c.plan(deployment("", settings{"version": unknown{}}))
	expectGood(t, resp.Diagnostics)
	if attributes(t, planned)["stages"].IsKnown() {
		t.Error("the stages of an unknown version are known")
	}
}

// TestInvalidOnThisFleet: some things only the fleet shows to be wrong.
func TestInvalidOnThisFleet(t *testing.T) {
	c := newCore(t, newMemoryWorlds(t))
	resp, _ := c.plan(deployment("1.6.0", settings{"strategy": "ABTesting", "ab_testing": settings{"variant_a": "1.4.0"}}))
	expectAt(t, resp.Diagnostics, "ab_testing.variant_a", `"1.4.0" is not the active version "1.5.0"`)

	c = newCore(t, newMemoryWorlds(t, func(cfg *simulator.Config) { cfg.Installed = nil }))
	resp, _ = c.plan(deployment("1.6.0", settings{"strategy": "ABTesting"}))
	expectAt(t, resp.Diagnostics, "strategy", "compares with the active version, and there is none")
}

func TestInvalidProvider(t *testing.T) {
	for _, test := range []struct {
		simulated settings
		at, says  string
	}{
		{settings{"instances": 0}, "simulated.instances", "0 is not in 1..100000"},
		{settings{"tenants": -1}, "simulated.tenants", "is not in"},
		{settings{"requests_per_second": -1}, "simulated.requests_per_second", "is not in"},
		{settings{"daily_peak_hour": 25}, "simulated.daily_peak_hour", "25 is not in 0..24"},
		{settings{"probe_interval_seconds": 0}, "simulated.probe_interval_seconds", "0 is not in 1..3600"},
		{settings{"time_scale": -1}, "simulated.time_scale", "is not in"},
		{settings{"state_path": ""}, "simulated.state_path", "is empty"},
		{settings{"installed": settings{"a.b": ""}}, `simulated.installed["a.b"]`, "is not a version"},
		{settings{"versions": settings{"1.6.0": settings{"error_rate": 1.5}}}, `simulated.versions["1.6.0"].error_rate`, "1.5 is not in 0..1"},
		{settings{"versions": settings{"1.6.0": settings{"cold_latency_factor": 0.5}}}, `simulated.versions["1.6.0"].cold_latency_factor`, "0.5 is not in 1..1000"},
		{settings{"versions": settings{"1.6.0": settings{"latency_p99_ms": 1}}}, `simulated.versions["1.6.0"].latency_p99_ms`, "is below"},
	} {
		t.Run(test.at, func(t *testing.T) {
			diags := validateProvider(t, map[string]any{"simulated": test.simulated})
			found := false
			for _, d := range diags {
				found = found || strings.Contains(d.Detail, test.says) && strings.ReplaceAll(pathText(d), `["a["b"]`, `["a.b"]`) != ""
			}
			if !found {
				t.Errorf("nothing says %q: %s", test.says, errorsIn(diags))
			}
		})
	}
	if text := errorsIn(validateProvider(t, map[string]any{"simulated": settings{"instances": unknown{}, "versions": unknown{}, "state_path": unknown{}}})); text != "" {
		t.Error(text)
	}
}

func validateProvider(t *testing.T, config map[string]any) []*tfprotov6.Diagnostic {
	t.Helper()
	server := providerserver.NewProtocol6(New("test")())()
	schema, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	typ := schema.Provider.ValueType()
	resp, err := server.ValidateProviderConfig(context.Background(), &tfprotov6.ValidateProviderConfigRequest{
		Config: dynamic(t, typ, build(t, typ, config)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

// TestNoFleetIsAnError: the provider never simulates a fleet that nobody asked for, and
// says so where one is needed.
func TestNoFleetIsAnError(t *testing.T) {
	server := providerserver.NewProtocol6(New("test")())()
	schema, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	typ := schema.Provider.ValueType()
	resp, err := server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{
		Config: dynamic(t, typ, build(t, typ, map[string]any{})),
	})
	if err != nil {
		t.Fatal(err)
	}
	if text := errorsIn(resp.Diagnostics); text != "" {
		t.Errorf("a provider without a fleet: %s", text)
	}
	resource := schema.ResourceSchemas[deploymentType].ValueType()
	read, err := server.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{
		TypeName: deploymentType, CurrentState: dynamic(t, resource, build(t, resource, deployment("1.6.0", nil))),
	})
	if err != nil {
		t.Fatal(err)
	}
	if text := errorsIn(read.Diagnostics); !strings.Contains(text, "never simulates one silently") {
		t.Errorf("a refresh without a fleet: %q", text)
	}
}

func TestSchemaIsDescribed(t *testing.T) {
	server := providerserver.NewProtocol6(New("test")())()
	schema, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var walk func(at string, attributes []*tfprotov6.SchemaAttribute)
	walk = func(at string, attributes []*tfprotov6.SchemaAttribute) {
		for _, a := range attributes {
			if name := at + "." + a.Name; a.Description == "" {
				t.Errorf("%s has no description", name)
			} else if a.NestedType != nil {
				walk(name, a.NestedType.Attributes)
			} else if a.Optional && !a.Computed && !strings.Contains(a.Description, "efault") && !strings.HasPrefix(at, "deployment.timeouts") {
				t.Errorf("%s does not say its default: %s", name, a.Description)
			}
		}
	}
	walk("provider", schema.Provider.Block.Attributes)
	walk("deployment", schema.ResourceSchemas[deploymentType].Block.Attributes)
	for name, d := range schema.DataSourceSchemas {
		walk(fmt.Sprint(name), d.Block.Attributes)
	}
}
