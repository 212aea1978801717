package config

import (
	"maps"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom"
)

// Fleet is the API of a real fleet.
type Fleet struct {
	Endpoint   string `yaml:"endpoint"` // address of the API: what comes before /v1, as in https://fleet.example.com
	Connection `yaml:",inline"`
}

// Prometheus counts the traffic of a fleet, where the fleet itself does not.
type Prometheus struct {
	Address    string `yaml:"address"` // address of the Prometheus, Thanos or Mimir: what comes before /api/v1
	Connection `yaml:",inline"`
	// Selectors of one's own metrics, by name, as templates; "" is not asked for. Default: those of the convention.
	Queries map[string]string `yaml:"queries"`
	// Parameters that go along with every question, such as partial_response=false.
	Params         map[string]string `yaml:"params"`
	VersionLabel   string            `yaml:"version_label"`   // label that has the version; default: that of the convention
	InstanceLabel  string            `yaml:"instance_label"`  // label that has the id of the instance; default: that of the convention
	SlotLabel      string            `yaml:"slot_label"`      // label that has the slot; default: that of the convention
	OutcomeLabel   string            `yaml:"outcome_label"`   // label that has the outcome; default: that of the convention
	TenantLabel    string            `yaml:"tenant_label"`    // label that has the tenant; default: that of the convention
	ScrapeInterval engine.Duration   `yaml:"scrape_interval"` // time between samples, up to 1h; default: read off the samples
	Delay          engine.Duration   `yaml:"delay"`           // how late samples come, beside a scrape, up to 1h; default 0s
	MaxSeries      int               `yaml:"max_series"`      // series that a query may select, 1 to 1000000: more are taken for a mistake in it; default 100000
}

// settings are those of who counts.
func (p *Prometheus) settings(path, agent string, lookup func(string) string) *prom.Settings {
	return &prom.Settings{
		Settings: p.Connection.settings(path, "address", p.Address, agent, lookup), Queries: p.Queries, Params: p.Params,
		Labels: prom.Labels{Version: p.VersionLabel, Instance: p.InstanceLabel, Slot: p.SlotLabel, Outcome: p.OutcomeLabel, Tenant: p.TenantLabel},
		Delay:  time.Duration(p.Delay), ScrapeInterval: time.Duration(p.ScrapeInterval), MaxSeries: p.MaxSeries,
	}
}

// Names are the environments, in order.
func (c *Config) Names() []engine.Environment {
	var names []engine.Environment
	for _, name := range slices.Sorted(maps.Keys(c.Environments)) {
		names = append(names, engine.Environment(name))
	}
	return names
}

// KindOf is which of the four an environment is like.
func (c *Config) KindOf(name engine.Environment) engine.Environment {
	if name.IsKind() {
		return name
	}
	return c.Environments[string(name)].Kind
}

// Fleet is how the fleet of an environment is reached, and who counts its traffic; ok is
// false where it is not a real one. Who keeps its journals, Environment.Journal says. agent
// is who asks; getenv is that of the system.
func (c *Config) Fleet(name engine.Environment, agent string, getenv func(string) string) (s fleet.Settings, ok bool) {
	e := c.Environments[string(name)]
	if e.Fleet == nil {
		return s, false
	}
	path := form.Keyed("environments", string(name))
	s.API = e.Fleet.settings(path+".fleet", "endpoint", e.Fleet.Endpoint, agent, getenv)
	if e.Prometheus != nil {
		s.Prometheus = e.Prometheus.settings(path+".prometheus", agent, getenv)
	}
	return s, true
}
