package prom

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Settings say which Prometheus measures, and what to ask it.
type Settings struct {
	connect.Settings
	// Environment and Plugin are whose metrics they are.
	Environment, Plugin string
	// Queries are selectors by name, see QueryNames, as Go templates over the Values; what is
	// not there is as DefaultQueries has it, and "" is not asked for.
	Queries map[string]string
	// Labels are the names of labels; "": the usual one.
	Labels Labels
	// Params go along with every question, as partial_response=false does to a Thanos.
	Params map[string]string
	// ScrapeInterval is the time between samples; 0: it is read off them.
	ScrapeInterval time.Duration
	// Delay is how late samples come, beside what a scrape takes.
	Delay time.Duration
	// MaxSeries is how many series a query may select, 1..1,000,000; 0: 100,000. More are a
	// mistake in it.
	MaxSeries int
	// FollowSeries is how many series are followed one by one; 0: 10,000. More than that are
	// added up by whoever is asked, and what is counted like that may hold a rollout, and not
	// roll it back.
	FollowSeries int
	// DurationUnit is that of histograms of how long requests took; 0: a second.
	DurationUnit time.Duration
	// Notes gets what answers add that does no harm; nil: nobody does.
	Notes func(string)
}

// Labels are the names of labels, see the Label constants.
type Labels struct {
	Version, Instance, Slot, Outcome, Tenant string
}

// usual is l with the usual names where it has none.
func (l Labels) usual() Labels {
	return Labels{
		cmp.Or(l.Version, LabelVersion), cmp.Or(l.Instance, LabelInstance), cmp.Or(l.Slot, LabelSlot),
		cmp.Or(l.Outcome, LabelOutcome), cmp.Or(l.Tenant, LabelTenant),
	}
}

// The usual settings.
const (
	usualMaxSeries    = 100_000
	usualFollowSeries = 10_000
	mostSeries        = 1_000_000
)

// usual is s with the usual numbers where it has none.
func (s Settings) usual() Settings {
	s.Labels = s.Labels.usual()
	s.MaxSeries = cmp.Or(s.MaxSeries, usualMaxSeries)
	s.FollowSeries = cmp.Or(s.FollowSeries, usualFollowSeries)
	s.DurationUnit = cmp.Or(s.DurationUnit, time.Second)
	s.Path = cmp.Or(s.Path, "prometheus")
	return s
}

// Check says all that is wrong with s. It reaches nobody.
func (s Settings) Check() engine.Problems {
	s = s.usual()
	ps := s.Settings.Check()
	wrong := func(path, value, rule string) {
		ps = append(ps, engine.Problem{Path: s.Path + "." + path, Value: value, Rule: rule})
	}
	if s.ScrapeInterval < 0 || s.ScrapeInterval > time.Hour {
		wrong("scrape_interval", s.ScrapeInterval.String(), "is not in 0s..1h")
	}
	if s.Delay < 0 || s.Delay > time.Hour {
		wrong("delay", s.Delay.String(), "is not in 0s..1h")
	}
	if s.MaxSeries < 1 || s.MaxSeries > mostSeries {
		wrong("max_series", fmt.Sprint(s.MaxSeries), fmt.Sprintf("is not in 1..%d", mostSeries))
	}
	for _, reserved := range reservedParams {
		if _, has := s.Params[reserved]; has {
			wrong("params."+reserved, "", "is asked by the queries themselves")
		}
	}
	_, more := s.selectors()
	return append(ps, more...)
}

// reservedParams are what the questions themselves say.
var reservedParams = []string{"end", "query", "start", "step", "time"}

// sortedKeys are the keys of cells in order.
func sortedKeys(cells map[cellKey]*cell) []cellKey {
	keys := make([]cellKey, 0, len(cells))
	for k := range cells {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareKeys)
	return keys
}

// sorted are the keys of m in order.
func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
