package conformance

import (
	"net/http"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

var trafficked = []engine.Capability{engine.CanTraffic}

func trafficClauses() []Clause {
	after := []string{"traffic.counts"}
	return []Clause{
		{ID: "traffic.none", Says: "A fleet without the capability `traffic` answers 501 `not-supported` to measurements.", Lacks: engine.CanTraffic, try: (*trial).noTraffic},
		{ID: "traffic.counts", Says: "There is some traffic in the sandbox, and no more errors and timeouts than requests.", Needs: trafficked, try: (*trial).someTraffic},
		{ID: "traffic.twice", Says: "The same time counted twice gives the same counts.", Needs: trafficked, After: after, try: (*trial).twice},
		{ID: "traffic.halves", Says: "Two halves give the whole, but for what lies between two samples.", Needs: trafficked, After: after, try: (*trial).halves},
		{ID: "traffic.arms", Says: "The candidate arm is what `version` served, the baseline arm everything else: both are all that there was, whatever `version` is.", Needs: trafficked, After: after, try: (*trial).arms},
		{ID: "traffic.nobody", Says: "A version that nobody runs served nothing, and neither did `\"\"`.", Needs: trafficked, After: after, try: (*trial).nobody},
		{ID: "traffic.empty", Says: "In no time, and in a time that is yet to come, there were no requests, and there is no `newest`.", Needs: trafficked, After: after, try: (*trial).noTime},
		{ID: "traffic.backwards", Says: "A time whose `to` is before its `from` is answered with 400 `invalid-request`.", Needs: trafficked, try: (*trial).backwards},
		{ID: "traffic.newest", Says: "`newest` is the time of a sample within the time that was asked for.", Needs: trafficked, After: after, try: (*trial).newest},
		{ID: "traffic.minutes", Says: "`minutes` are those of the clock, of the time that was asked for, in order, each once; they have no more requests than the whole.", Needs: trafficked, After: after, try: (*trial).minutes},
		{ID: "traffic.left_out", Says: "What cannot be counted is left out, and `timeouts` is 0.", Needs: trafficked, After: after, try: (*trial).leftOut},
		{ID: "traffic.coverage", Says: "`coverage` is 0 to 1, and of instances that are all well at least 0.9, or left out.", Needs: trafficked, After: []string{"targets.kept", "traffic.counts"}, try: (*trial).coverage},
		{ID: "traffic.unknown_wants", Says: "What is wanted and not known is left out.", Needs: trafficked, After: after, try: (*trial).unknownWants},
		{ID: "changes.pin_served", Says: "Tenants that are pinned to a version are served by it.", Needs: append([]engine.Capability{engine.CanTraffic}, pinned...), After: []string{"targets.kept", "orders.taken", "changes.pin", "traffic.counts"}, try: (*trial).pinServed},
	}
}

func (t *trial) noTraffic() {
	now := t.describe().At
	t.refused(question(contract.Question{Version: t.box.new, From: now.Add(-time.Minute), To: now, Baseline: counts}), contract.NotSupported)
}

func (t *trial) someTraffic() {
	m := t.measure(t.ofAll(counts)).Baseline
	if m.Requests == 0 { // it may just have begun
		from := t.describe().At
		m = t.measure(contract.Question{Version: t.box.new, From: from.UTC(), To: t.later(from), Baseline: counts}).Baseline
	}
	t.must(m.Requests > 0, "nothing was served")
	t.must(m.Errors+m.Timeouts <= m.Requests, "there are %d errors and %d timeouts of %d requests", m.Errors, m.Timeouts, m.Requests)
}

func (t *trial) twice() {
	q := t.ofAll(counts)
	one := t.measure(q).Baseline
	another := t.measure(q).Baseline
	t.must(one.Requests == another.Requests && one.Errors == another.Errors, "%d requests with %d errors, and then %d with %d", one.Requests, one.Errors, another.Requests, another.Errors)
}

func (t *trial) halves() {
	q := t.ofAll(counts)
	whole := t.measure(q).Baseline.Requests
	middle := q.From.Add(q.To.Sub(q.From) / 2)
	left, right := q, q
	left.To, right.From = middle, middle
	first, second := t.measure(left).Baseline.Requests, t.measure(right).Baseline.Requests
	resolution, _ := t.pace()
	between := int64(2*float64(whole)*float64(resolution)/float64(longTime)) + 2
	t.must(first+second >= whole-between && first+second <= whole+between, "%d and %d requests in the halves, and %d in the whole", first, second, whole)
}

func (t *trial) arms() {
	q := t.ofAll(counts)
	one := t.measure(q)
	q.Version = t.box.old
	other := t.measure(q)
	sum := func(m *measured) int64 { return m.Candidate.Requests + m.Baseline.Requests }
	t.must(sum(&one) == sum(&other), "with %s as the version there are %d requests in both arms, and with %s %d", t.box.new, sum(&one), t.box.old, sum(&other))
	t.must(other.Candidate.Requests > 0, "%s, which runs there, served nothing", t.box.old)
}

func (t *trial) nobody() {
	for _, version := range []string{"conformance-no-such-version", ""} {
		q := t.ofAll(counts)
		q.Version = version
		m := t.measure(q)
		t.must(m.Candidate.Requests == 0, "%q served %d requests", version, m.Candidate.Requests)
		t.must(m.Baseline.Requests > 0, "everything else than %q served nothing", version)
	}
}

func (t *trial) noTime() {
	q := t.ofAll(counts)
	now := t.describe().At.UTC()
	for _, span := range [][2]time.Time{{q.To, q.To}, {now.Add(time.Hour), now.Add(2 * time.Hour)}} {
		q.From, q.To = span[0], span[1]
		m := t.measure(q).Baseline
		t.must(m.Requests == 0 && m.Newest.IsZero(), "from %s to %s there are %d requests, the newest at %s; it is %s", q.From, q.To, m.Requests, m.Newest, now)
	}
}

func (t *trial) backwards() {
	now := t.describe().At.UTC()
	t.refused(question(contract.Question{Version: t.box.new, From: now, To: now.Add(-time.Minute), Baseline: counts}), contract.InvalidRequest)
}

func (t *trial) newest() {
	q := t.ofAll(counts)
	m := t.measure(q).Baseline
	t.must(!m.Newest.Before(q.From) && !m.Newest.After(q.To), "the newest sample is at %s, and it was asked from %s to %s", m.Newest, q.From, q.To)
}

func (t *trial) minutes() {
	q := t.ofAll([]string{"counts", "minutes"})
	m := t.measure(q).Baseline
	var requests, errors int64
	var last time.Time
	for _, c := range m.Minutes {
		t.must(c.Start.Equal(c.Start.Truncate(time.Minute)), "a minute begins at %s", c.Start)
		t.must(c.Start.After(q.From.Add(-time.Minute)) && c.Start.Before(q.To), "a minute begins at %s, and it was asked from %s to %s", c.Start, q.From, q.To)
		t.must(c.Start.After(last), "the minute of %s comes after that of %s", c.Start, last)
		t.must(c.Requests > 0 && c.Errors <= c.Requests, "the minute of %s has %d requests and %d errors", c.Start, c.Requests, c.Errors)
		requests, errors, last = requests+c.Requests, errors+c.Errors, c.Start
	}
	t.must(requests <= m.Requests && errors <= m.Errors, "the minutes have %d requests and %d errors, and all together there are %d and %d", requests, errors, m.Requests, m.Errors)
}

// fieldsOf are what of a measurement a capability is needed for.
var fieldsOf = map[engine.Capability][]string{
	engine.CanLatency: {"slower", "histogram", "latency"}, engine.CanConversions: {"conversions"}, engine.CanSatisfaction: {"satisfaction"},
	engine.CanExecutionTime: {"execution"}, engine.CanCPU: {"cpu"}, engine.CanMemory: {"memory"}, engine.CanTenantsSeen: {"tenants"},
	engine.CanByTenant: {"worst", "perTenant"},
}

func (t *trial) leftOut() {
	m := t.measure(t.ofAll(append(everything, "by_tenant")))
	lacks := 0
	for what, fields := range fieldsOf {
		if t.can(what) {
			continue
		}
		lacks++
		for _, field := range fields {
			_, there := m.raw.Baseline[field]
			t.must(!there, "the answer has %s, and the fleet has not the capability %s", field, what)
		}
	}
	if !t.can(engine.CanTimeouts) {
		lacks++
		t.must(m.Baseline.Timeouts == 0, "the answer has %d timeouts, and the fleet has not the capability %s", m.Baseline.Timeouts, engine.CanTimeouts)
	}
	if lacks == 0 {
		t.leaveOut("the fleet counts all that can be asked for")
	}
}

func (t *trial) coverage() {
	q := t.ofAll(counts)
	q.Targets, q.Instances, q.Slot = t.listed(), t.box.all(), t.box.slot
	got := t.measure(q).Coverage
	t.must(got == 0 || got >= 0.9 && got <= 1, "of instances that are all well it is %g", got)
}

func (t *trial) unknownWants() {
	q := t.ofAll([]string{"counts", "conformance"})
	var m contract.Answer
	t.read(question(q), http.StatusOK, &m)
	t.must(m.Baseline.Requests > 0, "nothing was counted of what is known, beside %s", strings.Join(q.Baseline, ", "))
}
