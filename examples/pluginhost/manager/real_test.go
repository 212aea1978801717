package manager_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestOrders has each kind of change carried out, and sees it by what the instances are.
func TestOrders(t *testing.T) {
	h := newHost(t, 3)
	l := h.load(150)
	h.make(engine.Change{Kind: engine.Install, Version: "1.6.0", Instances: first(3)})
	c := h.make(engine.Change{Kind: engine.Pin, Version: "1.6.0", Tenants: first(10)})
	if c.Exposed.Tenants != 10 || c.Exposed.Instances != 3 || c.Exposed.Share <= 0 || c.Exposed.Share >= 100 {
		t.Errorf("with 10 tenants pinned the candidate reaches %+v", c.Exposed)
	}
	from := time.Now()
	h.wait("both versions are counted", func() bool {
		a, err := h.fleet.Measure(context.Background(), engine.Question{
			Rollout: "tried", Version: "1.6.0", From: from, To: time.Now(), Candidate: engine.WantCounts | engine.WantByTenant, Baseline: engine.WantCounts,
			Instances: h.targets.Instances, Targets: h.targets,
		})
		if err != nil || len(a.Candidate.PerTenant) < 10 || a.Baseline.Requests < 50 {
			return false
		}
		for _, of := range a.Candidate.PerTenant {
			if of.Tenant > "tenant-010" {
				t.Fatalf("%s is not pinned, and was served by the candidate", of.Tenant)
			}
		}
		return a.Coverage == 1
	})
	h.make(engine.Change{Kind: engine.Activate, Version: "1.6.0", Instances: first(3)})
	h.make(engine.Change{Kind: engine.Unpin, Tenants: first(10)})
	h.make(engine.Change{Kind: engine.Remove, Version: "1.5.0", Instances: first(3)})
	for _, in := range h.snapshot().Instances {
		if in.Default != "1.6.0" || !slices.Equal(in.Installed, []string{"1.6.0"}) || !in.Ready {
			t.Errorf("%+v", in)
		}
	}
	h.make(engine.Change{Kind: engine.Provision, Slot: "green", Count: 2, Version: "1.7.0"})
	c = h.make(engine.Change{Kind: engine.Smoke, Slot: "green", Tests: []string{"payment answers", "probes are well", "latency", "no such thing"}})
	if c.Smoke.Passed != 3 || c.Smoke.Failed != 1 || len(c.Smoke.Failures) != 1 || !strings.Contains(c.Smoke.Failures[0], "there is no such test") {
		t.Errorf("smoke tests: %+v", c.Smoke)
	}
	for _, percent := range []float64{10, 50, 100} {
		h.make(engine.Change{Kind: engine.Shift, Routes: []engine.Route{{Slot: "blue", Percent: 100 - percent}, {Slot: "green", Percent: percent}}})
	}
	h.make(engine.Change{Kind: engine.Retire, Slot: "blue"})
	s := h.snapshot()
	if len(s.Instances) != 2 || s.Baseline() != "1.7.0" || s.ActiveSlot() != "green" || s.Spare != 9 {
		t.Errorf("%d instances, %s on %s, room for %d", len(s.Instances), s.Baseline(), s.ActiveSlot(), s.Spare)
	}
	if r := l.end(t); r.Failed > 0 || r.Requests < 200 || r.Versions["1.6.0"] == 0 || r.Versions["1.7.0"] == 0 {
		t.Errorf("%+v", r)
	}
}

// TestReplaceUnderLoad replaces instances one after the other, back and forth: no request fails.
func TestReplaceUnderLoad(t *testing.T) {
	h := newHost(t, 4)
	l := h.load(200)
	for _, version := range []string{"1.6.0", "1.7.0"} {
		for i := range 4 {
			h.make(engine.Change{Kind: engine.Replace, Version: version, Instances: engine.Range{From: i, To: i + 1}})
		}
	}
	h.make(engine.Change{Kind: engine.Replace, Version: "1.5.0", Instances: first(3)})
	r := l.end(t)
	if r.Failed > 0 || r.Requests < 300 {
		t.Errorf("%+v", r)
	}
	t.Logf("11 instances replaced under %.0f requests/s: %d requests, %d failed, p99 %.1f ms", r.Rate, r.Requests, r.Failed, r.P99)
}

// TestKilledInstance kills instances: the router avoids them, they are started again with what
// they are to hold, and each is a death.
func TestKilledInstance(t *testing.T) {
	h := newHost(t, 3)
	h.make(engine.Change{Kind: engine.Install, Version: "1.6.0", Instances: first(3)})
	l := h.load(150)
	victim := h.overview().Instances[1]
	signal(t, victim.PID, syscall.SIGKILL)
	h.wait("it was started again", func() bool {
		now := h.overview().Instances[1]
		return now.PID != 0 && now.PID != victim.PID && now.Deaths == 1
	})
	c := h.settle(engine.Change{Instances: first(3)})
	if c.Failing != 0 || len(c.Ailing) != 1 || c.Ailing[0].Deaths != 1 || c.Ailing[0].Instance != victim.ID {
		t.Errorf("after a death: %+v", c)
	}
	if in := h.snapshot().Instances[1]; in.Default != "1.5.0" || !slices.Equal(in.Installed, []string{"1.5.0", "1.6.0"}) {
		t.Errorf("it holds something else: %+v", in)
	}
	had := l.sent()
	h.wait("requests go on", func() bool { return l.sent() > had+200 })
	r := l.end(t)
	for _, why := range r.Why {
		if why.Reason != wire.ReasonLost {
			t.Errorf("%d requests failed of %s", why.Count, why.Reason)
		}
	}
	if r.Failed > 20 { // those that it had: 150/s for 2 ms on a third of the instances is about one
		t.Errorf("%d of %d requests failed", r.Failed, r.Requests)
	}
}

// TestKilledRouter kills the router: it is back within two seconds, by the same table, with
// the manager and without.
func TestKilledRouter(t *testing.T) {
	h := newHost(t, 2)
	h.make(engine.Change{Kind: engine.Install, Version: "1.6.0", Instances: first(2)})
	h.make(engine.Change{Kind: engine.Pin, Version: "1.6.0", Tenants: first(5)})
	before := h.overview()
	l := h.load(100)
	pid := h.routerPID()
	signal(t, pid, syscall.SIGKILL)
	began := time.Now()
	h.wait("there is another router", func() bool { now := h.routerPID(); return now != 0 && now != pid })
	had := l.sent()
	h.wait("requests are served", func() bool { return l.sent() > had+20 })
	took := time.Since(began)
	if took > 10*time.Second {
		t.Errorf("the router was away for %s", took)
	}
	h.settle(engine.Change{Instances: first(2)})
	after := h.overview()
	if after.Router != before.Router || len(after.Table.Pins) != 5 || after.Table.Revision < before.Table.Revision {
		t.Errorf("before %+v, and after %+v", before.Table, after.Table)
	}
	r := l.end(t)
	t.Logf("served again %s after the router was killed; %d of %d requests failed", took.Round(time.Millisecond), r.Failed, r.Requests)
}

// TestBroken has a version that does not start: the change is broken with the reason, and an
// order that takes it back heals it.
func TestBroken(t *testing.T) {
	h := newHost(t, 2)
	for _, c := range []engine.Change{
		{Kind: engine.Install, Version: "2.0.0", Instances: first(1)},
		{Kind: engine.Replace, Version: "2.0.0", Instances: first(1)},
		{Kind: engine.Replace, Version: "2.0.0", Instances: first(1)},
	} {
		h.seq++
		if err := h.fleet.Make(context.Background(), h.order(h.seq, c)); err != nil {
			t.Fatal(err)
		}
		h.wait("it is broken", func() bool { return h.look(c).BrokenCount == 1 })
		if got := h.look(c); !strings.Contains(got.Broken[0].Reason, "2.0.0") || got.Broken[0].Target != h.targets.Instances[0].ID || got.Pending != 0 {
			t.Errorf("%s: %+v", c, got)
		}
	}
	if in := h.snapshot().Instances[0]; in.Ready || slices.Contains(in.Installed, "2.0.0") {
		t.Errorf("%+v", in)
	}
	h.make(engine.Change{Kind: engine.Replace, Version: "1.6.0", Instances: first(1)})
	h.make(engine.Change{Kind: engine.Remove, Version: "2.0.0", Instances: first(1)})
	if in := h.snapshot().Instances[0]; !in.Ready || !slices.Equal(in.Installed, []string{"1.6.0"}) {
		t.Errorf("%+v", in)
	}
	h.seq++
	err := h.fleet.Make(context.Background(), h.order(h.seq, engine.Change{Kind: engine.Install, Version: "9.9.9", Instances: first(1)}))
	if refused := new(engine.Refused); !errors.As(err, &refused) || !strings.Contains(err.Error(), "there is no version 9.9.9 of payment, only 1.5.0, ") {
		t.Errorf("a version that is not there: %v", err)
	}
}

// TestFaults has a version fail, also on an instance that starts later, and after the manager
// was killed.
func TestFaults(t *testing.T) {
	h := newHost(t, 2)
	if text, status := h.admin("PUT", "/faults", `{"faults":[{"version":"1.5.0","errorRate":2,"probes":"no"},{}]}`); status != 400 || strings.Count(string(text), "\n") < 3 {
		t.Errorf("%d %s", status, text)
	}
	if text, status := h.admin("PUT", "/faults", `{"faults":[{"version":"1.6.0","errorRate":1}]}`); status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	h.kill()
	h.start()
	h.ready()
	l := h.load(50)
	h.make(engine.Change{Kind: engine.Replace, Version: "1.6.0", Instances: first(1)})
	h.wait("its errors are counted", func() bool {
		a, err := h.fleet.Measure(context.Background(), engine.Question{Version: "1.6.0", From: time.Now().Add(-time.Minute), To: time.Now(), Candidate: engine.WantCounts})
		return err == nil && a.Candidate.Errors > 10
	})
	if text, status := h.admin("PUT", "/faults", `{"faults":[]}`); status != 200 || string(text) != "{\"faults\":[]}\n" {
		t.Fatalf("%d %s", status, text)
	}
	h.wait("it is well again", func() bool {
		to := time.Now()
		a, err := h.fleet.Measure(context.Background(), engine.Question{Version: "1.6.0", From: to.Add(-3 * time.Second), To: to, Candidate: engine.WantCounts})
		return err == nil && a.Candidate.Errors == 0 && a.Candidate.Requests > 10
	})
	if r := l.end(t); r.Failed == 0 {
		t.Error("no request failed")
	}
}
