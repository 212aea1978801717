package demo

import (
	"slices"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/load"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/predict"
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
	fails    []int          // tenants whose requests failed since the page was told
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

	failedBefore, lostBefore int64
	over                     bool // what comes now is not its doing
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
	b.fails = append(b.fails, at)
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
	b.rollout.Detail = *d
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
