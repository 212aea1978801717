package promql

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// What the scrapes are like.
const (
	every   = 15 * time.Second
	history = time.Hour        // before the rollout, which a world knows as a whole
	missing = 100              // one of so many scrapes fails
	restart = 40 * time.Minute // each instance begins anew about as often
)

// bounds are the buckets of the histogram, in ms.
var bounds = []float64{50, 100, 250, 500, 1000, 2500}

// scraped puts the counters of a world into a database as scrapes of its instances would.
type scraped struct {
	w         *simulator.World
	db        *tsdb.DB
	begin     time.Time
	candidate string
	installed string
	instances []string
	seed      int64
	targets   []target // the instances
	tenants   target   // one more, which counts by tenant
	byTenant  bool     // somebody asked
	wrong     error
}

// target is what is scraped at a phase of its own.
type target struct {
	name string
	next time.Time
	from counts // what was counted before it began anew
	ends time.Time
	live map[string]storage.SeriesRef // series that the last scrape had
}

// counts are cumulative, by version.
type counts map[string]engine.Measurement

// until scrapes everything up to a time.
func (s *scraped) until(ctx context.Context, now time.Time) error {
	app := s.db.Appender(ctx)
	for i := range s.targets {
		t := &s.targets[i]
		for ; !t.next.After(now); t.next = t.next.Add(every) {
			s.scrape(ctx, app, t, i)
		}
	}
	if s.byTenant {
		for t := &s.tenants; !t.next.After(now); t.next = t.next.Add(every) {
			s.scrapeTenants(ctx, app, t)
		}
	}
	if s.wrong != nil {
		_ = app.Rollback()
		return s.wrong
	}
	return app.Commit()
}

// luck is a number of something that stays the same.
func (s *scraped) luck(what string, at time.Time) uint64 {
	h := fnv.New64a()
	_ = binary.Write(h, binary.LittleEndian, []int64{s.seed, at.UnixNano()})
	_, _ = h.Write([]byte(what))
	return h.Sum64()
}

// scrape reads an instance: its part of what the world counted. Now and then it fails, and
// its series go stale; now and then the instance began anew before it.
func (s *scraped) scrape(ctx context.Context, app storage.Appender, t *target, part int) {
	at := t.next
	if s.luck(t.name, at)%missing == 0 {
		s.stale(app, t)
		return
	}
	now := s.counts(ctx, at, engine.WantCounts|engine.WantSlower)
	if !at.Before(t.ends) {
		t.from = s.counts(ctx, t.ends, engine.WantCounts|engine.WantSlower)
		t.ends = t.ends.Add(restart/2 + time.Duration(s.luck(t.name+"ends", at)%uint64(restart)))
	}
	of := int64(len(s.targets))
	share := func(n, before int64) float64 { return float64(partOf(n, part, of) - partOf(before, part, of)) }
	for _, version := range []string{s.installed, s.candidate} {
		m, before := now[version], t.from[version]
		if version == s.candidate && m.Requests == 0 { // it is not there yet
			continue
		}
		series := func(name string, v float64, more ...string) {
			s.add(app, t, v, append([]string{"__name__", name, prom.LabelVersion, version, prom.LabelInstance, t.name}, more...)...)
		}
		for outcome, n := range outcomes(m, before) {
			series(prom.MetricRequests, share(n[0], n[1]), prom.LabelOutcome, outcome)
		}
		for i, ms := range bounds {
			n, was := m.Requests-m.Slower[i], int64(0)
			if before.Slower != nil {
				was = before.Requests - before.Slower[i]
			}
			series(prom.MetricDuration+"_bucket", share(n, was), "le", strconv.FormatFloat(ms/1000, 'g', -1, 64))
		}
		series(prom.MetricDuration+"_bucket", share(m.Requests, before.Requests), "le", "+Inf")
	}
}

// outcomes are the counts by outcome, now and before.
func outcomes(m, before engine.Measurement) map[string][2]int64 {
	return map[string][2]int64{
		prom.OutcomeSuccess: {m.Requests - m.Errors - m.Timeouts, before.Requests - before.Errors - before.Timeouts},
		prom.OutcomeError:   {m.Errors, before.Errors},
		prom.OutcomeTimeout: {m.Timeouts, before.Timeouts},
	}
}

// partOf deals n things to some instances: one more is one more for one of them.
func partOf(n int64, part int, of int64) int64 {
	share := n / of
	if int64(part) < n%of {
		share++
	}
	return share
}

// scrapeTenants reads what is counted by tenant.
func (s *scraped) scrapeTenants(ctx context.Context, app storage.Appender, t *target) {
	for version, m := range s.counts(ctx, t.next, engine.WantCounts|engine.WantByTenant) {
		for _, c := range m.PerTenant {
			for outcome, n := range map[string]int64{prom.OutcomeSuccess: c.Requests - c.Errors - c.Timeouts, prom.OutcomeError: c.Errors, prom.OutcomeTimeout: c.Timeouts} {
				s.add(app, t, float64(n), "__name__", prom.MetricTenantRequests, prom.LabelVersion, version, prom.LabelTenant, c.Tenant, prom.LabelOutcome, outcome)
			}
		}
	}
}

// counts are what was counted up to a time. Of the hour before the rollout the world only
// knows the sums: its requests come evenly.
func (s *scraped) counts(ctx context.Context, at time.Time, want engine.Want) counts {
	start := s.begin.Add(history)
	if !at.Before(start) {
		return s.counted(ctx, at, want)
	}
	m := s.counted(ctx, start, want)[s.installed]
	part := func(n int64) int64 { return n * at.Sub(s.begin).Milliseconds() / history.Milliseconds() }
	good, errors, timeouts := part(m.Requests-m.Errors-m.Timeouts), part(m.Errors), part(m.Timeouts)
	before := engine.Measurement{Requests: good + errors + timeouts, Errors: errors, Timeouts: timeouts}
	for _, slower := range m.Slower {
		before.Slower = append(before.Slower, before.Requests-part(m.Requests-slower))
	}
	return counts{s.installed: before}
}

// counted are what the world counted up to a time.
func (s *scraped) counted(ctx context.Context, at time.Time, want engine.Want) counts {
	q := engine.Question{Version: s.candidate, From: s.begin, To: at, Candidate: want, Baseline: want}
	if want&engine.WantSlower != 0 {
		q.Bounds = bounds
	}
	a, err := s.w.Measure(ctx, q)
	if err != nil {
		s.wrong = err
	}
	for _, m := range []*engine.Measurement{&a.Candidate, &a.Baseline} {
		if m.Slower == nil {
			m.Slower = make([]int64, len(bounds))
		}
	}
	return counts{s.candidate: a.Candidate, s.installed: a.Baseline}
}

// add appends a sample of a series of a target.
func (s *scraped) add(app storage.Appender, t *target, v float64, pairs ...string) {
	pairs = append(pairs, prom.LabelEnvironment, "Production", prom.LabelPlugin, plugin, "job", "fleet", "instance", t.name+":8080")
	key := strings.Join(pairs, "\x00")
	ref, err := app.Append(t.live[key], labels.FromStrings(pairs...), t.next.UnixMilli(), v)
	if err != nil {
		s.wrong = err
	}
	t.live[key] = ref
}

// stale marks the series of a target, as a scrape that failed does.
func (s *scraped) stale(app storage.Appender, t *target) {
	for key, ref := range t.live {
		if _, err := app.Append(ref, labels.FromStrings(strings.Split(key, "\x00")...), t.next.UnixMilli(), stale); err != nil {
			s.wrong = err
		}
	}
	clear(t.live)
}

var stale = staleNaN()

func staleNaN() float64 { return float64frombits(value.StaleNaN) }
