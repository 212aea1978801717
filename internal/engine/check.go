package engine

import (
	"fmt"
	"math"
	"slices"
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

// numberNames are the numbers of a condition that Condition.numbers has.
var numberNames = [...]string{
	"pending", "watched", "ready", "unproven", "failing", "broken", "exposed.tenants", "exposed.instances", "smoke.running", "smoke.passed",
	"smoke.failed",
}

func (c *Condition) numbers() [len(numberNames)]count {
	const most = math.MaxInt64
	return [len(numberNames)]count{
		{int64(c.Pending), most},
		{int64(c.Watched), most},
		{int64(c.Ready), int64(c.Watched)},
		{int64(c.Unproven), int64(c.Ready)},
		{int64(c.Failing), int64(c.Watched)},
		{int64(c.BrokenCount), most},
		{int64(c.Exposed.Tenants), most},
		{int64(c.Exposed.Instances), most},
		{int64(c.Smoke.Running), most},
		{int64(c.Smoke.Passed), most},
		{int64(c.Smoke.Failed), most},
	}
}

// check says what in a condition cannot be.
func (c *Condition) check() error {
	for i, n := range c.numbers() {
		switch {
		case !n.wrong():
		case n.most == math.MaxInt64:
			return fmt.Errorf("condition.%s: %d is not 0 or more", numberNames[i], n.n)
		default:
			return fmt.Errorf("condition.%s: %d is not in 0..%d", numberNames[i], n.n, n.most)
		}
	}
	if c.BrokenCount < len(c.Broken) {
		return fmt.Errorf("condition.broken: %d are counted, and %d listed", c.BrokenCount, len(c.Broken))
	}
	if s := c.Exposed.Share; !finite(s) || s < 0 || s > 100.001 { // a sum of shares may be off by its rounding
		return fmt.Errorf("condition.exposed.share: %v is not in 0..100", s)
	}
	return nil
}

// check says what in an answer to q cannot be.
func (a *Answer) check(q *Question) error {
	if !finite(a.Coverage) || a.Coverage < 0 || a.Coverage > 1 {
		return fmt.Errorf("measurement.coverage: %v is not in 0..1", a.Coverage)
	}
	if err := a.Candidate.check(len(q.Bounds)); err != nil {
		return fmt.Errorf("measurement.candidate.%w", err)
	}
	if q.Baseline == 0 { // nobody looks at it
		a.Baseline = Measurement{}
		return nil
	}
	if err := a.Baseline.check(len(q.Bounds)); err != nil {
		return fmt.Errorf("measurement.baseline.%w", err)
	}
	return nil
}

// mostRequests is more than anybody counts, and far from where sums overflow.
const mostRequests = int64(1) << 53

// countNames are the counts of a measurement that Measurement.counts has.
var countNames = [...]string{
	"requests", "errors", "timeouts", "conversions", "tenants", "latency.count", "satisfaction.count", "execution.count", "cpu.count",
	"memory.count",
}

// count is a number and the most that it can be.
type count struct{ n, most int64 }

// wrong says whether it is not in 0..most.
func (c count) wrong() bool { return c.most < 0 || uint64(c.n) > uint64(c.most) }

func (m *Measurement) counts() [len(countNames)]count {
	return [len(countNames)]count{
		{m.Requests, mostRequests},
		{m.Errors, m.Requests},
		{m.Timeouts, m.Requests - m.Errors},
		{m.Conversions, m.Requests},
		{int64(m.Tenants), mostRequests},
		{m.Latency.Count, mostRequests},
		{m.Satisfaction.Count, mostRequests},
		{m.Execution.Count, mostRequests},
		{m.CPU.Count, mostRequests},
		{m.Memory.Count, mostRequests},
	}
}

// plausible says whether all counts are in their ranges. It is what nearly every look comes
// to, and so it asks once, whether any of the differences is negative.
func (m *Measurement) plausible() bool {
	return m.Requests|(mostRequests-m.Requests)|m.Errors|(m.Requests-m.Errors)|m.Timeouts|(m.Requests-m.Timeouts)|(m.Requests-m.Errors-m.Timeouts)|
		m.Conversions|(m.Requests-m.Conversions)|int64(m.Tenants)|(mostRequests-int64(m.Tenants))|
		m.Latency.Count|m.Satisfaction.Count|m.Execution.Count|m.CPU.Count|m.Memory.Count|
		(mostRequests-m.Latency.Count)|(mostRequests-m.Satisfaction.Count)|(mostRequests-m.Execution.Count)|
		(mostRequests-m.CPU.Count)|(mostRequests-m.Memory.Count) >= 0
}

func (m *Measurement) check(bounds int) error {
	if !m.plausible() {
		for i, c := range m.counts() {
			if c.wrong() {
				return fmt.Errorf("%s: %d is not in 0..%d", countNames[i], c.n, c.most)
			}
		}
	}
	if n := len(m.Slower); n != 0 && n != bounds {
		return fmt.Errorf("slower: has %d counts for %d bounds", n, bounds)
	}
	if err := falling("slower", m.Slower, m.Requests); err != nil {
		return err
	}
	return m.checkParts()
}

// checkParts checks what a measurement has beside its counts.
func (m *Measurement) checkParts() error {
	if err := m.Histogram.check(m.Requests); err != nil {
		return err
	}
	if m.Worst != nil {
		if err := m.Worst.check(); err != nil {
			return fmt.Errorf("worst.%w", err)
		}
	}
	for i := range m.PerTenant {
		if err := m.PerTenant[i].check(); err != nil {
			return fmt.Errorf("per_tenant[%d].%w", i, err)
		}
	}
	for i, c := range m.Minutes {
		switch {
		case c.Errors < 0 || c.Errors > c.Requests || c.Requests > mostRequests:
			return fmt.Errorf("minutes[%d]: %d errors of %d requests", i, c.Errors, c.Requests)
		case i > 0 && !c.Start.After(m.Minutes[i-1].Start):
			return fmt.Errorf("minutes[%d]: does not follow the minute before it", i)
		}
	}
	return nil
}

// check says what in a histogram of so many requests cannot be.
func (h *Histogram) check(requests int64) error {
	if len(h.Bounds)+len(h.Slower) == 0 {
		return nil
	}
	if len(h.Bounds) != len(h.Slower) || !slices.IsSorted(h.Bounds) || slices.ContainsFunc(h.Bounds, func(b float64) bool { return !finite(b) }) {
		return fmt.Errorf("histogram: has %d counts for %d bounds, which rise", len(h.Slower), len(h.Bounds))
	}
	return falling("histogram.slower", h.Slower, requests)
}

// check says what in a tenant's counts cannot be.
func (t *TenantCount) check() error {
	for _, n := range []struct {
		name  string
		n, hi int64
	}{
		{"requests", t.Requests, mostRequests},
		{"errors", t.Errors, t.Requests},
		{"timeouts", t.Timeouts, t.Requests - t.Errors},
		{"conversions", t.Conversions, t.Requests},
		{"slower", t.Slower, t.Requests},
		{"latency.count", t.Latency.Count, mostRequests},
		{"satisfaction.count", t.Satisfaction.Count, mostRequests},
	} {
		if n.n < 0 || n.n > n.hi {
			return fmt.Errorf("%s: %d is not in 0..%d", n.name, n.n, n.hi)
		}
	}
	return nil
}

// falling says where counts of requests slower than rising bounds cannot be.
func falling(name string, counts []int64, requests int64) error {
	last := requests
	for i, n := range counts {
		if n < 0 || n > last {
			return fmt.Errorf("%s[%d]: %d is not in 0..%d", name, i, n, last)
		}
		last = n
	}
	return nil
}

// sane drops the means that are not numbers: no data, as JSON can say it.
func (m *Measurement) sane() {
	for _, mean := range []*Mean{&m.Latency, &m.Satisfaction, &m.Execution, &m.CPU, &m.Memory} {
		if !finite(mean.Sum) {
			*mean = Mean{}
		}
	}
	for i := range m.PerTenant {
		for _, mean := range []*Mean{&m.PerTenant[i].Latency, &m.PerTenant[i].Satisfaction} {
			if !finite(mean.Sum) {
				*mean = Mean{}
			}
		}
	}
}
