package observe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// allowance is how long after its time a rollout may be walked on without being unwatched:
// as long as a server takes to find out that another one is gone.
const allowance = time.Minute

// entry is a rollout that is unfinished.
type entry struct {
	head  engine.RolloutHead
	since time.Time // when it came to its phase
	stage time.Time // when its stage began; zero: not known
	// watched is until when somebody said to walk it.
	watched time.Time
}

// unwatchedFor is how long nobody has walked it that should have been; 0: it is walked, or
// waits for a person.
func (e *entry) unwatchedFor(now time.Time) time.Duration {
	if e.head.Outcome != "" || e.head.Wake.IsZero() {
		return 0
	}
	last := e.head.Wake
	if e.watched.After(last) {
		last = e.watched
	}
	if gone := now.Sub(last); gone > allowance {
		return gone
	}
	return 0
}

// Started notes a rollout that begins.
func (m *Metrics) Started(h engine.RolloutHead) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[h.Rollout] = &entry{head: h, since: m.now(), watched: m.now()}
}

// Event notes what happened to a rollout, and where it is with that.
func (m *Metrics) Event(h engine.RolloutHead, p *engine.Plan, e engine.Event) {
	m.mu.Lock()
	k := m.known[h.Rollout]
	if k == nil {
		k = &entry{since: e.At}
		m.known[h.Rollout] = k
	}
	was := k.head
	k.head, k.watched = h, m.now()
	if was.Phase != h.Phase {
		k.since = e.At
	}
	passed := m.passed(k, &was, &e)
	if h.Outcome != "" && h.Outcome != engine.Stuck {
		delete(m.known, h.Rollout)
	}
	m.mu.Unlock()

	strategy := string(p.Spec.Strategy)
	if passed > 0 {
		m.stage.WithLabelValues(strategy).Observe(passed.Seconds())
	}
	if v := e.Verdict; v != nil {
		m.verdicts.WithLabelValues(string(h.Environment), string(v.Result), spoken(v.Guard)).Inc()
	}
	if h.Outcome != "" && was.Outcome == "" {
		m.ended.WithLabelValues(string(h.Environment), strategy, string(h.Outcome)).Inc()
		m.duration.WithLabelValues(strategy, string(h.Outcome)).Observe(e.At.Sub(h.Began).Seconds())
		m.unobserve(h.Environment, h.Plugin)
	}
}

// passed is how long a stage took that is passed with e; 0: none is.
func (m *Metrics) passed(k *entry, was *engine.RolloutHead, e *engine.Event) time.Duration {
	began := k.stage
	switch {
	case e.Kind == engine.Began:
		k.stage = e.At
	case k.head.Phase == engine.PhaseRollingBack, k.head.Outcome != "":
		k.stage = time.Time{}
	case k.head.Stage != was.Stage && was.Stage != "":
		k.stage = time.Time{}
	default:
		return 0
	}
	if began.IsZero() || k.head.Phase == engine.PhaseRollingBack || k.head.Outcome != "" && k.head.Outcome != engine.Succeeded {
		return 0
	}
	return e.At.Sub(began)
}

// Woke notes that a rollout was walked on, so much later than it wanted, and until when
// whoever walks it says to.
func (m *Metrics) Woke(rollout string, lag time.Duration, until time.Time) {
	m.lag.WithLabelValues().Observe(max(0, lag).Seconds())
	m.mu.Lock()
	defer m.mu.Unlock()
	if k := m.known[rollout]; k != nil && until.After(k.watched) {
		k.watched = until
	}
}

// Reason is what a step failed by.
type Reason string

// The reasons.
const (
	ByFleet Reason = "fleet"
	ByMeter Reason = "meter"
	ByStore Reason = "store"
	ByLease Reason = "lease" // somebody else walks it
	ByOther Reason = "other"
)

// Failed notes a step of a rollout that failed.
func (m *Metrics) Failed(by Reason) { m.walkErrors.WithLabelValues(string(by)).Inc() }

// Survey takes which rollouts the store has that are unfinished: those that other servers on
// it walk are among them, and those that are not are forgotten.
func (m *Metrics) Survey(all []store.Rollout) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := make(map[string]*entry, len(all))
	for i := range all {
		r := &all[i]
		k := m.known[r.RolloutHead.Rollout]
		if k == nil || k.head.Phase != r.Phase {
			k = &entry{since: r.Changed}
		}
		if r.Events >= k.head.Events {
			k.head = r.RolloutHead
		}
		if r.Until.After(k.watched) {
			k.watched = r.Until
		}
		found[r.RolloutHead.Rollout] = k
	}
	for id, k := range m.known {
		if found[id] == nil {
			m.unobserve(k.head.Environment, k.head.Plugin)
		}
	}
	m.known = found
}

// spoken is a label's value.
func spoken(is bool) string {
	if is {
		return "true"
	}
	return "false"
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.rollouts, m.unwatched, m.unwatchedSeconds, m.held} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	type place struct {
		environment engine.Environment
		phase       engine.Phase
	}
	count, unwatched := map[place]int{}, map[engine.Environment]int{}
	held, alone := map[engine.Environment]time.Duration{}, map[engine.Environment]time.Duration{}
	m.mu.Lock()
	now := m.now()
	for _, k := range m.known {
		e := k.head.Environment
		count[place{e, k.head.Phase}]++
		held[e], alone[e], unwatched[e] = held[e]+0, alone[e]+0, unwatched[e]+0 // 0 where there is nothing to say
		if k.head.Phase == engine.PhaseHeld {
			held[e] = max(held[e], now.Sub(k.since))
		}
		if gone := k.unwatchedFor(now); gone > 0 {
			unwatched[e]++
			alone[e] = max(alone[e], gone)
		}
	}
	m.mu.Unlock()
	tell := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	for p, n := range count {
		tell(m.rollouts, float64(n), string(p.environment), string(p.phase))
	}
	for e, n := range unwatched {
		tell(m.unwatched, float64(n), string(e))
		tell(m.unwatchedSeconds, alone[e].Seconds(), string(e))
		tell(m.held, held[e].Seconds(), string(e))
	}
}
