package router

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// fake is an instance that speaks the wire, and what it was asked.
type fake struct {
	*httptest.Server
	id       string
	served   atomic.Int64
	draining atomic.Bool
	hang     chan struct{} // where it is not nil, requests wait for it and are then cut off
	pinned   atomic.Value  // the version that the last request named
	bodies   atomic.Int64  // bytes
}

func newFake(t *testing.T, id string) *fake {
	t.Helper()
	f := &fake{id: id}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.draining.Load() {
		w.Header().Set(wire.Reason, wire.ReasonDraining)
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	n, _ := io.Copy(io.Discard, r.Body)
	f.bodies.Add(n)
	f.served.Add(1)
	f.pinned.Store(r.Header.Get(wire.Version))
	if f.hang != nil {
		<-f.hang
		panic(http.ErrAbortHandler)
	}
	w.Header().Set(wire.Instance, f.id)
	w.Header().Set(wire.Version, "1.5.0")
	_, _ = io.WriteString(w, "paid")
}

func (f *fake) routed() wire.Routed {
	return wire.Routed{ID: f.id, Slot: "blue", Address: f.Listener.Addr().String(), Ready: true, Default: "1.5.0", Versions: []string{"1.5.0"}}
}

const token = "a token of the tests"

// rig is a router over real HTTP.
type rig struct {
	*Router
	*Client
	url string
}

func newRig(t *testing.T, dir string) *rig {
	t.Helper()
	r, err := Open(dir, newBoot())
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(r.Handler(token))
	t.Cleanup(s.Close)
	return &rig{r, &Client{Address: s.Listener.Addr().String(), Token: token}, s.URL}
}

func (r *rig) put(t *testing.T, revision int64, instances ...wire.Routed) {
	t.Helper()
	if err := r.Apply(t.Context(), wire.Table{Revision: revision, Instances: instances, Routes: []wire.Route{{Slot: "blue", Percent: 100}}}); err != nil {
		t.Fatal(err)
	}
}

// pay sends a payment, and says what came.
func (r *rig) pay(t *testing.T, tenant string) (status int, reason, instance string) {
	t.Helper()
	req, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, r.url+"/pay", strings.NewReader("12.50"))
	if tenant != "" {
		req.Header.Set(wire.Tenant, tenant)
	}
	req.Header.Set(wire.Version, "chosen by who asks")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return 0, "", ""
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode, res.Header.Get(wire.Reason), res.Header.Get(wire.Instance)
}

func TestServing(t *testing.T) {
	r := newRig(t, t.TempDir())
	if status, _, _ := r.pay(t, ""); status != http.StatusBadRequest {
		t.Errorf("%d without a tenant", status)
	}
	if status, reason, _ := r.pay(t, "a"); status != http.StatusServiceUnavailable || reason != wire.ReasonNobody {
		t.Errorf("%d %s without an instance", status, reason)
	}
	one, two := newFake(t, "one"), newFake(t, "two")
	r.put(t, 1, one.routed(), two.routed())
	for i := range 50 {
		status, reason, instance := r.pay(t, tenantOf(i))
		want, _ := r.plan.Load().Choose(tenantOf(i), nil)
		if status != http.StatusOK || reason != "" || instance != want.ID {
			t.Errorf("%d %s by %s, want 200 by %s", status, reason, instance, want.ID)
		}
	}
	if one.served.Load() == 0 || two.served.Load() == 0 || one.bodies.Load() == 0 || one.pinned.Load() != "" {
		t.Errorf("%d and %d were served, version %q", one.served.Load(), two.served.Load(), one.pinned.Load())
	}
	table := r.Table()
	table.Revision, table.Pins = 2, map[string]string{"a": "1.5.0"}
	if err := r.Apply(t.Context(), table); err != nil {
		t.Fatal(err)
	}
	in, _ := r.plan.Load().Choose("a", nil)
	r.pay(t, "a")
	if got := map[string]*fake{"one": one, "two": two}[in.ID].pinned.Load(); got != "1.5.0" {
		t.Errorf("a request of a pinned tenant names version %q", got)
	}
}

// TestNothingWasDone has requests go on to the next instance where the first one refuses
// connections or drains, and nowhere where it was lost.
func TestNothingWasDone(t *testing.T) {
	r := newRig(t, t.TempDir())
	well, drains, cuts := newFake(t, "well"), newFake(t, "drains"), newFake(t, "cuts")
	drains.draining.Store(true)
	cuts.hang = make(chan struct{})
	close(cuts.hang)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refuses := well.routed()
	refuses.ID, refuses.Address = "refuses", l.Addr().String()
	_ = l.Close()

	r.put(t, 1, well.routed(), drains.routed(), refuses)
	for i := range 60 {
		if status, reason, instance := r.pay(t, tenantOf(i)); status != http.StatusOK || instance != "well" {
			t.Fatalf("%s: %d %s by %s", tenantOf(i), status, reason, instance)
		}
	}
	r.put(t, 2, well.routed(), cuts.routed())
	lost := int64(0)
	for i := range 60 {
		want, _ := r.plan.Load().Choose(tenantOf(i), nil)
		status, reason, instance := r.pay(t, tenantOf(i))
		if want.ID == "cuts" {
			lost++
		}
		if (want.ID == "cuts") != (status == http.StatusBadGateway && reason == wire.ReasonLost && instance == "cuts") {
			t.Errorf("%s, of %s: %d %s by %s", tenantOf(i), want.ID, status, reason, instance)
		}
	}
	if lost == 0 || cuts.served.Load() != lost {
		t.Errorf("%d requests were lost, and the instance had %d: one was repeated", lost, cuts.served.Load())
	}
	r.put(t, 3, drains.routed())
	if status, reason, _ := r.pay(t, "a"); status != http.StatusServiceUnavailable || reason != wire.ReasonNobody {
		t.Errorf("%d %s where all drain", status, reason)
	}
}

func TestTables(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, dir)
	in := newFake(t, "one")
	r.put(t, 5, in.routed())
	for _, c := range []struct {
		revision int64
		slot     string
		want     string
	}{{4, "blue", "409"}, {5, "green", "409"}, {0, "blue", "400"}, {5, "blue", ""}} {
		routed := in.routed()
		routed.Slot = c.slot
		err := r.Apply(t.Context(), wire.Table{Revision: c.revision, Instances: []wire.Routed{routed}, Routes: []wire.Route{{Slot: c.slot, Percent: 100}}})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("revision %d: %v, want %q", c.revision, err, c.want)
		}
	}
	if _, err := (&Client{Address: r.Address, Token: "another"}).Routing(t.Context()); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("with another token: %v", err)
	}
	again := newRig(t, dir)
	if status, _, instance := again.pay(t, "a"); status != http.StatusOK || instance != "one" {
		t.Errorf("a router that was started again routes to %q: %d", instance, status)
	}
	routing, err := again.Routing(t.Context())
	if err != nil || routing.Revision != 5 || routing.Boot == r.boot {
		t.Errorf("%+v, %v", routing, err)
	}
}

// TestLeavingUnderLoad takes instances out and in while requests come: none fails.
func TestLeavingUnderLoad(t *testing.T) {
	r := newRig(t, t.TempDir())
	all := make([]*fake, 4)
	for i := range all {
		all[i] = newFake(t, fmt.Sprintf("in-%d", i))
	}
	revision := int64(0)
	put := func(without int) {
		var in []wire.Routed
		for i, f := range all {
			one := f.routed()
			one.Ready = i != without
			in = append(in, one)
		}
		revision++
		r.put(t, revision, in...)
	}
	put(-1)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var sent, failed atomic.Int64
	var senders sync.WaitGroup
	for s := range 8 {
		senders.Go(func() {
			for n := s; ctx.Err() == nil; n++ {
				status, _, _ := r.pay(t, tenantOf(n%150))
				if sent.Add(1); status != http.StatusOK {
					failed.Add(1)
				}
			}
		})
	}
	for round := range 12 {
		i := round % len(all)
		if round%2 == 0 { // some leave the table first, and some just go
			put(i)
		}
		all[i].draining.Store(true)
		deadline := time.Now().Add(20 * time.Second)
		for had := sent.Load(); sent.Load() < had+50 && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		all[i].Close() // which waits for what it has
		all[i] = newFake(t, all[i].id)
		put(-1)
	}
	stop()
	senders.Wait()
	if failed.Load() > 0 || sent.Load() < 600 {
		t.Errorf("%d of %d requests failed", failed.Load(), sent.Load())
	}
	for id, n := range r.peers.inFlight() {
		if n != 0 {
			t.Errorf("%s has %d requests, and all have ended", id, n)
		}
	}
}

func BenchmarkRequest(b *testing.B) {
	f := &fake{id: "one"}
	f.Server = httptest.NewServer(f)
	defer f.Close()
	r, err := Open(b.TempDir(), "boot")
	if err != nil {
		b.Fatal(err)
	}
	r.plan.Store(NewPlan(wire.Table{Instances: []wire.Routed{f.routed()}, Routes: []wire.Route{{Slot: "blue", Percent: 100}}}))
	s := httptest.NewServer(r.Handler(token))
	defer s.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req, _ := http.NewRequest(http.MethodPost, s.URL+"/pay", strings.NewReader("12.50"))
			req.Header.Set(wire.Tenant, "a")
			res, err := client.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
	})
}
