package meter

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// sum is what was counted in a time, in all.
type sum struct {
	requests, errors, timeouts, conversions int64
	within                                  [nBounds]int64
	seconds, plugin                         float64
}

func (s *sum) add(c *cell) {
	s.requests += int64(c.Requests)
	s.errors += int64(c.Errors)
	s.timeouts += int64(c.Timeouts)
	s.conversions += int64(c.Conversions)
	for i := range s.within {
		s.within[i] += int64(c.Within[i])
	}
	s.seconds += float64(c.Seconds)
	s.plugin += float64(c.PluginSeconds)
}

// slower is how many took longer than a bound, or than the next one of the meter's.
func (s *sum) slower(bound float64) int64 {
	at, _ := slices.BinarySearch(bounds, bound)
	if at == len(bounds) {
		at--
	}
	return s.requests - min(s.requests, s.within[at])
}

// latency is how long requests took, in ms.
func (s *sum) latency() engine.Mean { return engine.Mean{Sum: 1e3 * s.seconds, Count: s.requests} }

// arm adds up one of the two arms.
type arm struct {
	of       func(version string) bool
	all      sum
	tenants  map[string]*sum
	minutes  []engine.MinuteCount
	cpu, mem engine.Mean
	newest   int64
}

// Measure implements engine.Meter.
func (m *Meter) Measure(ctx context.Context, q engine.Question) (engine.Answer, error) {
	if err := ctx.Err(); err != nil {
		return engine.Answer{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	is := func(version string) bool { return version == q.Version && version != "" }
	arms := [2]*arm{{of: is, tenants: map[string]*sum{}}, {of: func(version string) bool { return !is(version) }, tenants: map[string]*sum{}}}
	spans := m.within(q.From, q.To)
	for _, s := range spans {
		for _, a := range arms {
			a.take(m, s)
		}
		if len(s.heard) > 0 { // there was a sample, also where it had no request
			arms[1].newest = s.at
		}
	}
	return engine.Answer{Candidate: arms[0].told(&q, q.Candidate), Baseline: arms[1].told(&q, q.Baseline), Coverage: m.coverage(&q, spans)}, nil
}

// within are the spans that begin in a time: seconds, and before them whole minutes.
func (m *Meter) within(from, to time.Time) (in []*span) {
	begins := func(s *span, t time.Time) bool { return !time.Unix(s.at, 0).Before(t) }
	oldest := int64(1<<63 - 1)
	if len(m.seconds) > 0 {
		oldest = m.seconds[0].at
	}
	for _, s := range m.minutes {
		if begins(s, from) && !begins(s, to) && s.at+60 <= oldest {
			in = append(in, s)
		}
	}
	after := int64(0) // seconds of a minute that was taken already
	if n := len(in); n > 0 {
		after = in[n-1].at + 60
	}
	at, _ := slices.BinarySearchFunc(m.seconds, from, func(s *span, t time.Time) int {
		if begins(s, t) {
			return 1
		}
		return -1
	})
	for _, s := range m.seconds[at:] {
		if begins(s, to) {
			break
		}
		if s.at >= after {
			in = append(in, s)
		}
	}
	return in
}

// take adds a span to an arm.
func (a *arm) take(m *Meter, s *span) {
	minute := time.Unix(s.at-s.at%60, 0).UTC()
	for i := range s.entries {
		e := &s.entries[i]
		of := m.series[e.of]
		if !a.of(of.Version) {
			continue
		}
		a.all.add(&e.cell)
		t := a.tenants[of.Tenant]
		if t == nil {
			t = &sum{}
			a.tenants[of.Tenant] = t
		}
		t.add(&e.cell)
		if n := len(a.minutes); n == 0 || !a.minutes[n-1].Start.Equal(minute) {
			a.minutes = append(a.minutes, engine.MinuteCount{Start: minute})
		}
		last := &a.minutes[len(a.minutes)-1]
		last.Requests += int64(e.Requests)
		last.Errors += int64(e.Errors)
	}
	for _, u := range s.uses {
		if a.of(u.version) {
			a.cpu.Sum, a.cpu.Count = a.cpu.Sum+u.cpu, a.cpu.Count+u.n
			a.mem.Sum, a.mem.Count = a.mem.Sum+u.memory, a.mem.Count+u.n
			a.newest = s.at
		}
	}
}

// told is what is wanted of an arm.
func (a *arm) told(q *engine.Question, want engine.Want) (m engine.Measurement) {
	if want == 0 {
		return m
	}
	m.Requests, m.Errors, m.Timeouts = a.all.requests, a.all.errors, a.all.timeouts
	if a.newest > 0 {
		m.Newest = time.Unix(a.newest, 0).UTC()
	}
	if want&engine.WantSlower != 0 {
		for _, b := range q.Bounds {
			m.Slower = append(m.Slower, a.all.slower(b))
		}
	}
	if want&engine.WantHistogram != 0 {
		m.Histogram.Bounds = slices.Clone(bounds)
		for _, b := range bounds {
			m.Histogram.Slower = append(m.Histogram.Slower, a.all.slower(b))
		}
	}
	if want&engine.WantMinutes != 0 {
		m.Minutes = a.minutes
	}
	if want&engine.WantMeans != 0 {
		m.Latency, m.Execution = a.all.latency(), engine.Mean{Sum: 1e3 * a.all.plugin, Count: a.all.requests}
		m.Conversions, m.CPU, m.Memory = a.all.conversions, a.cpu, a.mem
	}
	if want&(engine.WantTenants|engine.WantByTenant) != 0 {
		m.Tenants, m.Worst = len(a.tenants), a.worst()
	}
	if want&engine.WantByTenant != 0 {
		m.PerTenant = a.perTenant(q, want)
	}
	return m
}

// leastOfWorst is how many requests a tenant needs to be the one that fares worst.
const leastOfWorst = 20

// worst is the tenant with the highest error rate, the lesser id where two tie.
func (a *arm) worst() *engine.TenantCount {
	var worst *engine.TenantCount
	for id, s := range a.tenants {
		if s.requests < leastOfWorst {
			continue
		}
		one := engine.TenantCount{Tenant: id, Requests: s.requests, Errors: s.errors}
		if worst == nil {
			worst = &one
			continue
		}
		by := cmp.Compare(float64(one.Errors)/float64(one.Requests), float64(worst.Errors)/float64(worst.Requests))
		if by > 0 || by == 0 && id < worst.Tenant {
			worst = &one
		}
	}
	return worst
}

func (a *arm) perTenant(q *engine.Question, want engine.Want) []engine.TenantCount {
	list := make([]engine.TenantCount, 0, len(a.tenants))
	for id, s := range a.tenants {
		t := engine.TenantCount{Tenant: id, Requests: s.requests, Errors: s.errors}
		if want&engine.WantMeans != 0 {
			t.Timeouts, t.Conversions, t.Latency = s.timeouts, s.conversions, s.latency()
		}
		if q.TenantBound > 0 {
			t.Slower = s.slower(q.TenantBound)
		}
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b engine.TenantCount) int { return cmp.Compare(a.Tenant, b.Tenant) })
	return list
}
