package demo

import (
	"slices"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/load"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/predict"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// board is all that the page shows. Requests come in from the clients, rollouts from who
// follows the server.
type board struct {
	mu       sync.Mutex
	tenants  map[string]int // places, by id
	names    []string       // the same, by place
	versions []string       // that ever answered
	serves   []int          // by place of the tenant: place of the version; -1: nobody answered yet
	fails    []int          // places of the tenants whose requests failed last, at most mostFails
	failSeq  int64          // how many requests failed before fails
	recent   window
	sent     int64
	lost     int64 // failed, and no plugin said so: the host lost them
	late     int64 // not sent, as too many were out
	failed   int64
	failures map[string]int64 // failed requests by version
	rollout  *shown
}

// shown is a rollout as the page shows it.
type shown struct {
	contract.Detail
	// Failed are the requests that the candidate failed so far, Lost those that were lost since
	// the rollout began, whoever had them.
	Failed   int64               `json:"failed"`
	Lost     int64               `json:"lost"`
	Expected *predict.Prediction `json:"expected"`
	// Evidence is how much spoke against the candidate, over time.
	Evidence []point `json:"evidence"`

	failedBefore, lostBefore int64
	over                     bool // what comes now is not its doing
}

// mostFails is how many failed requests are kept to be shown: more cannot be seen at once.
const mostFails = 300

// failsSince are the tenants of the requests that failed from a number on, and the next number.
func (b *board) failsSince(seq int64) (tenants []int, next int64) {
	from := max(0, seq-b.failSeq)
	return append([]int{}, b.fails[min(from, int64(len(b.fails))):]...), b.failSeq + int64(len(b.fails))
}

// point is how much speaks against a candidate at a time: of the check that is nearest to its
// proof, as decimal logarithms of odds.
type point struct {
	At       float64 `json:"at"` // seconds since the rollout began
	Evidence float64 `json:"evidence"`
	Boundary float64 `json:"boundary"` // 0: nothing speaks against it
	Metric   string  `json:"metric,omitempty"`
	Detail   string  `json:"detail,omitempty"`
}

// pointOf is that of a rollout now.
func pointOf(d *contract.Detail) point {
	v := d.Verdict
	if d.Now != nil && d.Now.Verdict != nil && d.Phase != string(engine.PhaseRollingBack) {
		v = d.Now.Verdict
	}
	p := point{At: d.At.Sub(d.StartedAt).Seconds()}
	if v == nil {
		return p
	}
	for _, f := range v.Findings {
		if f.Boundary > 0 && (p.Boundary == 0 || f.Evidence/f.Boundary > p.Evidence/p.Boundary) {
			p.Evidence, p.Boundary, p.Metric, p.Detail = f.Evidence, f.Boundary, f.Metric, f.Detail
		}
	}
	return p
}

// newBoard is that of so many tenants, which are those of the load.
func newBoard(ids []string) *board {
	b := &board{tenants: map[string]int{}, names: ids, failures: map[string]int64{}}
	for i, id := range ids {
		b.tenants[id] = i
		b.serves = append(b.serves, -1)
	}
	return b
}

// add counts a request that is over.
func (b *board) add(o *load.Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at, known := b.tenants[o.Tenant]
	if !known {
		return
	}
	if o.NotSent() {
		b.late++
		return
	}
	b.sent++
	failed := o.Failed()
	b.recent.add(time.Now(), o.Latency, failed)
	if o.Version != "" {
		b.serves[at] = b.version(o.Version)
	}
	if !failed {
		return
	}
	b.failed++
	if b.fails = append(b.fails, at); len(b.fails) > 2*mostFails {
		b.failSeq += mostFails
		b.fails = append(b.fails[:0], b.fails[mostFails:]...)
	}
	if o.Version == "" {
		b.lost++
	} else {
		b.failures[o.Version]++
	}
}

// version is the place of a version; b.mu is held.
func (b *board) version(name string) int {
	at := slices.Index(b.versions, name)
	if at < 0 {
		at, b.versions = len(b.versions), append(b.versions, name)
	}
	return at
}

// show takes what the server says of a rollout.
func (b *board) show(d *contract.Detail) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rollout == nil || b.rollout.ID != d.ID {
		b.rollout = &shown{failedBefore: b.failures[d.Candidate], lostBefore: b.lost}
	}
	was := b.rollout.Outcome
	b.rollout.Detail = *d
	if was == "" {
		b.rollout.Evidence = append(b.rollout.Evidence, pointOf(d))
	}
	b.count()
}

// count brings what a rollout did up to date; b.mu is held.
func (b *board) count() {
	r := b.rollout
	if r.over {
		return
	}
	r.over = r.Outcome != ""
	r.Failed, r.Lost = b.failures[r.Candidate]-r.failedBefore, b.lost-r.lostBefore
}

// expect notes what the simulator said of a rollout.
func (b *board) expect(rollout string, p *predict.Prediction) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rollout != nil && b.rollout.ID == rollout {
		b.rollout.Expected = p
	}
}

// current is a copy of the rollout that is shown; false: there is none.
func (b *board) current() (shown, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rollout == nil {
		return shown{}, false
	}
	b.count()
	return *b.rollout, true
}

// totals are how many requests were sent, failed, and were lost by the host.
func (b *board) totals() (sent, failed, lost int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sent, b.failed, b.lost
}
