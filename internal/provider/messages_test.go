package provider

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

var update = flag.Bool("update", false, "write the expected messages anew")

// withFaults adds faults to the fleet of newMemoryWorlds.
func withFaults(faults ...simulator.Fault) func(*simulator.Config) {
	return func(c *simulator.Config) { c.Faults = faults }
}

// behaving says how 1.6.0 behaves.
func behaving(change func(*simulator.Behaviour)) func(*simulator.Config) {
	return func(c *simulator.Config) {
		b := simulator.DefaultBehaviour()
		change(&b)
		c.Versions["1.6.0"] = b
	}
}

// situation is a fleet and an apply that does not simply succeed on it.
type situation struct {
	fleet  func(*simulator.Config)
	config map[string]any
	cancel int            // interrupt after this many events
	then   map[string]any // the configuration of a second apply
}

var situations = map[string]situation{
	"canary-guard": {config: deployment("9.9.9")},
	"canary-gate": {
		fleet:  behaving(func(b *simulator.Behaviour) { b.LatencyP99Ms = 900 }),
		config: deployment("1.6.0", map[string]any{"rollback_triggers": off}),
	},
	"canary-gate-timeouts": {
		fleet:  behaving(func(b *simulator.Behaviour) { b.TimeoutRate = 0.08 }),
		config: deployment("1.6.0"),
	},
	"canary-later-stage": {
		fleet:  withFaults(simulator.Fault{Kind: simulator.ErrorSpike, Version: "1.6.0", Magnitude: 0.3, FromSeconds: 1300}),
		config: deployment("1.6.0"),
	},
	"canary-install-fails": {
		fleet:  withFaults(simulator.Fault{Kind: simulator.InstallFails, Version: "1.6.0", Instances: nil, Times: 100}),
		config: deployment("1.6.0"),
	},
	"canary-too-little-data": {
		fleet:  func(c *simulator.Config) { c.RequestsPerSecond = 0.1 },
		config: deployment("1.6.0", map[string]any{"strategy": "Canary", "environment": "QA"}),
	},
	"canary-held": {
		config: deployment("9.9.9", map[string]any{"canary": map[string]any{"auto_rollback": false}}),
	},
	"canary-held-too-little-data": {
		fleet:  func(c *simulator.Config) { c.RequestsPerSecond = 0.1 },
		config: deployment("1.6.0"),
	},
	"canary-set-back": {
		config: deployment("9.9.9", map[string]any{"canary": map[string]any{"auto_rollback": false}}),
		then:   deployment("1.5.0"),
	},
	"canary-timeout":     {config: deployment("1.6.0", timeouts("create", "15m"))},
	"canary-paused":      {config: deployment("1.6.0", timeouts("create", "15m"), map[string]any{"on_timeout": "pause"})},
	"canary-interrupted": {config: deployment("1.6.0"), cancel: 9},
	"canary-stuck":       {fleet: stuckFleet, config: deployment("9.9.9")},
	"direct": {
		config: deployment("9.9.9", map[string]any{"strategy": "Direct", "environment": "Development"}),
	},
	"rolling-slow-start": {
		fleet:  withFaults(simulator.Fault{Kind: simulator.SlowStart, Version: "1.6.0", Magnitude: 600}),
		config: deployment("1.6.0", map[string]any{"strategy": "Rolling"}),
	},
	"rolling-probes": {
		fleet:  withFaults(simulator.Fault{Kind: simulator.ProbesFail, Version: "1.6.0", FromSeconds: 300}),
		config: deployment("1.6.0", map[string]any{"strategy": "Rolling", "rolling": map[string]any{"batch_size": "25%"}}),
	},
	"blue-green-smoke": {
		fleet:  withFaults(simulator.Fault{Kind: simulator.SmokeFails, Version: "1.6.0"}),
		config: deployment("1.6.0", map[string]any{"strategy": "BlueGreen", "blue_green": map[string]any{"smoke_tests": []any{"health", "checkout"}}}),
	},
	"blue-green-switch": {
		fleet:  withFaults(simulator.Fault{Kind: simulator.SwitchFails, Times: 3}),
		config: deployment("1.6.0", map[string]any{"strategy": "BlueGreen"}),
	},
	"ab-retained": {config: deployment("1.6.0", map[string]any{"strategy": "ABTesting"})},
	"ab-harm":     {config: deployment("9.9.9", map[string]any{"strategy": "ABTesting"})},
	"ab-held": {
		fleet:  better,
		config: deployment("1.6.0", map[string]any{"strategy": "ABTesting", "ab_testing": map[string]any{"auto_promote": false}}),
	},
}

// TestMessages holds what people read in each situation, word by word.
func TestMessages(t *testing.T) {
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fleet := s.fleet
			if fleet == nil {
				fleet = func(*simulator.Config) {}
			}
			w := newMemoryWorlds(t, fleet)
			c := newCore(t, w)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			w.written = (&strike{after: s.cancel, do: func() error { cancel(); return nil }}).written
			diags := c.apply(ctx, s.config)
			if s.then != nil {
				diags = c.apply(context.Background(), s.then)
			}
			golden(t, filepath.Join("testdata", "messages", name+".txt"), spoken(diags))
		})
	}
}

// spoken is how a person sees diagnostics.
func spoken(diags []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range diags {
		b.WriteString(strings.ToUpper(d.Severity.String()) + ": " + d.Summary + "\n\n" + d.Detail + "\n\n")
	}
	return strings.TrimSpace(b.String()) + "\n"
}

var numbers = regexp.MustCompile(`([-+]?[0-9]+(\.[0-9]+)?(h|ms|m|s)?)+`)

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update", err)
	}
	// The numbers are a fleet's, and change when the simulated traffic does. The words
	// are held.
	mask := func(s string) string { return numbers.ReplaceAllString(strings.Join(strings.Fields(s), " "), "0") }
	if mask(got) != mask(string(want)) {
		t.Errorf("%s, run the test with -update and look at the difference; got:\n%s", path, got)
	}
}
