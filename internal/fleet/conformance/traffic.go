package conformance

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// What is wanted of an arm.
var (
	counts     = []string{"counts"}
	everything = []string{"counts", "slower", "minutes", "histogram", "means", "tenants"}
	byTenant   = []string{"counts", "by_tenant"}
)

// measured is an answer to a question, and what of it was there.
type measured struct {
	contract.Answer
	raw struct{ Candidate, Baseline map[string]json.RawMessage }
}

func question(q contract.Question) ask { return post(q, "measurements") }

// measure asks a question, and reads all pages of the answer.
func (t *trial) measure(q contract.Question) (m measured) {
	got := t.read(question(q), http.StatusOK, &m.Answer)
	_ = got.in(&m.raw) // which it was a moment before
	for next := m.Next; next != ""; {
		q.Cursor = next
		var page contract.Answer
		t.read(question(q), http.StatusOK, &page)
		t.must(page.Next != next, "the page at cursor %q names itself as the next", next)
		m.Candidate.PerTenant = append(m.Candidate.PerTenant, page.Candidate.PerTenant...)
		m.Baseline.PerTenant = append(m.Baseline.PerTenant, page.Baseline.PerTenant...)
		next = page.Next
	}
	return m
}

// Lengths of the times that are measured.
const (
	shortTime = 4 * time.Second // and no less than four samples
	longTime  = 4 * time.Minute
)

// pace is how far apart samples are, and how late they come.
func (t *trial) pace() (resolution, delay time.Duration) {
	c := &t.fleet.Capabilities
	return max(time.Second, time.Duration(c.Resolution)), time.Duration(c.Delay)
}

// past is a time of which all samples have come.
func (t *trial) past() (from, to time.Time) {
	resolution, delay := t.pace()
	to = t.describe().At.Add(-delay - resolution).UTC()
	return to.Add(-longTime - 4*resolution), to
}

// later waits until there are samples from a time on, and gives until when.
func (t *trial) later(from time.Time) (to time.Time) {
	resolution, delay := t.pace()
	to = from.Add(max(shortTime, 4*resolution)).UTC()
	enough := to.Add(delay + resolution)
	for waited, wait := time.Duration(0), firstLook; t.describe().At.Before(enough); wait = min(2*wait, longestLook) {
		t.must(waited < enough.Sub(from)+spareTime, "the fleet's clock is at %s, and %s before it was at %s", t.describe().At, waited, from)
		t.rest(wait)
		waited += wait
	}
	return to
}

// ofAll is a question about everything that was served in a past time, in the arm of what
// is not the new version: nobody runs that.
func (t *trial) ofAll(wants []string) contract.Question {
	from, to := t.past()
	q := contract.Question{Version: t.box.new, From: from, To: to, Candidate: wants, Baseline: wants}
	if slices.Contains(wants, "slower") {
		q.Bounds = t.bounds()
	}
	return q
}

// bounds are latencies to ask for.
func (t *trial) bounds() []float64 {
	own := t.fleet.Capabilities.LatencyBounds
	switch {
	case !t.can(engine.CanLatency):
		return nil
	case own == nil:
		return []float64{1, 100, 60_000}
	}
	return own[:min(3, len(own))]
}
