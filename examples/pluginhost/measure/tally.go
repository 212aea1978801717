// Package measure counts what real clients saw of a rollout, and reads off its journal how
// long things took, in the words of a prediction.
package measure

import (
	"maps"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/predict"
)

// Tally counts requests as the clients that sent them saw them.
type Tally struct {
	mu     sync.Mutex
	count  Counts
	failed []failure               // in the order in which they were told
	past   map[string]predict.Past // by tenant, of requests that a version answered
}

// failure is a request that failed: when its client knew, and who served it.
type failure struct {
	at      time.Time
	version string
}

// Counts are requests that are over.
type Counts struct {
	Sent   int64
	Failed int64            // all that failed
	Lost   int64            // of them those that no version answered: the host had lost them
	By     map[string]int64 // failed by version
	Served map[string]int64 // answered by version, failed ones included
}

// Add counts one of a tenant, which a version answered; "": none did.
func (t *Tally) Add(tenant, version string, failed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if version != "" {
		t.remember(tenant, failed)
	}
	c := &t.count
	if c.By == nil {
		c.By, c.Served = map[string]int64{}, map[string]int64{}
	}
	c.Sent++
	if version != "" {
		c.Served[version]++
	}
	if failed {
		t.failed = append(t.failed, failure{time.Now(), version})
	}
	switch {
	case !failed:
	case version == "":
		c.Failed++
		c.Lost++
	default:
		c.Failed++
		c.By[version]++
	}
}

// remember counts what whoever counts at the instances knows of a tenant.
func (t *Tally) remember(tenant string, failed bool) {
	if t.past == nil {
		t.past = map[string]predict.Past{}
	}
	p := t.past[tenant]
	p.Requests++
	if failed {
		p.Errors++
	}
	t.past[tenant] = p
}

// Past is what tenants have sent so far.
func (t *Tally) Past() map[string]predict.Past {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.past)
}

// Counts are those so far.
func (t *Tally) Counts() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.count
	c.By, c.Served = maps.Clone(c.By), maps.Clone(c.Served)
	return c
}

// FailedBetween are the requests that a version failed, "": those that were lost, whose clients
// knew from one time on and before another. Rollouts have clocks of their own, and what a version
// that went through fails after the end is not their doing.
func (t *Tally) FailedBetween(version string, from, to time.Time) (n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.failed {
		if f.version == version && !f.at.Before(from) && f.at.Before(to) {
			n++
		}
	}
	return n
}

// Since are the counts from others on.
func (c Counts) Since(before Counts) Counts {
	d := Counts{Sent: c.Sent - before.Sent, Failed: c.Failed - before.Failed, Lost: c.Lost - before.Lost, By: map[string]int64{}, Served: map[string]int64{}}
	for v, n := range c.By {
		d.By[v] = n - before.By[v]
	}
	for v, n := range c.Served {
		d.Served[v] = n - before.Served[v]
	}
	return d
}
