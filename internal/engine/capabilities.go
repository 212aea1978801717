package engine

import (
	"fmt"
	"slices"
	"time"
)

// Capability is something that a fleet can do, or that is known of it. A fleet that
// lacks one is rolled out to without, or not at all: see the rows in capability_rules.go.
type Capability string

// The capabilities.
const (
	CanJournal       Capability = "journal"        // it, or a store beside it, keeps the journals of rollouts
	CanTraffic       Capability = "traffic"        // requests and errors are counted by version
	CanSideBySide    Capability = "side_by_side"   // an instance holds several versions: install, activate, remove
	CanTenants       Capability = "tenants"        // tenants are known, and can be pinned to a version
	CanSlots         Capability = "slots"          // a second set of instances can be provisioned, and traffic switched to it
	CanRoutes        Capability = "routes"         // any share of the traffic can go to a slot, not only none or all
	CanSmokeTests    Capability = "smoke_tests"    // named tests can be run on a slot
	CanLatency       Capability = "latency"        // latencies are measured
	CanTimeouts      Capability = "timeouts"       // timeouts are counted
	CanConversions   Capability = "conversions"    // conversions are counted
	CanSatisfaction  Capability = "satisfaction"   // scores are collected
	CanExecutionTime Capability = "execution_time" // the time spent in the plugin is measured
	CanCPU           Capability = "cpu"            // use of the CPU limit is measured
	CanMemory        Capability = "memory"         // use of the memory limit is measured
	CanTenantsSeen   Capability = "tenants_seen"   // how many tenants sent requests is counted
	CanByTenant      Capability = "by_tenant"      // traffic is counted tenant by tenant
	CanHistory       Capability = "history"        // each tenant's traffic of the day before is known
	CanProbes        Capability = "probes"         // health probes are made and counted
	CanDeaths        Capability = "deaths"         // deaths of instances are counted
)

// AllCapabilities lists them.
func AllCapabilities() []Capability {
	return []Capability{
		CanJournal, CanTraffic, CanSideBySide, CanTenants, CanSlots, CanRoutes, CanSmokeTests, CanLatency, CanTimeouts, CanConversions,
		CanSatisfaction, CanExecutionTime, CanCPU, CanMemory, CanTenantsSeen, CanByTenant, CanHistory, CanProbes, CanDeaths,
	}
}

// Capabilities is what a fleet can do, and what its measurements are like. The zero
// value can do everything, at once.
type Capabilities struct {
	// Lacks are those that it has not.
	Lacks []Capability `json:"lacks,omitempty"`
	// LatencyBounds are the latencies in ms against which requests are counted, ascending;
	// nil: any can be asked for.
	LatencyBounds []float64 `json:"latencyBounds,omitempty"`
	// Resolution is the time between samples: looking more often shows nothing new; 0: 1 s.
	Resolution time.Duration `json:"resolution,omitempty"`
	// Delay is how late samples come.
	Delay time.Duration `json:"delay,omitempty"`
}

// Can says whether the fleet has a capability.
func (c *Capabilities) Can(what Capability) bool { return !slices.Contains(c.Lacks, what) }

// boundAbove is the least of bounds that is not below ms, and ms where there are none to
// choose from; false where all are below it.
func boundAbove(bounds []float64, ms float64) (float64, bool) {
	if bounds == nil {
		return ms, true
	}
	at, _ := slices.BinarySearch(bounds, ms)
	if at == len(bounds) {
		return 0, false
	}
	return bounds[at], true
}

// Pace is what a plan takes from its fleet, and the time that errors are given. The zero
// value is that of plans of format 2, which had constants of their own.
type Pace struct {
	// LookEvery is the least time between two looks at traffic.
	LookEvery time.Duration `json:"lookEvery"`
	// StaleAfter is how old the newest sample may be before it counts as no data.
	StaleAfter time.Duration `json:"staleAfter"`
	// Forward and Back are how long calls that fail are tried again.
	Forward time.Duration `json:"forward"`
	Back    time.Duration `json:"back"`
	// LatencyBounds are the fleet's, see Capabilities.
	LatencyBounds []float64 `json:"latencyBounds,omitempty"`
}

// The usual pace.
const (
	usualStale   = time.Minute
	usualForward = 5 * time.Minute
	usualBack    = 15 * time.Minute
)

// pace is what follows from the capabilities.
func (c *Capabilities) pace() Pace {
	return Pace{
		LookEvery: max(shortestLook, c.Resolution), StaleAfter: max(usualStale, 3*c.Resolution+c.Delay),
		Forward: usualForward, Back: usualBack, LatencyBounds: c.LatencyBounds,
	}
}

// text says what the fleet's metrics make of the plan; "" where that is as usual.
func (p *Pace) text() string {
	if p.LookEvery <= longestLook && p.StaleAfter <= usualStale {
		return ""
	}
	return fmt.Sprintf("samples: looked at every %s at most, no data after %s without new ones", Spoken(p.LookEvery), Spoken(p.StaleAfter))
}
