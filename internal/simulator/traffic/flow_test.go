package traffic

import (
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// epoch is when the clocks of these tests start.
var epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// still is a fleet that serves everybody alike, and does nothing else.
type still struct {
	now  int64
	does Service
	gaps []Gap
}

// The versions of a still fleet, by their numbers.
const (
	older uint16 = 1 + iota
	newer
)

func (s *still) Time() int64                   { return s.now }
func (s *still) Name(version uint16) string    { return []string{"", "1.5.0", "1.6.0"}[version] }
func (s *still) ConversionRate(uint16) float64 { return s.does.ConversionRate }
func (s *still) Gaps() []Gap                   { return s.gaps }

// usual is what a version does of which nothing is said, and a day of tenants.
func usual() (Config, Service) {
	return Config{Seed: seeded(1), Epoch: epoch, Tenants: 150, TenantSpread: 0.5, Instances: 10},
		Service{
			ErrorRate: 0.01, LatencyP50Ms: 40, LatencyP99Ms: 200, ConversionRate: 0.03,
			Satisfaction: 4.2, SurveyRate: 0.05, ExecutionTimeMs: 15, CPU: 0.35, Memory: 0.5,
		}
}

// seeded is one of many seeds.
func seeded(n int64) uint64 { return chance.Mix(uint64(n)) }

// flowOf is the traffic, of so many requests per second, of tenants whom the older version
// serves, up to a time.
func flowOf(cfg Config, does Service, perSecond float64, now time.Duration) *Flow {
	s := &still{does: does}
	f := New(s, cfg, &Routing{}, Class{Lost: true}, Class{Absent: true}, Class{Version: older, Does: does}, Class{Version: newer, Does: does})
	m := make(Packed, cfg.Everybody())
	for t := range m {
		m[t] = 2
	}
	f.Route(perSecond, m)
	s.now = int64(now)
	return f
}

// serveSome lets the newer version serve some tenants from a time on.
func serveSome(f *Flow, at time.Duration, some func(t int) bool) {
	s := f.fleet.(*still)
	now := s.now
	s.now = int64(at)
	last := f.routing.Segments[len(f.routing.Segments)-1]
	m := append(Packed(nil), last.Map...)
	for t := range m {
		if some(t) {
			m[t] = 3
		}
	}
	f.Route(last.Rate, m)
	s.now = now
}

// Arms, as a rollout of the newer version has them.
var (
	oldArm = Arm{Version: newer, Baseline: true}
	newArm = Arm{Version: newer}
)

const (
	byTenant = engine.WantCounts | engine.WantSlower | engine.WantMeans | engine.WantByTenant
	onGrid   = engine.WantCounts | engine.WantSlower | engine.WantHistogram
)

// ask measures what is wanted of an arm between two times of the clock.
func ask(f *Flow, of Arm, from, to time.Duration, want engine.Want, bounds ...float64) (m engine.Measurement) {
	q := engine.Question{Version: "1.6.0", Bounds: bounds}
	if len(bounds) > 0 {
		q.TenantBound = bounds[0]
	}
	f.Measure(&m, &q, want, of, f.Span(int64(from), int64(to)))
	return m
}

// The first routing is that of the day before as well, and what stays as it was is no
// change.
func TestRoutingIsWrittenWhereItChanges(t *testing.T) {
	cfg, does := usual()
	f := flowOf(cfg, does, 10, 5*time.Minute)
	if s := f.routing.Segments; len(s) != 2 || s[0].Start != -History || s[1].Start != 0 {
		t.Fatalf("at first there are %d segments: %+v", len(s), s)
	}
	serveSome(f, time.Minute, func(int) bool { return false })
	if n := len(f.routing.Segments); n != 2 {
		t.Errorf("when nothing changed there were %d segments", n)
	}
	serveSome(f, 2*time.Minute, func(t int) bool { return t < 50 })
	serveSome(f, 2*time.Minute, func(t int) bool { return t < 100 })
	if s := f.routing.Segments; len(s) != 3 || s[2].Start != int64(2*time.Minute) || s[2].Map[99] != 3 {
		t.Errorf("after two changes at a time there are %d segments", len(s))
	}
	if old, young := ask(f, oldArm, 0, 2*time.Minute, engine.WantCounts), ask(f, newArm, 0, 2*time.Minute, engine.WantCounts); old.Requests < 1000 || young.Requests > 0 {
		t.Errorf("before, there were %d and %d requests", old.Requests, young.Requests)
	}
	if young := ask(f, newArm, 2*time.Minute, 5*time.Minute, byTenant); young.Tenants != 100 || len(young.PerTenant) != 100 {
		t.Errorf("%d tenants were served", young.Tenants)
	}
}

// Who forgets what was drawn, or makes the flow again of its routing, draws the same.
func TestFlowsAreMadeAgain(t *testing.T) {
	cfg, does := usual()
	cfg.TenantErrorSpread, cfg.MinuteNoise = 0.8, 0.25
	f := flowOf(cfg, does, 100, time.Hour)
	serveSome(f, 1234*time.Second, func(t int) bool { return t%2 == 0 })
	told := func(f *Flow) [2]engine.Measurement {
		return [2]engine.Measurement{ask(f, oldArm, 0, time.Hour, byTenant, 100), ask(f, newArm, 0, time.Hour, byTenant, 100)}
	}
	first := told(f)
	f.Forget()
	again := New(f.fleet, cfg, f.routing, f.classes...)
	for name, other := range map[string][2]engine.Measurement{"forgotten": told(f), "made again": told(again)} {
		for i := range first {
			a, b := &first[i], &other[i]
			if a.Requests != b.Requests || a.Errors != b.Errors || a.Slower[0] != b.Slower[0] || len(a.PerTenant) != len(b.PerTenant) || a.PerTenant[7] != b.PerTenant[7] {
				t.Errorf("%s: %+v, and at first %+v", name, b, a)
			}
		}
	}
	if first[0].Requests == 0 || first[1].Requests == 0 {
		t.Errorf("there is nothing to compare: %+v", first)
	}
}
