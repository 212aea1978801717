package meter

import (
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// liveFor is how old the last sample of an instance may be for it to be covered.
const liveFor = 5

// coverage is of how many of the instances in scope there are samples that are not too old.
// Of one that died in that time only the part counts in which its counters were read: the
// rest went with it.
func (m *Meter) coverage(q *engine.Question, spans []*span) float64 {
	scope, recent := m.heard(q, spans)
	length := q.To.Sub(q.From).Seconds()
	if len(scope) == 0 || length < 1 {
		return 0
	}
	n := 0.0
	for id := range scope {
		if recent[id] {
			n++
		}
	}
	for _, l := range m.lost {
		if scope[l.instance] && recent[l.instance] {
			n -= min(1, l.within(q.From, q.To).Seconds()/length)
		}
	}
	return max(n/float64(len(scope)), 1e-6) // 0 would say that it is not known
}

// heard are the instances in scope, and those of which there are samples that are not too old.
func (m *Meter) heard(q *engine.Question, spans []*span) (scope, recent map[string]bool) {
	scope, recent = map[string]bool{}, map[string]bool{}
	for i := range q.Instances {
		scope[q.Instances[i].ID] = true
	}
	for _, s := range spans {
		for _, id := range s.heard {
			if q.Slot != "" && m.slots[id] == q.Slot {
				scope[id] = true
			}
			if s.at >= q.To.Unix()-liveFor {
				recent[id] = true
			}
		}
	}
	return scope, recent
}

// within is how much of a loss is in a time.
func (l *loss) within(from, to time.Time) time.Duration {
	if l.from.After(from) {
		from = l.from
	}
	if l.to.Before(to) {
		to = l.to
	}
	return max(0, to.Sub(from))
}

// cached is a sum by tenant that is made once in a while.
type cached struct {
	at  int64
	of  map[string]int64
	bad map[string]int64
}

// Sent is how many requests each tenant sent in the last ten minutes. It is not to be
// changed.
func (m *Meter) Sent(now time.Time) map[string]int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := &m.sent; c.of == nil || now.Unix()-c.at > 2 || now.Unix() < c.at {
		c.make(m, now, m.seconds, now.Add(-10*time.Minute))
	}
	return m.sent.of
}

// Prior is what a tenant sent in the day before now, as far back as is known, and how much of it
// failed: whoever judges by it allows for how little that is.
func (m *Meter) Prior(tenant string, now time.Time) (requests, errors int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c := &m.prior; c.of == nil || now.Unix()-c.at > 2 || now.Unix() < c.at {
		c.make(m, now, m.longest(), now.Add(-24*time.Hour))
	}
	return m.prior.of[tenant], m.prior.bad[tenant]
}

func (c *cached) make(m *Meter, now time.Time, spans []*span, from time.Time) {
	c.at, c.of, c.bad = now.Unix(), map[string]int64{}, map[string]int64{}
	for _, s := range slices.Backward(spans) {
		if s.at < from.Unix() {
			break
		}
		for i := range s.entries {
			e := &s.entries[i]
			tenant := m.series[e.of].Tenant
			c.of[tenant] += int64(e.Requests)
			c.bad[tenant] += int64(e.Errors)
		}
	}
}

// longest are the sums that go back the farthest: a meter that is young has minutes of nothing
// that its seconds have not.
func (m *Meter) longest() []*span {
	if len(m.minutes) == 0 || len(m.seconds) > 0 && m.seconds[0].at <= m.minutes[0].at+60 {
		return m.seconds
	}
	return m.minutes
}

// leastKnown is how many seconds have to be counted for something to be known of the time before.
const leastKnown = 10

// Remembers says whether enough is known of the time before now to say what tenants did in it.
func (m *Meter) Remembers() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.longest()
	return len(known) > 0 && known[len(known)-1].at-known[0].at >= leastKnown
}

// Rate is how many requests there were in a second, of late.
func (m *Meter) Rate(now time.Time) float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	const over = 30
	n := int64(0)
	for _, s := range slices.Backward(m.seconds) {
		if s.at < now.Unix()-over {
			break
		}
		for i := range s.entries {
			n += int64(s.entries[i].Requests)
		}
	}
	return float64(n) / over
}
