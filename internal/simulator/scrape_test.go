package simulator

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// scraped is a fleet whose counters are read every minute.
func scraped(t *testing.T, change func(*Metrics)) *World {
	t.Helper()
	cfg := installed(DefaultConfig())
	cfg.Metrics.Resolution = engine.Duration(time.Minute)
	if change != nil {
		change(&cfg.Metrics)
	}
	w, err := NewWorld(cfg, engine.Production, stripe)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func askOf(t *testing.T, w *World, from, to time.Duration, want engine.Want, bounds ...float64) engine.Answer {
	t.Helper()
	a, err := w.Measure(t.Context(), engine.Question{
		Rollout: "r", Version: "1.6.0", From: epoch.Add(from), To: epoch.Add(to), Baseline: want, Bounds: bounds, Slot: "blue",
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestScrapesLag holds that what happened is told from the next scrape on, as late as
// samples come, and the same however often it is asked.
func TestScrapesLag(t *testing.T) {
	w := scraped(t, func(m *Metrics) { m.Delay = engine.Duration(15 * time.Second) })
	luck := chance.StreamOf(w.seed, chance.ForScrapes)
	phase := time.Duration(luck.Below(uint64(time.Minute)))
	w.RunUntil(epoch.Add(phase + 10*time.Minute + 14*time.Second))
	now := w.Now().Sub(epoch)
	m := askOf(t, w, 0, now, engine.WantCounts).Baseline
	if want := epoch.Add(phase + 9*time.Minute); !m.Newest.Equal(want) {
		t.Errorf("a second before the sample arrives, the newest is of %s, want %s", m.Newest, want)
	}
	w.RunUntil(w.Now().Add(time.Second))
	later := askOf(t, w, 0, now+time.Second, engine.WantCounts).Baseline
	if want := epoch.Add(phase + 10*time.Minute); !later.Newest.Equal(want) || later.Requests <= m.Requests {
		t.Errorf("when it has arrived, the newest is of %s, want %s; %d requests, and before %d", later.Newest, want, later.Requests, m.Requests)
	}
	truly, _ := w.Served("1.5.0", epoch.Add(phase), epoch.Add(phase+10*time.Minute))
	if d := truly - later.Requests; d < -1600 || d > 1600 { // a window of ten seconds at either end
		t.Errorf("%d requests are told, and %d there were between the first sample and the last", later.Requests, truly)
	}
	if again := askOf(t, w, 0, now+time.Second, engine.WantCounts).Baseline; again.Requests != later.Requests {
		t.Errorf("asked twice: %d and %d requests", later.Requests, again.Requests)
	}
	half := phase + 5*time.Minute // where there is a scrape, nothing is between the halves
	first, second := askOf(t, w, 0, half, engine.WantCounts).Baseline, askOf(t, w, half, now+time.Second, engine.WantCounts).Baseline
	if first.Requests+second.Requests != later.Requests {
		t.Errorf("%d and %d requests in the halves, %d in the whole", first.Requests, second.Requests, later.Requests)
	}
	if short := askOf(t, w, phase+time.Second, phase+50*time.Second, engine.WantCounts).Baseline; short.Requests != 0 || !short.Newest.IsZero() {
		t.Errorf("between two scrapes there are %d requests, the newest of %s", short.Requests, short.Newest)
	}
}

// TestCountersBeginAnew holds that a reset loses about half of what is between two
// scrapes, and never more than there was.
func TestCountersBeginAnew(t *testing.T) {
	whole, reset := scraped(t, nil), scraped(t, func(m *Metrics) { m.Resets = 6 })
	for _, w := range []*World{whole, reset} {
		w.RunUntil(epoch.Add(4 * time.Hour))
	}
	a, b := askOf(t, whole, 0, 4*time.Hour, engine.WantCounts).Baseline, askOf(t, reset, 0, 4*time.Hour, engine.WantCounts|engine.WantByTenant).Baseline
	lost := 1 - float64(b.Requests)/float64(a.Requests) // of 60 s, half of one in ten
	if lost < 0.03 || lost > 0.07 {
		t.Errorf("with six resets an hour %.3f of the requests are lost, want 0.05", lost)
	}
	if before, after := float64(a.Errors)/float64(a.Requests), float64(b.Errors)/float64(b.Requests); after < 0.9*before || after > 1.1*before {
		t.Errorf("the rate of errors is %g, and %g with resets", before, after)
	}
	var sum int64
	for _, one := range b.PerTenant {
		sum += one.Requests
	}
	if sum != b.Requests {
		t.Errorf("the tenants have %d requests, all together %d", sum, b.Requests)
	}
	if requests, failed := reset.Served("1.5.0", epoch, epoch.Add(4*time.Hour)); requests <= b.Requests || failed <= b.Errors {
		t.Errorf("%d requests happened, %d failed: no more than was told, %d and %d", requests, failed, b.Requests, b.Errors)
	}
	if again := askOf(t, reset, 0, 4*time.Hour, engine.WantCounts).Baseline; again.Requests != b.Requests {
		t.Errorf("asked twice: %d and %d requests", b.Requests, again.Requests)
	}
}

// TestCoverage holds that instances without samples are missing, and that it is said.
func TestCoverage(t *testing.T) {
	for _, c := range []struct{ coverage, want float64 }{{0.9, 0.9}, {0.5, 0.5}, {1, 1}, {0, leastTold}} {
		w := scraped(t, func(m *Metrics) { m.Coverage, m.Delay = c.coverage, engine.Duration(time.Second) })
		w.RunUntil(epoch.Add(time.Hour))
		a := askOf(t, w, 0, time.Hour, engine.WantCounts|engine.WantByTenant)
		if a.Coverage != c.want {
			t.Errorf("where %g of the instances report, the coverage is %g", c.coverage, a.Coverage)
		}
		truly, _ := w.Served("1.5.0", epoch, epoch.Add(time.Hour))
		if told := float64(a.Baseline.Requests) / float64(truly); told < c.coverage-0.15 || told > c.coverage+0.15 {
			t.Errorf("where %g of the instances report, %.2f of the requests are told", c.coverage, told)
		}
	}
	if a := askOf(t, poor(t), 0, 0, engine.WantCounts); a.Coverage != 0 {
		t.Errorf("a fleet without settings of metrics has a coverage of %g", a.Coverage)
	}
}

// TestBounds holds that requests are counted against the meter's own bounds alone.
func TestBounds(t *testing.T) {
	own := []float64{5, 50, 100, 500, 2500}
	w := scraped(t, func(m *Metrics) { m.Bounds = own })
	w.RunUntil(epoch.Add(time.Hour))
	want := engine.WantCounts | engine.WantSlower | engine.WantHistogram
	m := askOf(t, w, 0, time.Hour, want, 100, 500).Baseline
	if !slices.Equal(m.Histogram.Bounds, own) || len(m.Slower) != 2 || m.Slower[0] != m.Histogram.Slower[2] || m.Slower[1] != m.Histogram.Slower[3] || m.Slower[1] == 0 {
		t.Errorf("against %v: %v, and %v of %v", []int{100, 500}, m.Slower, m.Histogram.Slower, m.Histogram.Bounds)
	}
	if m := askOf(t, w, 0, time.Hour, want, 100, 300).Baseline; m.Slower != nil {
		t.Errorf("against 300 ms, which nobody counts: %v", m.Slower)
	}
	if c := w.capabilities(); !slices.Equal(c.LatencyBounds, own) || c.Resolution != time.Minute {
		t.Errorf("it tells %+v", c)
	}
}

// TestScrapedWorldsAreSaved holds that a world goes on after it was saved as it would
// have, and that one without metrics of its own says nothing of them.
func TestScrapedWorldsAreSaved(t *testing.T) {
	w := scraped(t, func(m *Metrics) { m.Coverage, m.Resets, m.Missing, m.ByTenant = 0.8, 3, 0.2, false })
	w.RunUntil(epoch.Add(20 * time.Minute))
	data, err := w.Save()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, world := range []*World{w, again} {
		world.RunUntil(epoch.Add(time.Hour))
	}
	one, two := askOf(t, w, 0, time.Hour, engine.WantCounts), askOf(t, again, 0, time.Hour, engine.WantCounts)
	if one.Baseline.Requests != two.Baseline.Requests || one.Coverage != two.Coverage || !again.lacks(engine.CanByTenant) {
		t.Errorf("loaded: %+v, and was %+v", two, one)
	}
	if data, err := poor(t).Save(); err != nil || slices.Contains([]bool{contains(data, `"metrics"`), contains(data, `"untold"`), contains(data, `"can"`)}, true) {
		t.Errorf("a fleet that lacks nothing is saved with what it has, %v", err)
	}
}

func contains(data []byte, what string) bool { return bytes.Contains(data, []byte(what)) }
