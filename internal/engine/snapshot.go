package engine

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"
)

// Head is what a fleet is as a whole.
type Head struct {
	Environment Environment `json:"environment"`
	Plugin      string      `json:"plugin"`
	At          time.Time   `json:"at"`
	// Capabilities are what the fleet can do.
	Capabilities Capabilities `json:"capabilities,omitzero"`
	Routes       []Route      `json:"routes"` // sorted by slot
	// Spare is how many instances the fleet can add beside those it has; negative: not known.
	Spare int `json:"spare"`
	// RequestsPerSecond is the traffic observed or configured; 0: not known.
	RequestsPerSecond float64 `json:"requestsPerSecond"`
	// ProbeInterval is the time between the health probes of an instance; 0: not known, or
	// there are none.
	ProbeInterval time.Duration `json:"probeInterval,omitempty"`
	// KeepsServing says that an instance goes on serving while a version is replaced on it.
	KeepsServing bool `json:"keepsServing,omitempty"`
	// Versions counts the instances by slot and default version, sorted by both.
	Versions []VersionCount `json:"versions,omitempty"`
	// OneWay are the changes of a version that the fleet cannot take back; nil: there are none.
	OneWay []OneWay `json:"oneWay,omitempty"`
}

// OneWay is a change from a version to another one that the fleet can make, and cannot take
// back: it has no way from To to From.
type OneWay struct {
	From string `json:"from"`
	To   string `json:"to"`
	// Where are the instances that it is so on; nil: all.
	Where []string `json:"where,omitempty"`
}

// VersionCount is how many instances of a slot serve a version by default.
type VersionCount struct {
	Slot      string `json:"slot"`
	Version   string `json:"version"` // "": the plugin is not there
	Instances int    `json:"instances"`
	Ready     int    `json:"ready"` // of them
}

// Snapshot is one world, the fleet of one plugin in one environment, at one moment:
// what a plan is compiled from. Instances, tenants and routes are sorted by their ids.
type Snapshot struct {
	Head
	Instances []Instance `json:"instances"`
	Tenants   []Tenant   `json:"tenants"`
	// Spent lets the plan that is compiled of it have the list of tenants, without a copy: who
	// looks at Tenants afterwards finds them in the plan's order.
	Spent bool `json:"-"`
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

// ReadSnapshot reads a whole world. What it says is checked by Compile. A fleet that knows how
// many tenants it will list at most may have a method CountTenants() int that says so: they
// are then listed without a copy.
func ReadSnapshot(ctx context.Context, f Fleet) (Snapshot, error) {
	var s Snapshot
	var err error
	if s.Head, err = f.Describe(ctx); err != nil {
		return Snapshot{}, err
	}
	if s.Instances, err = gather("instances", f.Instances(ctx), 0); err != nil {
		return Snapshot{}, err
	}
	n := 0
	if c, ok := f.(interface{ CountTenants() int }); ok {
		n = c.CountTenants()
	}
	if s.Tenants, err = gather("tenants", f.Tenants(ctx), n); err != nil {
		return Snapshot{}, err
	}
	return s, nil
}

// gather lists what a fleet lists, of which it knows about how many they are; 0: it does not.
// Then pieces of it are taken, so that a long list is copied once and not again and again
// while it grows.
func gather[T any](what string, each iter.Seq2[T, error], known int) ([]T, error) {
	const piece = 1 << 12
	var pieces [][]T
	list, n := make([]T, 0, min(max(known, 0), mostTold)), 0
	for v, err := range each {
		switch {
		case err != nil && n == 0:
			return nil, fmt.Errorf("%s: %w", what, err)
		case err != nil:
			return nil, fmt.Errorf("%s, after %d of them: %w", what, n, err)
		}
		if n++; len(list) >= piece && len(list) == cap(list) {
			pieces, list = append(pieces, list), make([]T, 0, piece)
		}
		list = append(list, v)
	}
	if pieces == nil {
		return list, nil
	}
	return slices.Concat(append(pieces, list)...), nil
}

// mostTold is of how many tenants a fleet is believed before it lists them.
const mostTold = 1 << 20

// ActiveSlot is the slot that takes the most traffic.
func (h Head) ActiveSlot() string {
	var best Route
	for i, r := range h.Routes {
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

// CountVersions counts instances as Head.Versions does.
func CountVersions(instances []Instance) []VersionCount {
	var counts []VersionCount
	last := 0
	for _, i := range instances {
		if last >= len(counts) || counts[last].Slot != i.Slot || counts[last].Version != i.Default {
			last = slices.IndexFunc(counts, func(v VersionCount) bool { return v.Slot == i.Slot && v.Version == i.Default })
		}
		if last < 0 {
			last = len(counts)
			counts = append(counts, VersionCount{Slot: i.Slot, Version: i.Default})
		}
		counts[last].Instances++
		if i.Ready {
			counts[last].Ready++
		}
	}
	slices.SortFunc(counts, func(a, b VersionCount) int {
		return cmp.Or(cmp.Compare(a.Slot, b.Slot), cmp.Compare(a.Version, b.Version))
	})
	return counts
}

// Baseline is the version that most instances of the active slot serve by default,
// the lesser one where two tie; "" where the plugin is not installed.
func (h Head) Baseline() string {
	slot, best, most := h.ActiveSlot(), "", 0
	for _, v := range h.Versions {
		if v.Slot == slot && v.Version != "" && v.Instances > most {
			best, most = v.Version, v.Instances
		}
	}
	return best
}

// RunsOnly says whether every instance of the active slot serves version by
// default. Tenants that somebody pinned to another one do not count.
func (h Head) RunsOnly(version string) bool {
	slot, n := h.ActiveSlot(), 0
	for _, v := range h.Versions {
		if v.Slot == slot && v.Version != version {
			return false
		}
		if v.Slot == slot {
			n += v.Instances
		}
	}
	return n > 0
}

// Baseline is that of the instances as they are listed.
func (s Snapshot) Baseline() string { return s.counted().Baseline() }

// RunsOnly is that of the instances as they are listed.
func (s Snapshot) RunsOnly(version string) bool { return s.counted().RunsOnly(version) }

// counted is the head, with the instances counted anew: one that was described a moment
// before may be another one.
func (s Snapshot) counted() Head {
	h := s.Head
	h.Versions = CountVersions(s.Instances)
	return h
}
