package prom

import (
	"fmt"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom/promtest"
)

// TestRealNewborn: a newborn counter, first scraped at 3, then at 4: four errors, where
// increase says one.
func TestRealNewborn(t *testing.T) {
	t.Parallel()
	e := newExposer(t)
	e.set(100, requests("v1", "i1", OutcomeSuccess))
	p := real(t, e)
	m := meter(t, p.Address)
	from := time.Now()
	until(t, "the installed version is seen", func() bool {
		a, err := ask(t, m, from)
		return err == nil && a.Baseline.Newest.After(from.Add(time.Second))
	})
	e.set(3, requests("v2", "i1", OutcomeError))
	e.set(0, requests("v2", "i1", OutcomeSuccess))
	until(t, "three errors", func() bool { return counted(t, m, from).Candidate.Errors == 3 })
	e.set(4, requests("v2", "i1", OutcomeError))
	until(t, "four errors", func() bool { return counted(t, m, from).Candidate.Errors == 4 })
	for name, a := range map[string]engine.Answer{"following": counted(t, m, from), "anew": again(t, p, from)} {
		if a.Candidate.Requests != 4 || a.Candidate.Errors != 4 || a.Baseline.Requests != 0 {
			t.Errorf("%s: got %+v", name, a)
		}
	}
}

// TestRealNewInstance: an instance that Prometheus did not know before is at 50 when it is
// first scraped: what it has is of another time, unless it says that it began since.
func TestRealNewInstance(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		told bool
		want int64
	}{{"told", true, 55}, {"not told", false, 5}} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			old, fresh := newExposer(t), newExposer(t)
			both(old, "i1", 1000)
			p := real(t, old)
			m, from := settledMeter(t, p)
			time.Sleep(5 * often)
			fresh.set(50, requests("v2", "i2", OutcomeSuccess))
			if tc.told {
				fresh.set(float64(time.Now().UnixMilli())/1000, named(MetricStart, "v2", "i2"))
			}
			p.Target(old.target(), fresh.target())
			scope := func(q *engine.Question) { q.Instances = []engine.PlanInstance{{ID: "i1"}, {ID: "i2"}} }
			until(t, "both are seen", func() bool { return counted(t, m, from, scope).Coverage == 1 })
			fresh.set(55, requests("v2", "i2", OutcomeSuccess))
			until(t, "the new requests", func() bool { return counted(t, m, from).Candidate.Requests == tc.want })
			if a := again(t, p, from); a.Candidate.Requests != tc.want {
				t.Errorf("anew: got %+v", a.Candidate)
			}
		})
	}
}

// TestRealNewTarget: what an instance that Prometheus did not know before has counted of each
// tenant, whose series have no label of the instance, is counted as its requests are: from when it
// says that it began. That is of its target.
func TestRealNewTarget(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		began []time.Duration // before now, of the instances of one target
		want  int64
	}{
		{"told", []time.Duration{0}, 55},
		{"not told", nil, 5},
		{"one of two", []time.Duration{0, time.Hour}, 5}, // the series may be as old as the older one is
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			old, fresh := newExposer(t), newExposer(t)
			both(old, "i1", 1000)
			tenants := named(MetricTenantRequests, "v2", "", "tenant", "t1", "outcome", OutcomeSuccess)
			p := real(t, old)
			m, from := settledMeter(t, p)
			time.Sleep(5 * often)
			fresh.set(50, requests("v2", "i2", OutcomeSuccess), tenants)
			for i, ago := range tc.began {
				fresh.set(float64(time.Now().Add(-ago).UnixMilli())/1000, named(MetricStart, "v2", fmt.Sprintf("i%d", i+2)))
			}
			p.Target(old.target(), fresh.target())
			scope := func(q *engine.Question) { q.Instances = []engine.PlanInstance{{ID: "i1"}, {ID: "i2"}} }
			until(t, "both are seen", func() bool { return counted(t, m, from, scope).Coverage == 1 })
			fresh.set(55, requests("v2", "i2", OutcomeSuccess), tenants)
			byTenant := func(q *engine.Question) { q.Candidate |= engine.WantByTenant }
			until(t, "the new requests", func() bool {
				a := counted(t, m, from, byTenant).Candidate
				return len(a.PerTenant) == 1 && a.PerTenant[0].Requests == tc.want
			})
			if a := again(t, p, from, byTenant).Candidate; len(a.PerTenant) != 1 || a.PerTenant[0].Requests != tc.want {
				t.Errorf("anew: got %+v", a.PerTenant)
			}
		})
	}
}

// TestRealOneEvent: one event, and the window ends between scrapes: 1, where increase says
// 1.1.
func TestRealOneEvent(t *testing.T) {
	t.Parallel()
	e := newExposer(t)
	both(e, "i1", 7)
	p := real(t, e)
	m, from := settledMeter(t, p)
	e.set(1, requests("v2", "i1", OutcomeError))
	until(t, "one event", func() bool { return counted(t, m, from).Candidate.Errors == 1 })
	for i := range 10 {
		if a := counted(t, m, from); a.Candidate.Errors != 1 || a.Candidate.Requests != 1 || a.Baseline.Requests != 0 {
			t.Errorf("look %d: got %+v", i, a.Candidate)
		}
		time.Sleep(30 * time.Millisecond)
	}
	if a := again(t, p, from); a.Candidate.Errors != 1 || a.Candidate.Requests != 1 {
		t.Errorf("anew: got %+v", a.Candidate)
	}
}

// TestRealReset: a counter goes from 100 to 105, begins anew and is at 2: 7.
func TestRealReset(t *testing.T) {
	t.Parallel()
	e := newExposer(t)
	both(e, "i1", 100)
	p := real(t, e)
	m, from := settledMeter(t, p)
	e.set(105, requests("v2", "i1", OutcomeSuccess))
	until(t, "five", func() bool { return counted(t, m, from).Candidate.Requests == 5 })
	e.set(2, requests("v2", "i1", OutcomeSuccess))
	until(t, "seven", func() bool { return counted(t, m, from).Candidate.Requests == 7 })
	if a := again(t, p, from); a.Candidate.Requests != 7 {
		t.Errorf("anew: got %+v", a.Candidate)
	}
}

// TestRealRestartOfOne: one of two targets restarts without any request: none, where the
// increase of the sum says 50.
func TestRealRestartOfOne(t *testing.T) {
	t.Parallel()
	one, other := newExposer(t), newExposer(t)
	both(one, "i1", 100)
	both(other, "i2", 50)
	p := real(t, one, other)
	m, from := settledMeter(t, p)
	one.clear()
	both(one, "i1", 0)
	at := time.Now()
	seenAfter(t, m, from, at.Add(3*often))
	for name, a := range map[string]engine.Answer{"following": counted(t, m, from), "anew": again(t, p, from)} {
		if a.Candidate.Requests != 0 || a.Baseline.Requests != 0 {
			t.Errorf("%s: got %+v", name, a)
		}
	}
}

// TestRealWindowOfOneScrape: the window is no longer than the time between two scrapes:
// what came in it is counted, where increase has nothing.
func TestRealWindowOfOneScrape(t *testing.T) {
	t.Parallel()
	e := newExposer(t)
	both(e, "i1", 0)
	p := promtest.StartWith(t, promtest.Options{Targets: []string{e.target()}, Scrape: 2 * time.Second})
	m := meter(t, p.Address, func(s *Settings) { s.ScrapeInterval = 2 * time.Second })
	begin := time.Now()
	var newest time.Time
	until(t, "two samples", func() bool {
		a, err := ask(t, m, begin)
		newest = a.Candidate.Newest
		return err == nil && newest.After(begin.Add(2*time.Second))
	})
	e.set(10, requests("v2", "i1", OutcomeSuccess))
	q := engine.Question{Version: "v2", From: newest.Add(time.Second), To: newest.Add(3 * time.Second), Candidate: engine.WantCounts}
	time.Sleep(time.Until(q.To.Add(200 * time.Millisecond)))
	a, err := m.Measure(t.Context(), q)
	if err != nil || a.Candidate.Requests != 10 {
		t.Errorf("got %+v, %v", a.Candidate, err)
	}
}

// TestRealSlowerThanAllBuckets: all latencies are above the last finite bucket of 1 s: all
// are slower, where the 99th percentile is said to be 1 s exactly.
func TestRealSlowerThanAllBuckets(t *testing.T) {
	t.Parallel()
	e := newExposer(t)
	buckets := func(n float64) {
		both(e, "i1", n)
		for _, v := range []string{"v1", "v2"} {
			for _, le := range []string{"0.5", "1"} {
				e.set(0, named(MetricDuration+"_bucket", v, "i1", "le", le))
			}
			e.set(n, named(MetricDuration+"_bucket", v, "i1", "le", "+Inf"), named(MetricDuration+"_count", v, "i1"))
			e.set(3*n, named(MetricDuration+"_sum", v, "i1"))
		}
	}
	buckets(0)
	p := real(t, e)
	want := func(q *engine.Question) {
		q.Candidate, q.Bounds = engine.WantCounts|engine.WantSlower|engine.WantHistogram|engine.WantMeans, []float64{500, 1000}
	}
	m, from := settledMeter(t, p)
	counted(t, m, from, want) // follows from here on
	buckets(200)
	until(t, "200 requests", func() bool { return counted(t, m, from, want).Candidate.Requests == 200 })
	for name, a := range map[string]engine.Answer{"following": counted(t, m, from, want), "anew": again(t, p, from, want)} {
		c := a.Candidate
		if len(c.Slower) != 2 || c.Slower[0] != 200 || c.Slower[1] != 200 || c.Latency.Sum != 600_000 || c.Latency.Count != 200 {
			t.Errorf("%s: got %+v", name, c)
		}
		if h := c.Histogram; len(h.Bounds) != 2 || h.Bounds[1] != 1000 || h.Slower[1] != 200 {
			t.Errorf("%s: got %+v", name, h)
		}
	}
}

// TestRealGone: targets go, with a mark that says so and, where the Prometheus dies with
// them, without one: the newest sample is as old as it is, where a query would have the last
// value for five minutes; and the instance is not covered any more.
func TestRealGone(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		marked bool
	}{{"marked", true}, {"unmarked", false}} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			gone, there := newExposer(t), newExposer(t)
			both(gone, "i1", 100)
			both(there, "i2", 100)
			p := real(t, gone, there)
			scope := func(q *engine.Question) {
				q.Instances = []engine.PlanInstance{{ID: "i1"}, {ID: "i2"}, {ID: "i3"}, {ID: "i4"}}
			}
			m, from := settledMeter(t, p)
			until(t, "two of four instances report", func() bool { return counted(t, m, from, scope).Coverage == 0.5 })
			if !tc.marked {
				p.Kill()
			}
			gone.turn(true)
			if !tc.marked {
				p.Restart()
			}
			since := time.Now()
			until(t, "one of four instances reports, and goes on", func() bool {
				a := counted(t, m, from, scope)
				return a.Coverage == 0.25 && a.Candidate.Newest.After(since)
			})
			there.turn(true)
			at := time.Now()
			until(t, "all are gone", func() bool { return counted(t, m, from, scope).Coverage == 0 })
			if a := counted(t, m, from); a.Candidate.Newest.After(at.Add(often)) || a.Candidate.Newest.Before(from) {
				t.Errorf("gone at %s, and the newest sample is of %s", at, a.Candidate.Newest)
			}
			if a := again(t, p, from, scope); a.Coverage != 0 || a.Candidate.Newest.After(at.Add(often)) {
				t.Errorf("anew: got %+v", a)
			}
		})
	}
}

// TestRealRestart: the Prometheus is away for a while; what was counted before and after is
// counted once.
func TestRealRestart(t *testing.T) {
	t.Parallel()
	e := newExposer(t)
	both(e, "i1", 100)
	p := real(t, e)
	m, from := settledMeter(t, p)
	e.set(110, requests("v2", "i1", OutcomeSuccess))
	until(t, "ten", func() bool { return counted(t, m, from).Candidate.Requests == 10 })
	p.Stop()
	if a, err := ask(t, m, from); err == nil || a.Candidate.Requests != 0 {
		t.Errorf("while it is away: %+v, %v", a, err)
	}
	e.set(130, requests("v2", "i1", OutcomeSuccess))
	p.Restart()
	until(t, "thirty", func() bool { return counted(t, m, from).Candidate.Requests == 30 })
	if a := again(t, p, from); a.Candidate.Requests != 30 {
		t.Errorf("anew: got %+v", a.Candidate)
	}
}
