// Package wire has the words that the parts of the plugin host say to each other over
// HTTP: the manager to instances and to the router, and both to whoever asks them.
//
// Every path below /admin/ wants the host's token as a bearer token; the paths /healthz,
// /readyz and /metrics do not. Bodies are JSON, and every PUT is absolute: said again it
// changes nothing.
package wire

import "time"

// Headers of the requests that are served.
const (
	// Tenant names who sent a request. A request without it is refused with 400.
	Tenant = "X-Tenant"
	// Version is, in a request from the router, the version that its tenant is pinned to;
	// in an answer, the version that served it.
	Version = "X-Plugin-Version"
	// Instance is, in an answer, the instance that served it.
	Instance = "X-Instance"
	// Reason is, in an answer that is no success, a word for why: see the constants.
	Reason = "X-Reason"
)

// Why a request was not served, as [Reason] says it.
const (
	ReasonPlugin    = "plugin"     // the plugin answered with an error: 500
	ReasonTimeout   = "timeout"    // the plugin did not answer in time: 504
	ReasonCrashed   = "crashed"    // the plugin went away while it had the request: 502
	ReasonNoVersion = "no-version" // the instance does not hold the version, or serves none: 503
	ReasonDraining  = "draining"   // the instance is going: 503, nothing was done, ask another one
	ReasonNobody    = "nobody"     // the router has no instance that is ready: 503
	ReasonLost      = "lost"       // the instance went away while it had the request: 502
)

// State is what has become of a plugin version in an instance.
type State string

// The states of a plugin version.
const (
	Starting State = "starting" // it is loaded, and takes no requests yet
	Ready    State = "ready"    // it takes requests
	Draining State = "draining" // it takes none any more, and has some to end
	Broken   State = "broken"   // it does not start, or went away; it is tried again
)

// Plugin is a version that an instance holds.
type Plugin struct {
	Version  string `json:"version"`
	Kind     string `json:"kind"` // "process" or "wasm"
	State    State  `json:"state"`
	Error    string `json:"error,omitempty"` // why it is broken
	InFlight int64  `json:"inFlight"`        // requests that it has
	Restarts int64  `json:"restarts"`        // how often it went away by itself
	PID      int    `json:"pid,omitempty"`   // of its process; 0: it has none of its own
}

// Holding is GET /admin/state of an instance: what it is, not what it was asked for.
type Holding struct {
	Instance string `json:"instance"`
	Boot     string `json:"boot"` // of this process: another one has another
	Slot     string `json:"slot"`
	Default  string `json:"default"` // the version of requests that name none; "": none
	Ready    bool   `json:"ready"`   // what /readyz says
	Draining bool   `json:"draining"`
	Probes   int64  `json:"probes"` // answered on /readyz
	Failed   int64  `json:"failed"` // of them not with 200
	// Plugins are sorted by version.
	Plugins []Plugin `json:"plugins"`
	// CPU and Memory are the use of the limits of the instance, its plugins included, 0..1.
	CPU    float64 `json:"cpu"`
	Memory float64 `json:"memory"`
}

// Served is PUT /admin/default of an instance.
type Served struct {
	Version string `json:"version"` // "": none is served by default
}

// Fault is what a version is made to do wrong. Where several are meant for a request, that
// of its tenant counts, and else that of its version.
type Fault struct {
	Version string `json:"version"`
	Tenant  string `json:"tenant,omitempty"` // "": all
	// ErrorRate is the share of requests that the plugin answers with an error, 0..1.
	ErrorRate float64 `json:"errorRate,omitempty"`
	// LatencyMS is how much longer each request takes, in milliseconds.
	LatencyMS float64 `json:"latencyMs,omitempty"`
	// LeakBytes is how much memory the plugin keeps of each request.
	LeakBytes int64 `json:"leakBytes,omitempty"`
	// PanicRate is the share of requests at which the plugin panics, 0..1.
	PanicRate float64 `json:"panicRate,omitempty"`
	// Probes is what instances that serve the version by default say on /readyz and /healthz,
	// whatever they are: "ok" or "fail"; "": the truth.
	Probes string `json:"probes,omitempty"`
}

// Faults is PUT /admin/faults of an instance: all there are.
type Faults struct {
	Faults []Fault `json:"faults"`
}

// Count is what an instance counted of a tenant and a version since it was started. It only
// grows while Holding.Boot is the same.
type Count struct {
	Version  string `json:"version"`
	Tenant   string `json:"tenant"`
	Requests int64  `json:"requests"` // that were answered or given up, errors and timeouts included
	Errors   int64  `json:"errors"`   // timeouts and crashes included
	Timeouts int64  `json:"timeouts"`
	// Within is how many took at most so long, for each of Bounds; requests that took longer
	// than all are in Requests only.
	Within []int64 `json:"within"`
	// Seconds is how long they took together, PluginSeconds how long in the plugin.
	Seconds       float64 `json:"seconds"`
	PluginSeconds float64 `json:"pluginSeconds"`
	Conversions   int64   `json:"conversions"`
}

// Counts is GET /admin/counts of an instance.
type Counts struct {
	Boot   string    `json:"boot"`
	At     time.Time `json:"at"`
	Counts []Count   `json:"counts"` // by version, then by tenant
}

// Bounds are the latencies in milliseconds against which requests are counted, ascending.
// They are those of the histograms on /metrics too.
func Bounds() []float64 {
	return []float64{1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500}
}

// Table is PUT /admin/table of a router: all that it routes by, in force at once.
type Table struct {
	Revision  int64             `json:"revision"` // a router refuses one that is less than its own with 409
	Instances []Routed          `json:"instances"`
	Routes    []Route           `json:"routes"` // sums to 100
	Pins      map[string]string `json:"pins"`   // version by tenant
}

// Routed is an instance that requests may go to.
type Routed struct {
	ID       string   `json:"id"`
	Slot     string   `json:"slot"`
	Address  string   `json:"address"` // host:port
	Ready    bool     `json:"ready"`   // false: it gets no new requests
	Default  string   `json:"default"`
	Versions []string `json:"versions"` // that are ready there
}

// Route is a slot's share of the traffic of tenants that are not pinned.
type Route struct {
	Slot    string  `json:"slot"`
	Percent float64 `json:"percent"`
}

// Routing is GET /admin/table of a router: the table in force, and what it did by it.
type Routing struct {
	Table
	// Boot is of this process, InFlight the requests that each instance has from it.
	Boot     string           `json:"boot"`
	InFlight map[string]int64 `json:"inFlight"`
}

// Process is one of the processes of a host, as its manager knows it.
type Process struct {
	Name string `json:"name"` // as the instance's id
	Kind string `json:"kind"` // instance, router or plugin
	PID  int    `json:"pid"`
}

// Processes is GET /processes of a manager, sorted by kind and name.
type Processes struct {
	Processes []Process `json:"processes"`
}

// Targets is one entry of GET /prometheus-targets of a manager: the HTTP service discovery of
// Prometheus has a list of them.
type Targets struct {
	Targets []string          `json:"targets"` // host:port
	Labels  map[string]string `json:"labels,omitempty"`
}
