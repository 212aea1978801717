package meter

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// start is a whole minute.
var start = time.Unix(1_800_000_000, 0)

// counter is an instance that counts.
type counter struct {
	id, boot string
	counts   map[series]*wire.Count
}

func newCounter(id, boot string) *counter { return &counter{id, boot, map[series]*wire.Count{}} }

// serve counts n requests of ms, of which some fail and some time out.
func (c *counter) serve(version, tenant string, n, errors, timeouts int64, ms float64) {
	of := series{version, tenant}
	if c.counts[of] == nil {
		c.counts[of] = &wire.Count{Version: version, Tenant: tenant, Within: make([]int64, nBounds)}
	}
	k := c.counts[of]
	k.Requests, k.Errors, k.Timeouts, k.Conversions = k.Requests+n, k.Errors+errors+timeouts, k.Timeouts+timeouts, k.Conversions+n/10
	for i, b := range bounds {
		if ms <= b {
			k.Within[i] += n
		}
	}
	k.Seconds += float64(n) * ms / 1e3
	k.PluginSeconds += float64(n) * ms / 2e3
}

// read has a meter read it.
func (c *counter) read(m *Meter, at time.Time) {
	n := wire.Counts{Boot: c.boot, At: at}
	h := wire.Holding{CPU: 0.5, Memory: 0.25}
	seen := map[string]bool{}
	for _, k := range c.counts {
		one := *k
		one.Within = slices.Clone(k.Within)
		n.Counts = append(n.Counts, one)
		if !seen[k.Version] {
			h.Plugins = append(h.Plugins, wire.Plugin{Version: k.Version})
			seen[k.Version] = true
		}
	}
	m.Read(at, c.id, "blue", &n, &h)
}

const everything = engine.WantCounts | engine.WantSlower | engine.WantMinutes | engine.WantHistogram | engine.WantMeans | engine.WantTenants | engine.WantByTenant

func ask(t *testing.T, m *Meter, from, to time.Time) engine.Answer {
	t.Helper()
	a, err := m.Measure(context.Background(), engine.Question{
		Version: "1.6.0", From: from, To: to, Candidate: everything, Baseline: everything, Bounds: []float64{10, 100}, TenantBound: 25,
		Instances: []engine.PlanInstance{{ID: "one"}, {ID: "two"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnswer(t *testing.T) {
	m, err := Open("", start)
	if err != nil {
		t.Fatal(err)
	}
	one, two := newCounter("one", "a"), newCounter("two", "b")
	for s := range 120 {
		one.serve("1.6.0", "tenant-001", 10, 1, 1, 20)
		two.serve("1.5.0", "tenant-002", 20, 0, 0, 60)
		at := start.Add(time.Duration(s)*time.Second + 300*time.Millisecond)
		one.read(m, at)
		two.read(m, at)
	}
	a := ask(t, m, start, start.Add(time.Minute))
	c := a.Candidate
	if c.Requests != 600 || c.Errors != 60 || c.Timeouts != 60 || c.Conversions != 60 || c.Tenants != 1 || c.Slower[0] != 600 || c.Slower[1] != 0 {
		t.Errorf("the candidate: %+v", c)
	}
	if math.Abs(c.Latency.Sum-12_000) > 1 || c.Latency.Count != 600 || math.Abs(c.Execution.Sum-6_000) > 1 || c.CPU != (engine.Mean{Sum: 30, Count: 60}) || c.Memory.Sum != 15 {
		t.Errorf("means of the candidate: %+v", c)
	}
	if len(c.PerTenant) != 1 || c.PerTenant[0].Slower != 0 || c.PerTenant[0].Errors != 60 || c.Worst == nil || c.Worst.Tenant != "tenant-001" {
		t.Errorf("tenants of the candidate: %+v, worst %+v", c.PerTenant, c.Worst)
	}
	if len(c.Minutes) != 1 || c.Minutes[0].Requests != 600 || !c.Minutes[0].Start.Equal(start) {
		t.Errorf("minutes of the candidate: %+v", c.Minutes)
	}
	if b := a.Baseline; b.Requests != 1200 || b.Errors != 0 || b.PerTenant[0].Slower != 1200 || b.Histogram.Slower[4] != 1200 || b.Histogram.Slower[6] != 0 {
		t.Errorf("the baseline: %+v", b)
	}
	if a.Coverage != 1 || !c.Newest.Equal(start.Add(59*time.Second)) {
		t.Errorf("coverage %g, newest %s", a.Coverage, c.Newest)
	}
	if a := ask(t, m, start.Add(time.Hour), start.Add(2*time.Hour)); a.Baseline.Requests != 0 || !a.Baseline.Newest.IsZero() || a.Coverage > 0.01 {
		t.Errorf("a time that is yet to come: %+v", a)
	}
	if got := m.Rate(start.Add(2 * time.Minute)); got != 30 {
		t.Errorf("%g requests a second, want 30", got)
	}
}

// TestDeath has an instance die and come back: its new process counts from 0, and what was not
// read is missing in the coverage.
func TestDeath(t *testing.T) {
	m, _ := Open("", start)
	one, two := newCounter("one", "a"), newCounter("two", "b")
	for s := range 60 {
		at := start.Add(time.Duration(s) * time.Second)
		if s == 20 {
			m.Lost(at.Add(9*time.Second), "one")
			one = newCounter("one", "c")
		}
		if s < 20 || s >= 30 {
			one.serve("1.6.0", "tenant-001", 10, 0, 0, 20)
			one.read(m, at)
		}
		two.serve("1.5.0", "tenant-002", 10, 0, 0, 20)
		two.read(m, at)
		if s == 28 {
			if a := ask(t, m, start, at.Add(time.Second)); a.Coverage != 0.5 {
				t.Errorf("while one of two is dead the coverage is %g", a.Coverage)
			}
		}
	}
	a := ask(t, m, start, start.Add(time.Minute))
	if a.Candidate.Requests != 500 || a.Baseline.Requests != 600 {
		t.Errorf("%d and %d requests, want 500 and 600", a.Candidate.Requests, a.Baseline.Requests)
	}
	if want := (2 - 10.0/60) / 2; math.Abs(a.Coverage-want) > 1e-9 {
		t.Errorf("coverage %g, want %g", a.Coverage, want)
	}
}

// TestGoesOn kills a meter at random times: whoever opens its log counts what it had counted,
// and what came in between.
func TestGoesOn(t *testing.T) {
	dir := t.TempDir()
	m, err := Open(dir, start)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 14))
	one := newCounter("one", "a")
	served := int64(0)
	for s := range 3000 { // some files of the log
		at := start.Add(time.Duration(s) * time.Second)
		one.serve("1.6.0", fmt.Sprintf("tenant-%03d", s%7), 3, 1, 0, 20)
		served += 3
		if r.IntN(10) > 0 { // else it is away
			one.read(m, at)
		}
		if r.IntN(200) == 0 { // no Close
			if m, err = Open(dir, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	end := start.Add(3000 * time.Second)
	one.read(m, end)
	a := ask(t, m, start, end.Add(time.Second))
	if a.Candidate.Requests != served || a.Candidate.Errors != served/3 || len(a.Candidate.PerTenant) != 7 {
		t.Errorf("%d requests with %d errors, want %d with %d", a.Candidate.Requests, a.Candidate.Errors, served, served/3)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.gob"))
	for _, f := range files[len(files)-1:] { // which a full disk has cut
		text, _ := os.ReadFile(f)
		if err := os.WriteFile(f, text[:len(text)-1], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if m, err = Open(dir, end); err != nil {
		t.Fatal(err)
	}
	one.read(m, end)
	if got := ask(t, m, start, end.Add(time.Second)).Candidate.Requests; got != served {
		t.Errorf("after a file was cut: %d requests, want %d", got, served)
	}
}

// TestHours has seconds become minutes, and counts nothing twice.
func TestHours(t *testing.T) {
	m, _ := Open("", start)
	one := newCounter("one", "a")
	for s := 0; s < 3*3600; s += 2 {
		one.serve("1.6.0", "tenant-001", 2, 0, 0, 20)
		one.read(m, start.Add(time.Duration(s)*time.Second))
	}
	end := start.Add(3 * time.Hour)
	if got := ask(t, m, start, end).Candidate.Requests; got != 3*3600 {
		t.Errorf("%d requests in three hours, want %d", got, 3*3600)
	}
	first, second := ask(t, m, start, start.Add(90*time.Minute)).Candidate.Requests, ask(t, m, start.Add(90*time.Minute), end).Candidate.Requests
	if first+second != 3*3600 {
		t.Errorf("%d and %d requests in the halves", first, second)
	}
	if len(m.seconds) > 1900 {
		t.Errorf("%d seconds are kept", len(m.seconds))
	}
	// What the minutes have of it, less the one under way.
	if n, _ := m.Prior("tenant-001", end); n < 3*3600-120 || n > 3*3600 {
		t.Errorf("%d requests of a tenant in the time before", n)
	}
}

// TestRemembers: what tenants did is known once some seconds were counted, and as far back as they
// go.
func TestRemembers(t *testing.T) {
	m, _ := Open("", start)
	one := newCounter("one", "a")
	for s := 0; s <= 20; s++ {
		if m.Remembers() != (s > leastKnown) {
			t.Errorf("after %d s: %v", s, m.Remembers())
		}
		one.serve("1.6.0", "tenant-001", 2, 1, 0, 20)
		one.read(m, start.Add(time.Duration(s)*time.Second))
	}
	n, failed := m.Prior("tenant-001", start.Add(21*time.Second))
	if n == 0 || n > 42 || failed != n/2 {
		t.Errorf("%d requests, %d failed", n, failed)
	}
	if n, failed := m.Prior("tenant-002", start.Add(21*time.Second)); n != 0 || failed != 0 {
		t.Errorf("of somebody who sent none: %d, %d", n, failed)
	}
}

// BenchmarkMeasure asks about ten minutes of 150 tenants with 2,000 requests a second.
func BenchmarkMeasure(b *testing.B) {
	m, _ := Open("", start)
	all := make([]*counter, 20)
	for i := range all {
		all[i] = newCounter(fmt.Sprintf("instance-%02d", i), "a")
	}
	for s := range 600 {
		for t := range 150 {
			all[t%20].serve([]string{"1.5.0", "1.6.0"}[t%2], fmt.Sprintf("tenant-%03d", t), 13, 1, 0, 20)
		}
		for _, c := range all {
			c.read(m, start.Add(time.Duration(s)*time.Second))
		}
	}
	b.ResetTimer()
	for range b.N {
		_, _ = m.Measure(context.Background(), engine.Question{Version: "1.6.0", From: start, To: start.Add(10 * time.Minute), Candidate: everything, Baseline: everything})
	}
}
