package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

const minimal = "deployment: {plugin_id: p, environment: Production, version: 1.6.0}\n"

func TestParse(t *testing.T) {
	s, err := Parse("fleet.yaml", []byte(`
seed: 7
fleet: {instances: 3, spare: 0}
tenants: {count: 20, spread: 1}
traffic: {requests_per_second: 50}
installed: 1.10
versions:
  1.10: {error_rate: 0.02}
  "2":
    latency_p99_ms: 900
    bad: true
deployment:
  plugin_id: p
  environment: Staging
  version: 2
  strategy: Rolling
  rolling: {batch_size: 25%, wait_between_batches: PT30S, thresholds: {max_latency_p99_ms: 800}}
  rollback_triggers: {max_error_rate: 0}
  analysis: {mode: threshold, min_requests: 10}
faults:
  - {kind: error_spike, version: 2, magnitude: 0.5, from_seconds: 60}
signals:
  - {do: pause, at: 90s}
  - {do: resume, when: paused, after: 1m}
crashes:
  - {call: 12, after: true}
expect: {outcome: rolled_back, longest: 10m, most_tenants: 20, happened: [failed]}
`))
	if err != nil {
		t.Fatal(err)
	}
	cfg := s.Config(9)
	if cfg.Instances != 3 || cfg.Spare != 0 || cfg.Tenants != 20 || cfg.TenantSpread != 1 || cfg.Seed != 9 || cfg.DrainSeconds != 0.5 {
		t.Errorf("the world is %+v", cfg)
	}
	if cfg.Installed["p"] != "1.10" || cfg.Versions["1.10"].ErrorRate != 0.02 || cfg.Versions["1.10"].LatencyP50Ms != 40 {
		t.Errorf("the versions are %+v and %+v", cfg.Installed, cfg.Versions)
	}
	r := s.Deployment.Rolling
	if r == nil || *r.BatchSize != (engine.BatchSize{N: 25, Percent: true}) || time.Duration(*r.WaitBetweenBatches) != 30*time.Second || *r.Thresholds.MaxLatencyP99Ms != 800 {
		t.Errorf("the deployment is %+v", s.Deployment)
	}
	if s.Seed != 7 || s.Name != "fleet" || !s.Bad() || *s.Deployment.Triggers.MaxErrorRate != 0 || s.Crashes[0] != (Crash{12, true}) {
		t.Errorf("%+v", s)
	}
	if len(s.Signals) != 2 || s.Signals[1].When != engine.PhasePaused || time.Duration(s.Signals[0].At) != 90*time.Second {
		t.Errorf("the signals are %+v", s.Signals)
	}
}

// TestMarked reads a file as some editors write it.
func TestMarked(t *testing.T) {
	s, err := Parse("f", []byte("\xef\xbb\xbf# What it is about.\r\nseed: 3\r\n"+minimal))
	if err != nil || s.Seed != 3 || s.About() != "What it is about." {
		t.Errorf("%v, %+v", err, s)
	}
}

// TestRefused has what is wrong with scenarios, and where that is said to be.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", "flet: {instances: 3}\n" + minimal, `f:1:1: flet: is not a key of the scenario: did you mean "fleet"?`},
		{"unknown key inside", minimal + "fleet:\n  instances: 3\n  instance: 4\n", `f:4:3: fleet.instance: is not a key of fleet: did you mean "instances"?`},
		{"nothing alike", minimal + "fleet: {colour: red}\n", "f:2:9: fleet.colour: is not a key of fleet"},
		{"a word of the wire", "deployment: {plugin_id: p, environment: Production, version: 1, canaryConfig: {}}", "is not a key of deployment"},
		{"two keys", "seed: 1\nseed: 2\n" + minimal, `f:2:1: mapping key "seed" already defined`},
		{"no deployment", "seed: 1\n", "deployment.plugin_id: \"\" is not 1..128"},
		{"two scenarios", minimal + "---\n" + minimal, "a file has one scenario"},
		{"syntax", "fleet: [1, 2\n", "f:1:"},
		{"a tab", "fleet:\n\tinstances: 3\n", "f:2:1: found character '\t'"},
		{"not a mapping", minimal + "fleet: 3\n", "f:2:8: fleet: 3 is not a mapping"},
		{"not a list", minimal + "faults: {kind: x}\n", "faults: a mapping is not a list"},
		{"not a number", minimal + "fleet: {instances: many}\n", `f:2:20: fleet.instances: "many" is not a whole number`},
		{"half an instance", minimal + "fleet: {instances: 2.5}\n", "2.5 is not a whole number"},
		{"not finite", minimal + "traffic: {requests_per_second: .inf}\n", "is not a number"},
		{"too large", minimal + "fleet: {instances: 99999999999999999999}\n", "is not a whole number"},
		{"not a flag", minimal + "versions: {2: {bad: perhaps}}\n", `"perhaps" is not true or false`},
		{"not a duration", minimal + "signals: [{do: pause, at: soon}]\n", `f:2:27: signals[0].at: "soon" is not a duration`},
		{"out of range", minimal + "fleet:\n  instances: 0\n", "f:3:14: fleet.instances: 0 is not in 1..100000"},
		{"tenants", minimal + "tenants: {count: 0, spread: 3}\n", "f:2:18: tenants.count: 0 is not in 1..1000000\nf:2:29: tenants.spread: 3 is not in 0..2"},
		{"a version's figures", minimal + "versions:\n  2:\n    error_rate: 7\n", `f:4:17: versions["2"].error_rate: 7 is not in 0..1`},
		{"a fault", minimal + "faults:\n  - kind: gremlin\n", `f:3:11: faults[0].kind: "gremlin" is not a kind of fault`},
		{"stages", strings.Replace(minimal, "}", ", canary: {stages: [10, 50, 30, 100]}}", 1), "f:1:95: deployment.canary.stages[2]: 30 is not above 50"},
		{"another strategy's block", strings.Replace(minimal, "}", ", rolling: {}}", 1), "deployment.rolling: holds settings of strategy Rolling"},
		{"batch size", "deployment: {plugin_id: p, environment: QA, version: 1, rolling: {batch_size: half}}", "deployment.rolling.batch_size"},
		{"a word", minimal + "signals: [{do: abort}]\n", `signals[0].do: "abort" is not one of pause, resume, promote, rollback`},
		{"at and when", minimal + "signals: [{do: pause, at: 1m, when: held}]\n", "at and when exclude each other"},
		{"a phase", minimal + "signals: [{do: pause, when: asleep}]\n", `"asleep" is not one of held, paused, stuck`},
		{"a call", minimal + "crashes: [{call: 0}]\n", "crashes[0].call: 0 is not a call"},
		{"an outcome", minimal + "expect: {outcome: fine}\n", `expect.outcome: "fine" is not one of succeeded`},
		{"an event", minimal + "expect: {happened: [rapture]}\n", "expect.happened[0]"},
		{"a share", minimal + "expect: {share: 2}\n", "expect.share: 2 is not in 0..1"},
		{"a search", minimal + "tune: {stages: [[10, 5]], modes: [hunch]}\n", "tune.stages[0][1]: 5 is not above 10"},
		{"no period to try", minimal + "tune:\n  evaluation_periods: [1m, 0s, 1000000h]\n", "f:3:28: tune.evaluation_periods[1]: PT0S is not in PT1S..PT8760H\nf:3:32: tune.evaluation_periods[2]: "},
		{"empty", "", "f: is empty: a scenario has a deployment at least"},
		{"nothing but comments", "# later\n---\n\n", "f: is empty: a scenario has a deployment at least"},
		{"brackets without end", minimal + "faults: " + strings.Repeat("[", 100_000), "f:2:73: is nested too deeply"},
		{"a list of lists of lists", minimal + "faults:\n" + strings.Repeat("- ", 100_000), "f:3:129: is nested too deeply"},
		{"a book", minimal + strings.Repeat("# and so on\n", 100_000), "bytes, and a scenario has at most"},
		{"an alias", "versions:\n  1: &a {error_rate: 0.1}\n  2: *a\n" + minimal, "f:2:6: anchors, aliases and tags are not part of a scenario"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("f", []byte(c.text))
			if err == nil {
				t.Fatalf("this was taken:\n%s", c.text)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is\n%v\nwant one with\n%s", err, c.want)
			}
		})
	}
}

// TestSections holds that every setting of a world can be written, once.
func TestSections(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range membersOf(scenarioType) {
		for _, inner := range m.Section {
			if seen[inner.Field] {
				t.Errorf("%s is in two sections", inner.Field)
			}
			seen[inner.Field] = true
		}
	}
	for i := range configType.NumField() {
		name := configType.Field(i).Name
		if configType.Field(i).Tag.Get("json") == "-" {
			continue // not a setting
		}
		own := name == "Seed" || name == "Installed" || name == "Versions" || name == "Faults" || name == "Metrics" // a section of that name
		if seen[name] == own {
			t.Errorf("%s: in a section %v, a word of the scenario's own %v", name, seen[name], own)
		}
	}
}

// TestVersionOfAPlugin says things of one plugin's version, in a file that others use too.
func TestVersionOfAPlugin(t *testing.T) {
	s, err := parse("f", []byte("installed: 1\nversions:\n  p@2: {error_rate: 0.5, bad: true}\n  2: {error_rate: 0.02}\n  \"q@1\": {error_rate: 0.3}\n"+
		"deployment: {plugin_id: p, environment: QA, version: 2}\n"), (*Scenario).fleetUnmatched)
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := s.Said("2"); !ok || v.ErrorRate != 0.5 || !s.Bad() {
		t.Errorf("p's 2 is %+v", v)
	}
	if v, ok := s.Good().Said("2"); !ok || v.ErrorRate != 0.01 || s.Good().Bad() {
		t.Errorf("p's good 2 is %+v", v)
	}
	c := s.Config(1)
	if got := c.Behaviour("q", "2").ErrorRate; got != 0.02 {
		t.Errorf("q's 2 errs in %v", got)
	}
	if got := c.Behaviour("p", "2").ErrorRate; got != 0.5 {
		t.Errorf("p's 2 errs in %v", got)
	}
}

// TestBad holds which versions count as bad.
func TestBad(t *testing.T) {
	yes := true
	for _, c := range []struct {
		name   string
		change func(s *Scenario)
		want   bool
	}{
		{"good", func(*Scenario) {}, false},
		{"errors above the cap", func(s *Scenario) { s.Versions["1.6.0"] = version(func(b *simulator.Behaviour) { b.ErrorRate = 0.06 }) }, true},
		{"errors below the cap", func(s *Scenario) { s.Versions["1.6.0"] = version(func(b *simulator.Behaviour) { b.ErrorRate = 0.04 }) }, false},
		{"slow", func(s *Scenario) {
			s.Versions["1.6.0"] = version(func(b *simulator.Behaviour) { b.LatencyP99Ms = 600 })
		}, true},
		{"twice as slow as what is installed", func(s *Scenario) {
			s.Installed = "1.5.0"
			s.Versions["1.6.0"] = version(func(b *simulator.Behaviour) { b.LatencyP99Ms = 450 })
		}, true},
		{"timeouts", func(s *Scenario) { s.Versions["1.6.0"] = version(func(b *simulator.Behaviour) { b.TimeoutRate = 0.1 }) }, true},
		{"said to be", func(s *Scenario) { s.Versions["1.6.0"] = Version{Behaviour: simulator.DefaultBehaviour(), Bad: &yes} }, true},
		{"leaks", func(s *Scenario) {
			s.Versions["1.6.0"] = version(func(b *simulator.Behaviour) { b.LeakSeconds, b.LeakErrorRate = 600, 0.2 })
		}, true},
		{"never leaks", func(s *Scenario) {
			s.Versions["1.6.0"] = version(func(b *simulator.Behaviour) { b.LeakErrorRate = 0.2 })
		}, false},
		{"fails when promoted", func(s *Scenario) {
			s.Versions["1.6.0"] = version(func(b *simulator.Behaviour) { b.PromotedErrorRate = 0.2 })
		}, true},
		{"is overloaded", func(s *Scenario) {
			s.Versions["1.6.0"] = version(func(b *simulator.Behaviour) { b.OverloadAbove, b.OverloadLatencyFactor = 100, 5 })
		}, true},
		{"is never overloaded", func(s *Scenario) {
			s.Versions["1.6.0"] = version(func(b *simulator.Behaviour) { b.OverloadAbove, b.OverloadLatencyFactor = 200, 5 })
		}, false},
		{"is cold at first", func(s *Scenario) {
			s.Versions["1.6.0"] = version(func(b *simulator.Behaviour) { b.ColdSeconds, b.ColdErrorRate = 60, 0.5 })
		}, false},
		{"a fault of the candidate", func(s *Scenario) {
			s.Faults = []simulator.Fault{{Kind: simulator.ErrorSpike, Version: "1.6.0", Magnitude: 0.3}}
		}, true},
		{"a fault of everybody", func(s *Scenario) { s.Faults = []simulator.Fault{{Kind: simulator.ErrorSpike, Magnitude: 0.3}} }, false},
	} {
		s, err := Parse("f", []byte(minimal))
		if err != nil {
			t.Fatal(err)
		}
		s.Versions = map[string]Version{}
		c.change(s)
		if got := s.Bad(); got != c.want {
			t.Errorf("%s: bad is %v", c.name, got)
		}
	}
}

func version(change func(*simulator.Behaviour)) Version {
	b := simulator.DefaultBehaviour()
	change(&b)
	return Version{Behaviour: b}
}

// FuzzParse holds that foreign text is refused or read, and what was read can be
// written and read again.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("../../../examples/scenarios/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(minimal))
	f.Add([]byte("- [}\n\t&a *a !!str ? : |"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := Parse("f", data); err == nil {
			if _, err := Parse("f", s.Encode()); err != nil {
				t.Errorf("%v\n%s", err, s.Encode())
			}
		} else if err.Error() == "" {
			t.Error("an error without words")
		}
	})
}
