// Package predict asks the simulator what a rollout on the host will come to: how many
// requests the candidate fails, how long that takes to be found, how many tenants see it.
// What was measured is then held against the band.
package predict

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// What a simulated instance takes in seconds until it serves a version that was put on it.
const (
	drain   = 0.1
	install = 0.6
	startup = 0.2
)

// Setting is the host, its traffic and a rollout, as far as a simulation knows them.
type Setting struct {
	Name             string
	Instances, Spare int
	Tenants          int
	Weights          []float64 // of the tenants, relative; nil: all send the same
	Rate             float64   // requests per second, of all
	Installed        string
	Versions         map[string]Version
	// OneTenant is who alone is failed by the candidate, at OneTenantRate; "": nobody.
	OneTenant     string
	OneTenantRate float64
	Deployment    engine.Spec
	// Scrape is the time between samples in seconds; 0: 1.
	Scrape float64
	// Provision is how long a slot takes to come up, and Swap how long instances take to serve
	// another version that they have, or to let one go, in seconds; 0: 1 and 0.3, below 0: no time.
	Provision, Swap float64
	// Replaced is how long it took when instances were replaced together, each time that was seen:
	// those of a simulation take as long as one of them, at random, and by some 0.3 of it more or
	// less, as a machine has other work now and then. None: 0.9 s.
	Replaced []Replaced
	// Discovery is how long it takes at most, in seconds, until who counts has found an instance
	// that is a new process: a Prometheus takes news of its targets every five. 0: no time.
	Discovery float64
	Paces
	// Past is what is known of tenants before the rollout, by their names; nil: the day before of a
	// simulated fleet, of which nothing was bad.
	Past map[string]Past
}

// Replaced is how many seconds after they were told to the first of some instances that are
// replaced together served, and the last one: a machine starts as many processes as fast as it
// can, and who is ready gets the requests.
type Replaced struct{ First, Last float64 }

// Past is what a tenant sent before, whatever version it was served by, and how much of that failed.
type Past struct{ Requests, Errors int64 }

// Paces are how long things took between a rollout and a host, in seconds: those of a simulation
// take as long as one of them, at random. None: no time.
type Paces struct {
	Calls    []float64 // of the fleet
	Counts   []float64 // questions for requests and errors
	ByTenant []float64 // and for those of each tenant
}

// Version is how a version behaves.
type Version struct {
	ErrorRate float64 // share of the requests, 0..1
	P50, P99  float64 // latency in ms
}

// Scenario is the setting as what hotswap simulate plays; its Encode is the file. It knows
// nothing of Swap, Replaced, Past and Paces, which [Setting.Play] does.
func (s Setting) Scenario() (*scenario.Scenario, error) {
	parsed, err := scenario.Parse(s.Name+".yaml", []byte(s.fleet()))
	if err != nil {
		return nil, err
	}
	whole := parsed.With(s.Deployment)
	return whole, whole.Validate()
}

// fleet is all of it as a file, with a deployment that says no more than who and what.
func (s Setting) fleet() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# What the simulator makes of a rollout on the plugin host: hotswap simulate %s.yaml --runs 400", s.Name)
	line("installed: %s", s.Installed)
	line("fleet:\n  instances: %d\n  spare: %d", s.Instances, s.Spare)
	line("  drain_seconds: %s\n  install_seconds: %s\n  provision_seconds: %s", number(drain), number(install), number(max(0, or(s.Provision, 1)-install-startup))) // new instances install after that
	line("  smoke_seconds: 0.1\n  probe_interval_seconds: 1")
	line("tenants:\n  count: %d\n  spread: 0", s.Tenants)
	if len(s.Weights) > 0 {
		texts := make([]string, len(s.Weights))
		for i, w := range s.Weights {
			texts[i] = number(w)
		}
		line("  weights: [%s]", strings.Join(texts, ", "))
	}
	line("traffic:\n  requests_per_second: %s", number(s.Rate))
	line("metrics:\n  resolution: %ss", number(s.scrape()))
	line("versions:")
	for _, name := range slices.Sorted(maps.Keys(s.Versions)) {
		v := s.Versions[name]
		p50, p99 := or(v.P50, 5), or(v.P99, 25)
		line("  %s:\n    error_rate: %s\n    latency_p50_ms: %s\n    latency_p99_ms: %s\n    startup_seconds: %s", name, number(v.ErrorRate), number(p50), number(max(p99, p50)), number(startup))
	}
	line("deployment:\n  plugin_id: %s\n  environment: %s\n  version: %s", s.Deployment.PluginID, s.Deployment.Environment, s.Deployment.Version)
	if s.OneTenant != "" {
		line("faults:\n  - kind: tenant_fails\n    tenants: [%s]\n    version: %s\n    magnitude: %s", s.OneTenant, s.Deployment.Version, number(s.OneTenantRate))
	}
	return b.String()
}

// scrape is the time between samples in seconds.
func (s *Setting) scrape() float64 { return or(s.Scrape, 1) }

func or(v, otherwise float64) float64 {
	if v == 0 {
		return otherwise
	}
	return v
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
