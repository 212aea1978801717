package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Of says what a report is evidence for: without it, a page of pictures proves nothing
// to whoever finds it a year later.
type Of struct {
	Scenario *scenario.Scenario
	Seed     int64
	Runs     int
	Version  string // of the program that played it
	Date     string // as somebody said it; the same seed gives the same bytes
}

// Evidence adds what the report is evidence for.
func (p *Page) Evidence(of Of) {
	s, w := of.Scenario, &of.Scenario.World
	spec := s.Deployment.Resolve()
	rows := [][]string{}
	add := func(name, format string, args ...any) {
		rows = append(rows, []string{name, fmt.Sprintf(format, args...)})
	}
	if of.Date != "" {
		add("date", "%s", of.Date)
	}
	add("played by", "hotswap %s", of.Version)
	add("scenario", "%s, %s", s.Name, s.Hash())
	add("runs", "%d, seed %d", of.Runs, of.Seed)
	add("fleet", "%d instances, %d tenants, %g requests/s; %s", w.Instances, w.Tenants, w.RequestsPerSecond, unlike(s))
	add("rollout", "%s of %s in %s: %s to %s", spec.Strategy, spec.PluginID, spec.Environment, orNone(s.Installed), spec.Version)
	if a := spec.Analysis; a != nil && a.Mode != nil {
		add("judge", "%s", *a.Mode)
	}
	add("the version counts as", "%s", map[bool]string{true: "bad", false: "good"}[s.Bad()])
	add("faults", "%s", faults(s))
	p.evidence = &section{Title: "What this is evidence for", Table: &table{Rows: rows, Mono: true}}
	p.source = string(s.Encode())
}

// unlike says how unlike tenants and minutes are.
func unlike(s *scenario.Scenario) string {
	return fmt.Sprintf("tenants' traffic spread by %g, their error rates by %g, minutes by %g", s.World.TenantSpread, s.World.TenantErrorSpread, s.World.MinuteNoise)
}

// faults names what goes wrong, by kind.
func faults(s *scenario.Scenario) string {
	counts := map[string]int{}
	for _, f := range s.Faults {
		counts[string(f.Kind)]++
	}
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		if n := counts[kind]; n > 1 {
			kind = fmt.Sprintf("%s (%d)", kind, n)
		}
		parts = append(parts, kind)
	}
	if len(s.Crashes) > 0 {
		parts = append(parts, fmt.Sprintf("%d crashes of the process", len(s.Crashes)))
	}
	if len(parts) == 0 {
		return "none"
	}
	return engine.Visible(strings.Join(parts, ", "))
}
