package enginetest

import (
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

func (f *fleetSuite) measures(t *testing.T) {
	f.condition(t, engine.Watch{}) // what is before it hears of a rollout need not be known by tenant
	f.Pass(5*time.Minute + 4*f.Resolution + f.Delay)
	now := f.Now()
	if !f.Can(engine.CanTraffic) {
		if m := f.measure(t, engine.Question{From: now.Add(-4 * time.Minute), To: now, Baseline: engine.WantCounts}).Baseline; m.Requests != 0 || !m.Newest.IsZero() {
			t.Errorf("who counts nothing tells %d requests, the newest at %s", m.Requests, m.Newest)
		}
		return
	}
	now = now.Add(-f.Delay) // what is newer is on its way
	bounds := []float64{1, 100, 60_000}
	if own := f.LatencyBounds; own != nil { // nothing is counted against others
		bounds = []float64{own[0], own[len(own)/2], own[len(own)-1]}
	}
	question := func(from, to time.Duration) engine.Question {
		return engine.Question{From: now.Add(from), To: now.Add(to), Bounds: bounds, Baseline: engine.WantCounts | engine.WantSlower | engine.WantHistogram | engine.WantMinutes}
	}
	baseline := func(from, to time.Duration) engine.Measurement { return f.measure(t, question(from, to)).Baseline }
	length := 4*time.Minute + 4*f.Resolution
	whole := baseline(-length, 0)
	if whole.Requests == 0 || whole.Newest.IsZero() || whole.Newest.After(now) {
		t.Fatalf("four minutes of traffic: %+v", whole)
	}
	falls := func(counts []int64) bool {
		return slices.IsSortedFunc(counts, func(a, b int64) int { return int(b - a) })
	}
	if whole.Errors+whole.Timeouts > whole.Requests {
		t.Errorf("counts that cannot be: %+v", whole)
	}
	if f.Can(engine.CanLatency) && (len(whole.Slower) != 3 || !falls(whole.Slower) || whole.Slower[0] > whole.Requests) {
		t.Errorf("counts that cannot be: %v of %d", whole.Slower, whole.Requests)
	}
	if h := whole.Histogram; (len(h.Bounds) > 0) != f.Can(engine.CanLatency) || len(h.Slower) != len(h.Bounds) || !slices.IsSorted(h.Bounds) || !falls(h.Slower) {
		t.Errorf("a histogram that cannot be: %v of %v", h.Slower, h.Bounds)
	}
	if again := baseline(-length, 0); again.Requests != whole.Requests || again.Errors != whole.Errors ||
		!slices.Equal(again.Slower, whole.Slower) || !slices.Equal(again.Histogram.Slower, whole.Histogram.Slower) {
		t.Errorf("the same time measured twice: %d and %d requests", whole.Requests, again.Requests)
	}
	first, second := baseline(-length, -length/2), baseline(-length/2, 0)
	// A fleet may round, and between two samples nobody knows when it was.
	between := int64(2 * float64(whole.Requests) * float64(f.Resolution) / float64(length))
	if d := first.Requests + second.Requests - whole.Requests; d < -2-between || d > 2 {
		t.Errorf("%d and %d requests in the halves, %d in the whole", first.Requests, second.Requests, whole.Requests)
	}
	f.measuresParts(t, now, &whole, question(-length, 0))
}

// measuresParts counts a time by minutes, by arms and by tenants.
func (f *fleetSuite) measuresParts(t *testing.T, now time.Time, whole *engine.Measurement, q engine.Question) {
	var byMinute int64
	for _, c := range whole.Minutes {
		byMinute += c.Requests
	}
	if d := whole.Requests - byMinute; d < -4 || d > whole.Requests/2 { // the minutes are whole ones
		t.Errorf("the minutes have %d requests, all together %d", byMinute, whole.Requests)
	}
	none := f.measure(t, engine.Question{From: q.From, To: now, Candidate: engine.WantCounts})
	if none.Candidate.Requests != 0 || none.Baseline.Requests != 0 {
		t.Errorf("a version that nobody runs has %d requests, and the arm that nobody asked about %d", none.Candidate.Requests, none.Baseline.Requests)
	}
	q.Baseline = engine.WantCounts | engine.WantByTenant
	if !f.Can(engine.CanByTenant) {
		if m := f.measure(t, q).Baseline; m.PerTenant != nil || m.Worst != nil {
			t.Errorf("who does not count by tenant tells of %d tenants", len(m.PerTenant))
		}
		return
	}
	var sum int64
	for _, tenant := range f.measure(t, q).Baseline.PerTenant {
		sum += tenant.Requests
	}
	if d := whole.Requests - sum; d < 0 || d > whole.Requests/50 { // rounding by tenant loses some
		t.Errorf("the tenants have %d requests, all together %d", sum, whole.Requests)
	}
}

func (f *fleetSuite) targets() engine.Targets {
	return engine.Targets{Instances: f.plan.Instances, Tenants: f.plan.Tenants}
}

func (f *fleetSuite) all() engine.Range { return engine.Range{To: len(f.plan.Instances)} }
