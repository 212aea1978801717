package provider

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// TestSettingsOfTheSimulator holds that whatever the simulator can be told, a
// configuration can tell it: every field has an attribute, which says its default
// and is read into it, and no attribute is without a field.
func TestSettingsOfTheSimulator(t *testing.T) {
	world := simulator.DefaultConfig()
	elsewhere := []string{"installed", "versions", "can", "metrics", "tenant_weights"} // not numbers; TestFleetInline reads them
	checkSettings(t, "simulated", reflect.ValueOf(world), fleetSchema("", ""), append(elsewhere,
		"seed",   // of the provider's block alone; a campaign has seeds of its own
		"faults", // a scenario's to say: they have times of their own
		"-",      // Left: not a setting, but which of them are left out
	))
	checkSettings(t, "simulated.metrics", reflect.ValueOf(simulator.DefaultMetrics()), metricsSchema(),
		[]string{"resolution", "delay", "bounds", "by_tenant"}) // not numbers
	checkSettings(t, "simulated.versions", reflect.ValueOf(simulator.DefaultBehaviour()), behaviourSchema(), nil)
	if _, ok := simulatedSchema()["seed"]; !ok {
		t.Error("the provider's fleet has no seed")
	}
}

// checkSettings compares the fields of a struct with attributes, but for some.
func checkSettings(t *testing.T, where string, usual reflect.Value, attributes map[string]providerschema.Attribute, except []string) {
	t.Helper()
	left := maps.Clone(attributes)
	for i := range usual.NumField() {
		name, _, _ := strings.Cut(usual.Type().Field(i).Tag.Get("json"), ",")
		a, ok := attributes[name]
		delete(left, name)
		switch {
		case slices.Contains(except, name):
			continue
		case !ok:
			t.Errorf("%s: the simulator's %s has no attribute: add it to fleet_schema.go", where, name)
			continue
		}
		def := strconv.FormatFloat(usual.Field(i).Convert(reflect.TypeFor[float64]()).Float(), 'g', -1, 64)
		if !strings.Contains(a.GetMarkdownDescription(), "Default `"+def+"`") {
			t.Errorf("%s.%s does not say that its default is %s: %q", where, name, def, a.GetMarkdownDescription())
		}
		var said attr.Value = types.Float64Value(17)
		if a.GetType() == types.Int64Type {
			said = types.Int64Value(17)
		}
		to := reflect.New(usual.Type()).Elem()
		to.Set(usual)
		block{r: &reading{}, attrs: map[string]attr.Value{name: said}}.settle(to)
		for j := range to.NumField() {
			if want := i == j; want == reflect.DeepEqual(to.Field(j).Interface(), usual.Field(j).Interface()) {
				t.Errorf("%s.%s = 17 makes %s %v", where, name, to.Type().Field(j).Name, to.Field(j))
			}
		}
	}
	for name := range left {
		if !slices.Contains(except, name) {
			t.Errorf("%s.%s is no setting of the simulator", where, name)
		}
	}
}

// TestFleetInline reads a fleet from a block.
func TestFleetInline(t *testing.T) {
	inline := settings{
		"instances": 4, "spare": 2, "tenant_spread": 0.1, "tenant_error_spread": 0.83, "minute_noise": 0.25, "tenant_weights": []any{40.0, 2.5}, "tenant_churn": 0.02,
		"daily_swing": 0.5, "daily_peak_hour": 15, "probe_interval_seconds": 5, "switch_seconds": 3,
		"installed": settings{"stripe": "1.5.0"},
		"can":       settings{"probes": false, "tenants": true},
		"metrics": settings{
			"resolution": "60s", "delay": "PT15S", "bounds": []any{50.0, 100.0}, "by_tenant": false, "coverage": 0.0, "resets": 0.5, "missing": 0.1,
		},
		"versions": settings{"1.6.0": settings{"cold_seconds": 30, "cold_error_rate": 0.2, "satisfaction": 3, "promoted_error_rate": 0.1}},
	}
	c := simulatedConfig(t, inline)
	want := simulator.DefaultConfig()
	want.Instances, want.Spare, want.TenantSpread, want.TenantErrorSpread, want.MinuteNoise = 4, 2, 0.1, 0.83, 0.25
	want.TenantWeights, want.TenantChurn = []float64{40, 2.5}, 0.02
	want.DailySwing, want.DailyPeakHour, want.ProbeIntervalSeconds, want.SwitchSeconds = 0.5, 15, 5, 3
	want.Can = map[engine.Capability]bool{engine.CanProbes: false, engine.CanTenants: true}
	want.Metrics = simulator.Metrics{
		Resolution: engine.Duration(time.Minute), Delay: engine.Duration(15 * time.Second), Bounds: []float64{50, 100}, Resets: 0.5, Missing: 0.1,
	}
	b := simulator.DefaultBehaviour()
	b.ColdSeconds, b.ColdErrorRate, b.Satisfaction, b.PromotedErrorRate = 30, 0.2, 3, 0.1
	want.Installed, want.Versions = map[string]string{"stripe": "1.5.0"}, map[string]simulator.Behaviour{"1.6.0": b}
	want.Left = []string{"tenants", "seed", "tenant_conversion_spread", "faults"}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("the fleet is %+v, want %+v", c, want)
	}
}

// simulatedConfig is the world that a block simulated asks for.
func simulatedConfig(t *testing.T, inline settings) simulator.Config {
	t.Helper()
	typ := providerschema.SingleNestedAttribute{Attributes: simulatedSchema()}.GetType()
	v, err := typ.ValueFromTerraform(context.Background(), build(t, typ.TerraformType(context.Background()), inline))
	if err != nil {
		t.Fatal(err)
	}
	o, ok := v.(types.Object)
	if !ok {
		t.Fatalf("%v is no object", v)
	}
	s, diags := readSimulated(context.Background(), o)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return s.config
}
