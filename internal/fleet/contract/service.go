package contract

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Service is what GET /v1 answers: what the API is like, whatever the plugin.
type Service struct {
	At       time.Time `json:"at"`
	Contract string    `json:"contract"`           // see Version
	Software string    `json:"software,omitempty"` // name and version, for people
	Limits   Limits    `json:"limits,omitzero"`
	// Encodings are the content encodings that bodies of requests may have; none: plain only.
	Encodings []string `json:"encodings,omitempty"`
	// Sandbox is a plugin to try the API on; nil: there is none.
	Sandbox *Sandbox `json:"sandbox,omitempty"`
}

// Limits bound what one request or answer may hold. 0: the default of the contract.
type Limits struct {
	Page    int   `json:"page,omitempty"`    // items of a page
	Body    int64 `json:"body,omitempty"`    // bytes of a request's body, decoded; not of a list of targets
	Targets int   `json:"targets,omitempty"` // lines of a list of targets
}

// Or are l, with the contract's defaults where it says nothing.
func (l Limits) Or() Limits {
	if l.Page <= 0 {
		l.Page = DefaultPage
	}
	if l.Body <= 0 {
		l.Body = DefaultBody
	}
	if l.Targets <= 0 {
		l.Targets = MostTargets
	}
	return l
}

// Sandbox is a plugin that nobody depends on.
type Sandbox struct {
	Environment string `json:"environment"`
	Plugin      string `json:"plugin"`
	// Versions are two that can be installed, the one that runs when nothing is tried first.
	Versions []string `json:"versions"`
	// Settle is how long a change takes at most to be in effect there.
	Settle engine.Duration `json:"settle,omitempty"`
}

// Speaks says whether a client of this package understands the service: whether the first
// number of its contract is that of Version.
func (s *Service) Speaks() bool {
	major, _, _ := strings.Cut(s.Contract, ".")
	own, _, _ := strings.Cut(Version, ".")
	return major == own
}

// Newer says whether the service speaks a contract that came after Version.
func (s *Service) Newer() bool {
	major, _, _ := strings.Cut(s.Contract, ".")
	own, _, _ := strings.Cut(Version, ".")
	n, err := strconv.Atoi(major)
	mine, _ := strconv.Atoi(own)
	return err == nil && n > mine
}

// Takes says whether a request's body may have an encoding.
func (s *Service) Takes(encoding string) bool { return slices.Contains(s.Encodings, encoding) }

// Fleet is a plugin in an environment, as a whole.
type Fleet struct {
	At           time.Time             `json:"at"`
	Environment  string                `json:"environment"`
	Plugin       string                `json:"plugin"`
	Capabilities Capabilities          `json:"capabilities"`
	Routes       []engine.Route        `json:"routes"`
	Versions     []engine.VersionCount `json:"versions"`
	// Spare is how many instances can be added; nil: not known.
	Spare *int `json:"spare,omitempty"`
	// RequestsPerSecond is the traffic; nil: not known.
	RequestsPerSecond *float64 `json:"requestsPerSecond,omitempty"`
	// ProbeInterval is the time between the health probes of an instance; 0: not known.
	ProbeInterval engine.Duration `json:"probeInterval,omitempty"`
	// KeepsServing says that an instance serves on, and stays ready, while a replace is carried out on it.
	KeepsServing bool `json:"keepsServing,omitempty"`
	// OneWay are changes of a version that the fleet can make, and cannot take back.
	OneWay []engine.OneWay `json:"oneWay,omitempty"`
}

// Capabilities are what a fleet can do. What is not named it cannot: a client that knows
// more capabilities than the fleet asks for none of the others.
type Capabilities struct {
	Can           []engine.Capability `json:"can"`
	LatencyBounds []float64           `json:"latencyBounds,omitempty"` // ms, ascending
	Resolution    engine.Duration     `json:"resolution,omitempty"`    // time between samples
	Delay         engine.Duration     `json:"delay,omitempty"`         // how late samples come
}

// FleetOf is h in the contract's words.
func FleetOf(h *engine.Head) Fleet {
	f := Fleet{
		At: h.At, Environment: string(h.Environment), Plugin: h.Plugin, Routes: h.Routes, Versions: h.Versions,
		ProbeInterval: engine.Duration(h.ProbeInterval), Capabilities: capabilitiesOf(&h.Capabilities), KeepsServing: h.KeepsServing, OneWay: h.OneWay,
	}
	if h.Spare >= 0 {
		f.Spare = &h.Spare
	}
	if h.RequestsPerSecond != 0 {
		f.RequestsPerSecond = &h.RequestsPerSecond
	}
	if f.Routes == nil {
		f.Routes = []engine.Route{}
	}
	if f.Versions == nil {
		f.Versions = []engine.VersionCount{}
	}
	return f
}

// Head is f in the engine's words.
func (f *Fleet) Head() engine.Head {
	h := engine.Head{
		Environment: engine.Environment(f.Environment), Plugin: f.Plugin, At: f.At, Routes: f.Routes, Spare: -1,
		ProbeInterval: time.Duration(f.ProbeInterval), Versions: f.Versions, Capabilities: f.Capabilities.lacking(),
		KeepsServing: f.KeepsServing, OneWay: f.OneWay,
	}
	if f.Spare != nil {
		h.Spare = *f.Spare
	}
	if f.RequestsPerSecond != nil {
		h.RequestsPerSecond = *f.RequestsPerSecond
	}
	return h
}

func capabilitiesOf(c *engine.Capabilities) Capabilities {
	can := []engine.Capability{}
	for _, what := range engine.AllCapabilities() {
		if c.Can(what) {
			can = append(can, what)
		}
	}
	return Capabilities{can, c.LatencyBounds, engine.Duration(c.Resolution), engine.Duration(c.Delay)}
}

// lacking turns what a fleet can into what it cannot, of what the engine knows.
func (c *Capabilities) lacking() engine.Capabilities {
	e := engine.Capabilities{LatencyBounds: c.LatencyBounds, Resolution: time.Duration(c.Resolution), Delay: time.Duration(c.Delay)}
	for _, what := range engine.AllCapabilities() {
		if !slices.Contains(c.Can, what) {
			e.Lacks = append(e.Lacks, what)
		}
	}
	return e
}

// Page is a page of instances or of tenants. The end of the list is where Next is empty,
// and nowhere else: a page may have fewer items than were asked for.
type Page[T any] struct {
	At    time.Time `json:"at"`
	Items []T       `json:"items"`
	Next  string    `json:"next,omitempty"` // the cursor of what follows
}

// Instance is an instance as it is listed.
type Instance = engine.Instance

// Tenant is a tenant as it is listed.
type Tenant = engine.Tenant
