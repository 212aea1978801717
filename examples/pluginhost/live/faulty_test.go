package live

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// faulty are versions of which each is bad in a way of its own, and the metrics of which one
// has to give it away.
var faulty = []struct {
	version, name string
	why           []engine.Metric // none: it never serves anybody
}{
	{"1.7.0", "fails a fifth", errs},
	{"1.8.0", "panics", errs},
	{"1.9.0", "is slow", []engine.Metric{engine.LatencyP99}},
	{"2.1.0", "fails one tenant", []engine.Metric{engine.ErrorRatio, engine.TenantErrorRate}},
	{"2.0.0", "does not start", nil},
}

var errs = []engine.Metric{engine.ErrorRate, engine.ErrorRatio, engine.SuccessRate}

// TestFaulty: each bad version is caught by a canary for its own reason, as soon and at such a cost
// as the simulator said.
func TestFaulty(t *testing.T) {
	r := start(t, nil)
	c := &chances{}
	for _, f := range faulty {
		t.Run(f.version+" "+f.name, func(t *testing.T) {
			if row := r.caught(t, f.version, f.why); f.why != nil { // the simulator starts whatever it is told to
				c.hold(t, row)
			}
		})
	}
	c.end(t)
}

// TestOwnMeter: the manager counts, and no Prometheus.
func TestOwnMeter(t *testing.T) {
	r := start(t, func(o *Options) { o.Prometheus = "" })
	r.caught(t, "1.7.0", errs)
}

// TestHAProxy: requests go by a HAProxy.
func TestHAProxy(t *testing.T) {
	if _, err := exec.LookPath("haproxy"); err != nil && os.Getenv("CI") == "" {
		t.Skip("there is no haproxy on this machine")
	}
	r := start(t, func(o *Options) { o.Router = "haproxy" })
	r.caught(t, "1.7.0", errs)
	from, version, err := r.prepare(context.Background(), Case{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Play(context.Background(), PolicyOf(engine.BlueGreen), version)
	if err != nil || p.Outcome != "succeeded" || p.Lost > 0 {
		t.Errorf("%s after %s: %+v, %v", version, from, p, err)
	}
}

// caught rolls a version out that has to be found, and says what it did beside what the simulator said.
func (r *Rig) caught(t *testing.T, version string, why []engine.Metric) Row {
	t.Helper()
	ctx, policy := context.Background(), PolicyOf(engine.Canary)
	from, _, err := r.prepare(ctx, Case{Version: version})
	if err != nil {
		t.Fatal(err)
	}
	said, err := r.Foretell(ctx, policy, version, from, 100)
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Play(ctx, policy, version)
	if err != nil {
		t.Fatal(err)
	}
	row := Row{Policy: policy.Name, Version: version, Real: []*Played{p}, Said: said}
	t.Logf("%s in %.1f s, found after %.1f s (%s), %d failed (%s), %d tenants (%s): %s", p.Outcome, p.Took, p.Detected, said.Detected, p.Failed, said.Failed, p.Tenants, said.Tenants, firstLine(p.Story))
	if p.Outcome != "rolled_back" {
		t.Fatalf("%s: %s", p.Outcome, p.Story)
	}
	if serves, err := r.Serving(ctx); err != nil || serves != from {
		t.Errorf("the fleet serves %s and not %s (%v)", serves, from, err)
	}
	if p.Lost > 0 {
		t.Errorf("%d requests were lost", p.Lost)
	}
	if why == nil {
		if p.Failed > 0 || p.Tenants > 0 || !strings.Contains(p.Story, version) {
			t.Errorf("%d requests failed and %d tenants had it: %s", p.Failed, p.Tenants, p.Story)
		}
		return row
	}
	if !p.failedFor(why) {
		t.Errorf("no verdict failed for any of %v: %s", why, p.Story)
	}
	return row
}

// failedFor says whether a verdict failed because of one of some metrics.
func (p *Played) failedFor(why []engine.Metric) bool {
	return slices.ContainsFunc(p.Events, func(e engine.Event) bool {
		return e.Kind == engine.Judged && slices.ContainsFunc(e.Verdict.Findings, func(f engine.Finding) bool {
			return f.Result == engine.Fail && slices.Contains(why, engine.Metric(f.Metric))
		})
	})
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
