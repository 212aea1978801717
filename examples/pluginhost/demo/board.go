package demo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/load"
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
	lost     int64            // failed, and no plugin said so: the host lost them
	late     int64            // not sent, as too many were out
	lostWhy  map[string]int64 // the same, by what the router said, or the client's error
	failed   int64
	answered map[string]int64 // requests by the version that answered them, failed ones included
	failures map[string]int64 // failed requests by version
	expected map[string]expectation
	rollout  *shown
}

// mostFails is how many failed requests are kept to be shown: more cannot be seen at once.
const mostFails = 300

// failsSince are the tenants of the requests that failed from a number on, and the next number.
func (b *board) failsSince(seq int64) (tenants []int, next int64) {
	from := max(0, seq-b.failSeq)
	return append([]int{}, b.fails[min(from, int64(len(b.fails))):]...), b.failSeq + int64(len(b.fails))
}

// newBoard is that of so many tenants, which are those of the load.
func newBoard(ids []string) *board {
	b := &board{tenants: map[string]int{}, names: ids, answered: map[string]int64{}, lostWhy: map[string]int64{}, failures: map[string]int64{}, expected: map[string]expectation{}}
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
		b.answered[o.Version]++
		b.rollout.answered(at, o.Version, failed)
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
		b.lostWhy[cmp.Or(o.Reason, fmt.Sprint(o.Err))]++
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

// why is what lost requests were lost by, so far.
func (b *board) why() map[string]int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.lostWhy)
}

// totals are how many requests were sent, failed, and were lost by the host.
func (b *board) totals() (sent, failed, lost int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sent, b.failed, b.lost
}
