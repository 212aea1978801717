package engine

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"
)

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

// check says what in the condition of a watch cannot be, and cuts its lists to what they
// may hold.
func (c *Condition) check(w *Watch) error {
	for i, n := range c.numbers() {
		switch {
		case !n.wrong():
		case n.most == math.MaxInt64:
			return fmt.Errorf("condition.%s: %d is not 0 or more", numberNames[i], n.n)
		default:
			return fmt.Errorf("condition.%s: %d is not in 0..%d", numberNames[i], n.n, n.most)
		}
	}
	most := len(w.Instances) + len(w.Named)
	switch s := c.Exposed.Share; {
	case c.BrokenCount < len(c.Broken):
		return fmt.Errorf("condition.broken: %d are counted, and %d listed", c.BrokenCount, len(c.Broken))
	case !atLeastZero(s) || s > 100.001: // a sum of shares may be off by its rounding
		return fmt.Errorf("condition.exposed.share: %v is not in 0..100", s)
	case c.Watched > most && w.watches() && w.Slot == "":
		return fmt.Errorf("condition.watched: %d is not in 0..%d, the instances asked about", c.Watched, most)
	}
	c.Broken, c.Ailing = c.Broken[:min(len(c.Broken), MostListed)], c.Ailing[:min(len(c.Ailing), MostListed)]
	return c.checkNames()
}

// checkNames says which of those that a condition lists has no name.
func (c *Condition) checkNames() error {
	for i := range c.Broken {
		if err := checkName(c.Broken[i].Target); err != nil {
			return fmt.Errorf("condition.broken[%d]: %w", i, err)
		}
	}
	for i := range c.Ailing {
		if err := checkName(c.Ailing[i].Instance); err != nil {
			return fmt.Errorf("condition.ailing[%d]: %w", i, err)
		}
	}
	return nil
}

// longestName is more bytes than any name of an instance, a slot or a tenant has.
const longestName = 1_000

// checkName says why something is no name of an instance, a slot or a tenant.
func checkName(name string) error {
	switch {
	case len(name) > longestName:
		return fmt.Errorf("a name of %d bytes is longer than %d", len(name), longestName)
	case !utf8.ValidString(name):
		return fmt.Errorf("%q is not UTF-8", name)
	}
	return nil
}

// firstTime and lastTime are the ends of what a journal can write down.
var (
	firstTime = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
)

func checkTime(at time.Time) error {
	if s := at.Unix(); s < firstTime.Unix() || s > lastTime.Unix() {
		return fmt.Errorf("the year %d is not in 0..9999", at.Year())
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
	if err := checkTime(m.Newest); err != nil {
		return fmt.Errorf("newest: %w", err)
	}
	if m.Worst != nil {
		if err := m.Worst.check(); err != nil {
			return fmt.Errorf("worst.%w", err)
		}
	}
	if err := checkTenants(m.PerTenant); err != nil {
		return err
	}
	return m.checkMinutes()
}

func (m *Measurement) checkMinutes() error {
	if n := len(m.Minutes); n > 0 { // those between follow one another
		if err := cmp.Or(checkTime(m.Minutes[0].Start), checkTime(m.Minutes[n-1].Start)); err != nil {
			return fmt.Errorf("minutes: %w", err)
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

// sane drops the means that are not numbers: no data, as JSON can say it. Those of the tenants are
// dropped where they are checked.
func (m *Measurement) sane() {
	for _, mean := range []*Mean{&m.Latency, &m.Satisfaction, &m.Execution, &m.CPU, &m.Memory} {
		if !finite(mean.Sum) {
			*mean = Mean{}
		}
	}
	if m.Worst != nil {
		m.Worst.sane()
	}
}
