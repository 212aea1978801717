package swarm

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Kind sorts what a swarm sees.
type Kind string

// Kinds lists every kind, in the order in which they are told.
func Kinds() []Kind {
	return []Kind{Endings, Plans, Rules, Verdicts, Faults, Behaviours, Worlds, People}
}

// The kinds.
const (
	Endings    Kind = "endings"
	Plans      Kind = "strategies and judges"
	Rules      Kind = "rules of the machine"
	Verdicts   Kind = "verdicts"
	Faults     Kind = "faults that struck"
	Behaviours Kind = "behaviours of versions"
	Worlds     Kind = "settings of worlds"
	People     Kind = "crashes and people"
)

// Thing is one thing that should happen now and then.
type Thing struct {
	Kind Kind
	What string // in its kind
}

// String names t as [Figures] do.
func (t Thing) String() string { return string(t.Kind) + ": " + t.What }

// Enough is how many worlds a swarm has to have for what never happened to be a fault
// of the swarm: the rarest thing, an instance that is found on the way back, happens
// in one of a thousand, so it is missed by chance once in 20,000 such swarms.
const Enough = 10_000

// Sometimes lists what must happen now and then in a swarm: a rule that never fires
// is not tested by it. What the engine and the simulator know is asked of them, so
// that what is new is missed until it is drawn.
func Sometimes() []Thing {
	var out []Thing
	add := func(k Kind, what ...string) {
		for _, w := range what {
			out = append(out, Thing{k, w})
		}
	}
	add(Endings, string(scenario.Succeeded), string(scenario.RolledBack), string(scenario.Retained), string(scenario.Refused))
	for _, s := range engine.Strategies() {
		add(Plans, string(s))
	}
	add(Plans, string(engine.Sequential), string(engine.Threshold))
	for _, r := range engine.Rules() {
		add(Rules, r.String())
	}
	add(Verdicts, "gate passed", "gate failed", "gate inconclusive", "guard on health failed", "guard on "+string(engine.ErrorRate)+" failed", "guard on "+string(engine.LatencyP99)+" failed")
	for _, k := range simulator.FaultKinds() {
		add(Faults, string(k))
	}
	add(Behaviours, simulator.Conditional()...)
	for _, name := range settingsOf(reflect.TypeFor[simulator.Behaviour]()) {
		if !conditional(name) {
			add(Behaviours, name)
		}
	}
	for _, name := range settingsOf(reflect.TypeFor[simulator.Config]()) {
		add(Worlds, name)
	}
	for _, what := range engine.AllCapabilities() {
		add(Worlds, lacking+string(what))
	}
	for _, m := range told {
		add(Worlds, m.what)
	}
	add(People, "spoke elsewhere", "crashed", "refused word", "waited held", "waited paused", "waited stuck", "instances joined")
	return out
}

// settingsOf lists the numbers of a struct by their names in JSON.
func settingsOf(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue // no setting of a world
		}
		if k := f.Type.Kind(); (k == reflect.Float64 || k == reflect.Int) && name != "seed" {
			out = append(out, name)
		}
	}
	return out
}

// lacking begins what is told of a fleet that lacks a capability.
const lacking = "without "

// told is what a meter may tell otherwise than as by default.
var told = []struct {
	what string
	is   func(m *simulator.Metrics) bool
}{
	{"metrics.resolution", func(m *simulator.Metrics) bool { return m.Resolution > 0 }},
	{"metrics.delay", func(m *simulator.Metrics) bool { return m.Delay > 0 }},
	{"metrics.bounds", func(m *simulator.Metrics) bool { return m.Bounds != nil }},
	{"metrics.by_tenant", func(m *simulator.Metrics) bool { return !m.ByTenant }},
	{"metrics.coverage", func(m *simulator.Metrics) bool { return m.Coverage < 1 }},
	{"metrics.resets", func(m *simulator.Metrics) bool { return m.Resets > 0 }},
	{"metrics.missing", func(m *simulator.Metrics) bool { return m.Missing > 0 }},
}

// poverty adds what the fleet of s lacks.
func poverty(s *scenario.Scenario, set map[Thing]bool) {
	for _, what := range engine.AllCapabilities() {
		set[Thing{Worlds, lacking + string(what)}] = s.World.Lacks(what)
	}
	for _, m := range told {
		set[Thing{Worlds, m.what}] = m.is(&s.World.Metrics)
	}
}

// elsewhere adds that a word from another process was taken.
func elsewhere(s *scenario.Scenario, r *scenario.Result, set map[Thing]bool) {
	for _, p := range r.Parts {
		if at, ok := strings.CutPrefix(p.Path, "signals["); ok && p.TookEffect {
			i, _ := strconv.Atoi(strings.TrimSuffix(at, "]"))
			set[Thing{People, "spoke elsewhere"}] = set[Thing{People, "spoke elsewhere"}] || s.Signals[i].Elsewhere
		}
	}
}

// conditional says whether a behaviour shows only now and then.
func conditional(setting string) bool {
	return slices.ContainsFunc(simulator.Conditional(), func(c string) bool { return strings.HasPrefix(setting, c+"_") })
}

// unusual lists the settings in which v is not as usual.
func unusual(v, usual any) []string {
	a, b := reflect.ValueOf(v), reflect.ValueOf(usual)
	var out []string
	for i := range a.NumField() {
		if f := a.Field(i); f.Comparable() && !f.Equal(b.Field(i)) {
			name, _, _ := strings.Cut(a.Type().Field(i).Tag.Get("json"), ",")
			out = append(out, name)
		}
	}
	return out
}

// seen lists what happened in a run, each once.
func seen(s *scenario.Scenario, r *scenario.Result) []Thing {
	set := map[Thing]bool{{Endings, string(r.Ending)}: true, {Plans, string(s.Deployment.Resolve().Strategy)}: true}
	if a := s.Deployment.Resolve().Analysis; a != nil && a.Mode != nil {
		set[Thing{Plans, *a.Mode}] = true
	}
	for _, name := range unusual(s.World, simulator.DefaultConfig()) {
		set[Thing{Worlds, name}] = true
	}
	if r.Requests > 0 {
		for _, name := range unusual(s.Versions[s.Candidate()].Behaviour, simulator.DefaultBehaviour()) {
			set[Thing{Behaviours, name}] = !conditional(name)
		}
	}
	for _, what := range r.Fired {
		if slices.Contains(simulator.Conditional(), what) {
			set[Thing{Behaviours, what}] = true
		} else {
			set[Thing{Faults, what}] = true
		}
	}
	events(r, set)
	poverty(s, set)
	elsewhere(s, r, set)
	set[Thing{People, "crashed"}] = r.Crashes > 0
	set[Thing{People, "refused word"}] = len(r.Refusals) > 0
	for phase, waited := range r.Waited {
		set[Thing{People, "waited " + string(phase)}] = waited
	}
	maps.DeleteFunc(set, func(_ Thing, happened bool) bool { return !happened })
	return slices.SortedFunc(maps.Keys(set), func(a, b Thing) int { return strings.Compare(a.String(), b.String()) })
}

// events adds the rules that fired, and the verdicts that were given.
func events(r *scenario.Result, set map[Thing]bool) {
	state := engine.NewState()
	for _, e := range r.Events {
		set[Thing{Rules, engine.Rule{Kind: e.Kind, Phase: state.Phase}.String()}] = true
		state, _ = state.Apply(r.Plan, e) // what is in the journal was allowed
		if e.Kind == engine.Surveyed && len(e.Targets) > 0 {
			set[Thing{People, "instances joined"}] = true
		}
		if e.Verdict != nil {
			set[Thing{Verdicts, verdict(e.Verdict)}] = true
		}
	}
}

// verdict is who gave a verdict, and which.
func verdict(v *engine.Verdict) string {
	words := map[engine.Result]string{engine.Pass: "passed", engine.Fail: "failed", engine.Inconclusive: "inconclusive"}
	switch {
	case !v.Guard:
		return "gate " + words[v.Result]
	case len(v.Findings) == 0:
		return "guard on health " + words[v.Result]
	default:
		return "guard on " + v.Findings[0].Metric + " " + words[v.Result]
	}
}
