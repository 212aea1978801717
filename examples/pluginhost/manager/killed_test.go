package manager_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestHangingInstance stops an instance without ending it: it is not ready, and gets no
// requests, until it goes on.
func TestHangingInstance(t *testing.T) {
	h := newHost(t, 2)
	victim := h.overview().Instances[0]
	signal(t, victim.PID, syscall.SIGSTOP)
	defer func() { _ = syscall.Kill(victim.PID, syscall.SIGCONT) }() // so that it can be stopped
	h.wait("it is not ready, and not routed to", func() bool {
		c := h.look(engine.Change{Instances: first(2)})
		return c.Ready == 1 && len(c.Ailing) > 0 && c.Ailing[0].Failures > 0 && strings.Contains(c.Ailing[0].Reason, "has not answered") && !h.overview().Table.Instances[0].Ready
	})
	signal(t, victim.PID, syscall.SIGCONT)
	h.settle(engine.Change{Instances: first(2)})
	if now := h.overview().Instances[0]; now.PID != victim.PID || now.Deaths != 0 {
		t.Errorf("it was started again: %+v", now)
	}
}

// TestKilledManager kills the manager at random moments while orders are made, under load: no
// request fails, no order is lost or done twice, and nobody is left behind.
func TestKilledManager(t *testing.T) {
	kills := 5
	if text := os.Getenv("HOST_KILLS"); text != "" {
		kills, _ = strconv.Atoi(text)
	}
	h := newHost(t, 3)
	l := h.load(100)
	r := rand.New(rand.NewPCG(14, uint64(kills)))
	changes := []engine.Change{
		{Kind: engine.Replace, Version: "1.6.0", Instances: first(2)},
		{Kind: engine.Provision, Slot: "green", Count: 2, Version: "1.7.0"},
		{Kind: engine.Shift, Routes: []engine.Route{{Slot: "blue", Percent: 50}, {Slot: "green", Percent: 50}}},
		{Kind: engine.Shift, Routes: []engine.Route{{Slot: "blue", Percent: 100}}},
		{Kind: engine.Retire, Slot: "green"},
		{Kind: engine.Install, Version: "1.5.0", Instances: first(3)},
		{Kind: engine.Pin, Version: "1.5.0", Tenants: first(20)},
		{Kind: engine.Unpin, Tenants: first(20)},
		{Kind: engine.Replace, Version: "1.5.0", Instances: first(3)},
		{Kind: engine.Remove, Version: "1.6.0", Instances: first(3)},
	}
	for n := range kills {
		c := changes[n%len(changes)]
		h.seq++
		o := h.order(h.seq, c)
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		made := make(chan error, 1)
		go func() { made <- h.fleet.Make(ctx, o) }()
		time.Sleep(time.Duration(r.IntN(400)) * time.Millisecond)
		h.kill()
		cancel()
		<-made
		h.start()
		if err := h.fleet.Make(context.Background(), o); err != nil { // again, as a client does whose answer was lost
			t.Fatalf("%s: %v", c, err)
		}
		if h.seq > 1 {
			if err := h.fleet.Make(context.Background(), h.order(h.seq-1, changes[(n+1)%len(changes)])); !errors.Is(err, engine.ErrSuperseded) {
				t.Errorf("an older order after the restart: %v", err)
			}
		}
		h.settle(c)
	}
	report := l.end(t)
	if report.Failed > 0 {
		t.Errorf("%+v", report)
	}
	o := h.overview()
	mine := slices.DeleteFunc(h.processes(), func(p string) bool { return !strings.Contains(p, " instance ") })
	if len(mine) != len(o.Instances) {
		t.Errorf("%d processes run for %d instances: %q", len(mine), len(o.Instances), mine)
	}
	t.Logf("%d kills during orders: %d requests, %d failed", kills, report.Requests, report.Failed)
}
