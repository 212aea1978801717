package engine

import (
	"fmt"
	"math"
	"strconv"
)

// Everything that comes in through a port is checked here, and nowhere else: whoever is
// behind it may be wrong. What a measurement or a condition says that cannot be is no
// data, with the reason; a snapshot that cannot be is refused before anything is touched.

// mostProblems is how many targets of a snapshot are complained of.
const mostProblems = 10

// checkFleet finds what in a snapshot cannot be, or is of another world than spec's.
func (c *compiler) checkFleet() Problems {
	var ps Problems
	f := &c.fleet
	if f.Environment != "" && f.Environment != c.spec.Environment {
		ps.add("fleet.environment", f.Environment, "is not that of the deployment, %s", c.spec.Environment)
	}
	if f.Plugin != "" && f.Plugin != c.spec.PluginID {
		ps.add("fleet.plugin", f.Plugin, "is not that of the deployment, %s", c.spec.PluginID)
	}
	if !atLeastZero(f.RequestsPerSecond) {
		ps.add("fleet.requests_per_second", f.RequestsPerSecond, "is not a number of at least 0")
	}
	for i, r := range f.Routes {
		if !atLeastZero(r.Percent) || r.Percent > 100 {
			ps.add(fmt.Sprintf("fleet.routes[%d].percent", i), r.Percent, "is not in 0..100")
		}
	}
	f.Capabilities.check(&ps)
	checkTargets(&ps, "fleet.instances", len(f.Instances), func(i int) string { return f.Instances[i].ID }, func(int) string { return "" })
	checkTargets(&ps, "fleet.tenants", len(f.Tenants), func(i int) string { return f.Tenants[i].ID }, func(i int) string { return f.Tenants[i].wrong() })
	return ps
}

// check finds what in capabilities cannot be.
func (c *Capabilities) check(ps *Problems) {
	for i, b := range c.LatencyBounds {
		if !finite(b) || b <= 0 || i > 0 && b <= c.LatencyBounds[i-1] {
			ps.add(fmt.Sprintf("fleet.latency_bounds[%d]", i), b, "is not above 0 and above the bound before it")
		}
	}
	if c.Resolution < 0 || c.Delay < 0 {
		ps.add("fleet.resolution", nil, "is %s and samples are %s late: neither is below 0", c.Resolution, c.Delay)
	}
}

// wrong says what of a tenant cannot be; "": nothing.
func (t *Tenant) wrong() string {
	switch {
	case !atLeastZero(t.Weight):
		return "weight: " + strconv.FormatFloat(t.Weight, 'g', -1, 64) + " is not a number of at least 0"
	case t.PriorErrors < 0 || t.PriorErrors > t.PriorRequests:
		return fmt.Sprintf("prior_errors: %d is not in 0..%d, its prior requests", t.PriorErrors, t.PriorRequests)
	}
	return ""
}

// checkTargets finds ids that are empty or there twice, and what wrong says of a target.
func checkTargets(ps *Problems, path string, n int, id, wrong func(int) string) {
	twice := repeated(n, id)
	found := 0
	for i := range n {
		why := wrong(i)
		switch name := id(i); {
		case name == "":
			why = "has no id"
		case twice[i]:
			why = quote(name) + " is there twice"
		case why != "":
			why = quote(name) + ": " + why
		}
		if why == "" {
			continue
		}
		if found++; found <= mostProblems {
			ps.add(fmt.Sprintf("%s[%d]", path, i), nil, "%s", why)
		}
	}
	if found > mostProblems {
		ps.add(path, nil, "has %d more like these", found-mostProblems)
	}
}

// repeated says which of n ids were there before; those in order cannot have been.
func repeated(n int, id func(int) string) map[int]bool {
	at := 1
	for at < n && id(at-1) < id(at) {
		at++
	}
	if at >= n {
		return nil
	}
	seen, twice := make(map[string]bool, n), map[int]bool{}
	for i := range n {
		twice[i] = seen[id(i)]
		seen[id(i)] = true
	}
	return twice
}

func atLeastZero(v float64) bool { return finite(v) && v >= 0 }

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
