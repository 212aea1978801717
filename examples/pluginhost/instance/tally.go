package instance

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// outcome is what became of a request that a version was meant to serve.
type outcome int

const (
	success outcome = iota
	failure
	timeout
)

// outcomes are their names on /metrics.
var outcomes = [...]string{"success", "error", "timeout"}

// happened is a request that is over.
type happened struct {
	version, tenant string
	outcome         outcome
	took            time.Duration
	inPlugin        time.Duration // below 0 where it did not get there
	converted       bool
}

// spans counts durations against bounds.
type spans struct {
	count   int64
	within  []int64
	seconds float64
}

func (s *spans) add(d time.Duration) {
	s.count++
	s.seconds += d.Seconds()
	for i, bound := range bounds {
		if d <= bound {
			s.within[i]++
		}
	}
}

// bounds are those of the wire, as durations.
var bounds = func() []time.Duration {
	var all []time.Duration
	for _, ms := range wire.Bounds() {
		all = append(all, time.Duration(ms*float64(time.Millisecond)))
	}
	return all
}()

// tally is what was counted of a version, or of a tenant's requests to one.
type tally struct {
	start       time.Time
	outcomes    [len(outcomes)]int64
	conversions int64
	all, plugin spans
}

func newTally() *tally {
	return &tally{start: time.Now(), all: spans{within: make([]int64, len(bounds))}, plugin: spans{within: make([]int64, len(bounds))}}
}

func (t *tally) add(h happened) {
	t.outcomes[h.outcome]++
	if h.converted {
		t.conversions++
	}
	t.all.add(h.took)
	if h.inPlugin >= 0 {
		t.plugin.add(h.inPlugin)
	}
}

// ofTenant is a tenant's requests to a version.
type ofTenant struct{ version, tenant string }

// tallies is all that an instance counted.
type tallies struct {
	mu       sync.Mutex
	versions map[string]*tally
	tenants  map[ofTenant]*tally
}

func newTallies() *tallies {
	return &tallies{versions: map[string]*tally{}, tenants: map[ofTenant]*tally{}}
}

// begin has a version counted from 0, before the first of its requests.
func (t *tallies) begin(version string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.versions[version] == nil {
		t.versions[version] = newTally()
	}
}

func (t *tallies) add(h happened) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := ofTenant{h.version, h.tenant}
	if t.tenants[key] == nil {
		t.tenants[key] = newTally()
	}
	t.tenants[key].add(h)
	if t.versions[h.version] == nil {
		t.versions[h.version] = newTally()
	}
	t.versions[h.version].add(h)
}

// tell is what was counted, by version and tenant.
func (t *tallies) tell() []wire.Count {
	t.mu.Lock()
	counts := make([]wire.Count, 0, len(t.tenants))
	for k, one := range t.tenants {
		counts = append(counts, wire.Count{
			Version: k.version, Tenant: k.tenant, Requests: one.all.count,
			Errors: one.outcomes[failure] + one.outcomes[timeout], Timeouts: one.outcomes[timeout],
			Within: slices.Clone(one.all.within), Seconds: one.all.seconds, PluginSeconds: one.plugin.seconds, Conversions: one.conversions,
		})
	}
	t.mu.Unlock()
	slices.SortFunc(counts, func(a, b wire.Count) int {
		return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(a.Tenant, b.Tenant))
	})
	return counts
}

// total is how many requests were counted.
func (t *tallies) total() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	var n int64
	for _, one := range t.versions {
		n += one.all.count
	}
	return n
}
