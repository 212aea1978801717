package engine

import "time"

// Snapshot is one world, the fleet of one plugin in one environment, at one
// moment. Instances, tenants and routes are sorted by their ids.
type Snapshot struct {
	Environment Environment `json:"environment"`
	Plugin      string      `json:"plugin"`
	At          time.Time   `json:"at"`
	Instances   []Instance  `json:"instances"`
	Tenants     []Tenant    `json:"tenants"`
	Routes      []Route     `json:"routes"`
	// Spare is how many instances the fleet can add beside those it has; negative: not known.
	Spare int `json:"spare"`
	// RequestsPerSecond is the traffic observed or configured; 0: not known.
	RequestsPerSecond float64 `json:"requestsPerSecond"`
	// ProbeInterval is the time between the health probes of an instance; 0: not known, or
	// there are none.
	ProbeInterval time.Duration `json:"probeInterval,omitempty"`
}

// Instance is one running copy of the application. It holds several versions of
// the plugin side by side and serves one of them by default.
type Instance struct {
	ID        string   `json:"id"`
	Slot      string   `json:"slot"`
	Installed []string `json:"installed"` // sorted
	Default   string   `json:"default"`   // "": the plugin is not there
	Ready     bool     `json:"ready"`
}

// Tenant is one customer of the application.
type Tenant struct {
	ID            string  `json:"id"`
	Weight        float64 `json:"weight"`        // share of the traffic, relative to the other tenants'
	Pin           string  `json:"pin,omitempty"` // version the tenant is held to; "": follows its instance's default
	PriorRequests int64   `json:"priorRequests,omitempty"`
	PriorErrors   int64   `json:"priorErrors,omitempty"`
}

// Route is the share of the traffic that goes to a slot.
type Route struct {
	Slot    string  `json:"slot"`
	Percent float64 `json:"percent"` // 0..100; the routes of a fleet sum to 100
}

// ActiveSlot is the slot that takes the most traffic.
func (s Snapshot) ActiveSlot() string {
	var best Route
	for i, r := range s.Routes {
		if i == 0 || r.Percent > best.Percent {
			best = r
		}
	}
	return best.Slot
}

// Active returns the instances of the active slot, in order.
func (s Snapshot) Active() []Instance {
	slot := s.ActiveSlot()
	var in []Instance
	for _, i := range s.Instances {
		if i.Slot == slot {
			in = append(in, i)
		}
	}
	return in
}

// Baseline is the version that most instances of the active slot serve by default,
// the lesser one where two tie; "" where the plugin is not installed.
func (s Snapshot) Baseline() string {
	count := map[string]int{}
	best := ""
	for _, i := range s.Active() {
		if i.Default == "" {
			continue
		}
		count[i.Default]++
		if n := count[i.Default] - count[best]; best == "" || n > 0 || n == 0 && i.Default < best {
			best = i.Default
		}
	}
	return best
}

// RunsOnly says whether every instance of the active slot serves version by
// default. Tenants that somebody pinned to another one do not count.
func (s Snapshot) RunsOnly(version string) bool {
	active := s.Active()
	for _, i := range active {
		if i.Default != version {
			return false
		}
	}
	return len(active) > 0
}
