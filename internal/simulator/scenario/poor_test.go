package scenario

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

const poorFile = `fleet:
  can: {probes: false, tenants: true}
metrics:
  resolution: 60s
  delay: 15s
  bounds: [50, 250.5, 1000]
  by_tenant: false
  coverage: 0
  resets: 0.5
  missing: 0.1
installed: 1.5.0
deployment:
  plugin_id: stripe
  environment: Production
  version: 1.6.0
`

// TestPoorFleetsAreRead holds that a file says what a fleet lacks, that a 0 is a 0, and
// that what is written reads the same.
func TestPoorFleetsAreRead(t *testing.T) {
	s, err := Parse("poor.yaml", []byte(poorFile))
	if err != nil {
		t.Fatal(err)
	}
	m := s.World.Metrics
	if time.Duration(m.Resolution) != time.Minute || time.Duration(m.Delay) != 15*time.Second || m.ByTenant || m.Coverage != 0 || m.Resets != 0.5 || m.Missing != 0.1 || len(m.Bounds) != 3 {
		t.Errorf("it says %+v", m)
	}
	if can := s.World.Can; can[engine.CanProbes] || !can[engine.CanTenants] || len(can) != 2 {
		t.Errorf("it can %v", can)
	}
	again, err := Parse("poor.yaml", s.Encode())
	if err != nil {
		t.Fatalf("%v\n%s", err, s.Encode())
	}
	if string(again.Encode()) != string(s.Encode()) || again.World.Metrics.Coverage != 0 || again.World.Metrics.ByTenant {
		t.Errorf("it reads as\n%s\nand was\n%s", again.Encode(), s.Encode())
	}
	usual := New()
	usual.Deployment = s.Deployment
	if text := string(usual.Encode()); strings.Contains(text, "metrics") || strings.Contains(text, "can") {
		t.Errorf("a fleet that lacks nothing says\n%s", text)
	}
}

// TestPoorFleetsAreChecked finds everything that is wrong, with its place.
func TestPoorFleetsAreChecked(t *testing.T) {
	_, err := Parse("poor.yaml", []byte(`fleet:
  can: {fly: false, by_tenant: true, slots: 1}
metrics: {resolution: 0s, delay: 2h, bounds: [], by_tenant: false, coverage: 1.5, missing: 1, resolutio: 3}
installed: 1.5.0
deployment: {plugin_id: stripe, environment: Production, version: 1.6.0}
`))
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{`poor.yaml:2:45: fleet.can["slots"]: 1 is not true or false`, `metrics.resolutio: is not a key of metrics: did you mean "resolution"?`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	_, err = Parse("poor.yaml", []byte(`fleet:
  can: {fly: false, by_tenant: true}
metrics: {resolution: 0s, delay: 2h, bounds: [], by_tenant: false, coverage: 1.5, missing: 1, resets: 2}
installed: 1.5.0
deployment: {plugin_id: stripe, environment: Production, version: 1.6.0}
`))
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{
		`poor.yaml:2:9: fleet.can["fly"]: is not a capability: there are journal, `, "poor.yaml:3:23: metrics.resolution: 0s is not in 1s..1h: leave it out",
		"metrics.delay: 2h0m0s is not in 0s..1h", "metrics.bounds: is empty: leave it out for any bounds", "metrics.by_tenant: false contradicts can.by_tenant, true",
		"metrics.coverage: 1.5 is not in 0..1", "metrics.missing: 1 is not in 0..0.9", "metrics.resets: does nothing without resolution",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
}

// TestPoorMetricsPassNothing plays meters that tell too little for a gate: none passes, and
// the reason says what is missing. Neither does one of them roll a good version back.
func TestPoorMetricsPassNothing(t *testing.T) {
	for name, c := range map[string]struct {
		metrics func(*simulator.Metrics)
		reason  string
		warning string
	}{
		"four of five instances report":  {func(m *simulator.Metrics) { m.Coverage = 0.8 }, "there are samples of 80 % of the instances", ""},
		"no instance reports":            {func(m *simulator.Metrics) { m.Coverage = 0 }, "", ""},
		"scrapes are longer than a bake": {func(m *simulator.Metrics) { m.Resolution = engine.Duration(time.Hour) }, "", "bake for longer"},
		"samples come after the bake":    {func(m *simulator.Metrics) { m.Delay = engine.Duration(time.Hour) }, "", "bake for longer"},
	} {
		s := without(engine.Canary)
		c.metrics(&s.World.Metrics)
		r, err := Run(t.Context(), s, 1, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Ending == Succeeded || r.Alarmed || len(r.Violations) > 0 || !strings.Contains(r.Reason, c.reason) {
			t.Errorf("%s: it is %s: %s, %v", name, r.Ending, r.Reason, r.Violations)
		}
		warned := slices.ContainsFunc(r.Plan.Warnings, func(w engine.Warning) bool { return strings.Contains(w.String(), c.warning) })
		if c.warning != "" && !warned {
			t.Errorf("%s: the plan warns of %v", name, r.Plan.Warnings)
		}
	}
}
