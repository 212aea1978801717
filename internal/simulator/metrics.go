package simulator

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// Metrics is what the numbers are like that a fleet's meter tells. Start from
// [DefaultMetrics]: a zero here is a zero, not a default.
type Metrics struct {
	// Resolution is the time between two scrapes of the instances' counters, 1s..1h: what
	// happened is told from the next scrape on; 0: requests are counted as they happen.
	Resolution engine.Duration `json:"resolution,omitzero"`
	Delay      engine.Duration `json:"delay,omitzero"` // how late samples come, 0s..1h
	// Bounds are the latencies in ms against which requests are counted, and no others,
	// rising, at most 64; none: any can be asked for.
	Bounds   []float64 `json:"bounds,omitempty"`
	ByTenant bool      `json:"by_tenant"` // requests are counted tenant by tenant; false is can.by_tenant = false
	Coverage float64   `json:"coverage"`  // share of the instances that report, 0..1
	// Resets is how often an hour the counters of an instance begin anew, 0..60, at random:
	// what it counted since the last scrape is lost.
	Resets float64 `json:"resets,omitempty"`
	// Missing is the share of the scrapes that are lost, 0..0.9, at random: the next one has
	// what they would have had.
	Missing float64 `json:"missing,omitempty"`
}

// DefaultMetrics is a meter that counts all requests as they happen.
func DefaultMetrics() Metrics { return Metrics{ByTenant: true, Coverage: 1} }

// IsZero says whether m is as by default, which is not written down.
func (m Metrics) IsZero() bool {
	return m.Resolution == 0 && m.Delay == 0 && m.Bounds == nil && m.ByTenant && m.Coverage == 1 && m.Resets == 0 && m.Missing == 0
}

// mostBuckets is how many bounds a meter may have.
const mostBuckets = 64

func (m *Metrics) validate(p *problems) {
	const path = "simulated.metrics."
	lasts := func(key string, d engine.Duration, least, most time.Duration, text string) {
		if v := time.Duration(d); v < least || v > most {
			p.add(path+key, v.String(), "is not in "+text)
		}
	}
	if m.Resolution != 0 {
		lasts("resolution", m.Resolution, time.Second, time.Hour, "1s..1h")
	}
	lasts("delay", m.Delay, 0, time.Hour, "0s..1h")
	if m.Bounds != nil && len(m.Bounds) == 0 {
		p.add(path+"bounds", "", "is empty: leave it out for any bounds")
	}
	if len(m.Bounds) > mostBuckets {
		p.add(path+"bounds", "", "has "+strconv.Itoa(len(m.Bounds))+" bounds, and there are at most "+strconv.Itoa(mostBuckets))
	}
	for i, b := range m.Bounds {
		at := path + "bounds[" + strconv.Itoa(i) + "]"
		switch {
		case !(b >= leastLatency && b <= mostLatency):
			p.within(at, b, leastLatency, mostLatency)
		case i > 0 && b <= m.Bounds[i-1]:
			p.add(at, number(b), "is not above the bound before it, "+number(m.Bounds[i-1]))
		}
	}
	p.within(path+"coverage", m.Coverage, 0, 1)
	p.within(path+"resets", m.Resets, 0, 60)
	p.within(path+"missing", m.Missing, 0, 0.9)
}

// idle names what m says and can never matter.
func (m *Metrics) idle(p *problems) {
	if m.Resolution > 0 {
		return
	}
	if m.Resets > 0 {
		p.add("simulated.metrics.resets", "", "does nothing without resolution")
	}
	if m.Missing > 0 {
		p.add("simulated.metrics.missing", "", "does nothing without resolution")
	}
}

// NoZero has, for the settings that are 0 where nothing is said of them, why a 0 that is
// written is refused: it would be taken for what it is not.
func (Metrics) NoZero() map[string]string {
	return map[string]string{"resolution": "is not in 1s..1h: leave it out for requests that are counted as they happen"}
}

func (m *Metrics) resolution() time.Duration { return time.Duration(m.Resolution) }
func (m *Metrics) delay() time.Duration      { return time.Duration(m.Delay) }

// bounded says whether requests can be counted against each of bounds.
func (m *Metrics) bounded(bounds []float64) bool {
	return m.Bounds == nil || !slices.ContainsFunc(bounds, func(b float64) bool { return !slices.Contains(m.Bounds, b) })
}

// reports says whether an instance has its counters read. Those that do are spread evenly
// over all that there ever were, from where the seed says.
func (w *World) reports(in *instance) bool {
	share := w.cfg.Metrics.Coverage
	if share >= 1 {
		return true
	}
	s := chance.StreamOf(w.seed, chance.ForCoverage)
	from := s.Unit()
	upTo := func(serial int32) float64 { return math.Floor(float64(float64(serial)*share) + from) }
	return upTo(in.Serial) > upTo(in.Serial-1)
}

// leastTold is the coverage of instances none of which reports: 0 would say that nobody
// knows, which is no reason to wait.
const leastTold = 1e-6

// coverage is of what share of the instances in scope there are samples; 0: there are
// none in scope, or nobody keeps count. Those that died report no more.
func (w *World) coverage(q *engine.Question) float64 {
	if w.cfg.Metrics.IsZero() {
		return 0
	}
	v := w.viewOf(q.Instances, q.Slot)
	there, told := len(v.room), v.told
	for _, in := range w.restless() {
		if in.Phase == dead && v.has(in) && w.reports(in) {
			told--
		}
	}
	if there == 0 {
		return 0
	}
	return max(leastTold, float64(told)/float64(there))
}
