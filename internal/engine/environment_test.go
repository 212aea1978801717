package engine_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

func in(e, kind engine.Environment) engine.Spec {
	return engine.Spec{PluginID: "p", Environment: e, EnvironmentKind: kind, Version: "2"}
}

// TestEnvironments has which environments there may be, and of which kind.
func TestEnvironments(t *testing.T) {
	for _, c := range []struct {
		e, kind engine.Environment
		want    string // "": fine
	}{
		{engine.Production, "", ""},
		{engine.Production, engine.Production, ""},
		{"prod-eu", engine.Production, ""},
		{"PRD_1.x", engine.Staging, ""},
		{"7", engine.QA, ""},
		{engine.Production, engine.Staging, `environment_kind: "Staging" is not the kind of Production`},
		{engine.QA, "Moon", `environment_kind: "Moon" is not one of`},
		{"prod-eu", "", `environment: "prod-eu" is not one of Development, QA, Staging, Production: a name of your own needs environment_kind`},
		{"prod-eu", "prod-eu", `environment_kind: "prod-eu" is not one of`},
		{"prod-eu", "production", `environment_kind: "production" is not one of`},
		{"production", engine.Production, `environment: "production" is Production in other letters`},
		{"qa", engine.QA, `environment: "qa" is QA in other letters`},
		{"", engine.QA, `environment: "" is not one of`},
		{"..", engine.QA, `environment: ".." is not one of`},
		{"../prod", engine.QA, "environment: "},
		{"a/b", engine.QA, "environment: "},
		{`a\b`, engine.QA, "environment: "},
		{".a", engine.QA, "environment: "},
		{"a.", engine.QA, "environment: "},
		{"a ", engine.QA, "environment: "},
		{"-a", engine.QA, "environment: "},
		{"é", engine.QA, "environment: "},
		{"a\x1b", engine.QA, "environment: "},
		{"Aux", engine.QA, `environment: "Aux" is a name that some systems keep for devices`},
		{"com1.eu", engine.QA, "devices"},
		{engine.Environment(strings.Repeat("a", 64)), engine.QA, "environment: "},
	} {
		ps := in(c.e, c.kind).Validate()
		switch {
		case c.want == "" && len(ps) > 0, c.want != "" && len(ps) != 1:
			t.Errorf("%q of kind %q: %v", c.e, c.kind, ps)
		case c.want != "" && !strings.HasPrefix(ps.Error(), c.want) && !strings.Contains(ps.Error(), c.want):
			t.Errorf("%q of kind %q: %v, want %s", c.e, c.kind, ps, c.want)
		}
	}
}

// TestKindChoosesDefaults compares an environment of each kind with the one that has
// its name: they are planned alike, to the words of their warnings but for the name.
func TestKindChoosesDefaults(t *testing.T) {
	for _, kind := range engine.Environments() {
		for _, strategy := range append(engine.Strategies(), "") {
			plan := func(e, k engine.Environment) engine.Plan {
				fleet := enginetest.NewFleet(e, "p", 4, 8, "1", 100).Snapshot()
				spec := in(e, k)
				spec.Strategy = strategy
				p, err := engine.Compile("r", spec, fleet)
				if err != nil {
					t.Fatal(err)
				}
				return p
			}
			own, named := plan("eu-1", kind), plan(kind, "")
			if got, want := strings.ReplaceAll(own.String(), "eu-1", string(kind)), named.String(); got != want {
				t.Errorf("%s %s:\n%s\nwant\n%s", kind, strategy, got, want)
			}
			if len(own.Warnings) != len(named.Warnings) || own.Spec.Kind() != kind {
				t.Errorf("%s %s: %v, want %v", kind, strategy, own.Warnings, named.Warnings)
			}
		}
	}
}

// TestKindOnTheWire keeps the digests of what was written before there were kinds.
func TestKindOnTheWire(t *testing.T) {
	if in(engine.QA, "").Digest() != in(engine.QA, engine.QA).Digest() {
		t.Error("saying the kind of QA makes another deployment of it")
	}
	if in("a", engine.QA).Digest() == in("a", engine.Staging).Digest() {
		t.Error("another kind is no other deployment")
	}
	data, err := json.Marshal(in(engine.QA, "").Resolve())
	if err != nil || strings.Contains(string(data), "Kind") {
		t.Errorf("%s, %v", data, err)
	}
	s, err := engine.DecodeSpec([]byte(`{"pluginId": "p", "environment": "eu", "environmentKind": "Production", "version": "1"}`))
	if err != nil || s.Kind() != engine.Production || s.Resolve().Strategy != engine.Canary {
		t.Errorf("%+v, %v", s, err)
	}
}
