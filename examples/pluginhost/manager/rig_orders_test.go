package manager_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/load"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// order is the next order of the rollout, or the one with a number.
func (h *host) order(seq int64, c engine.Change) engine.Order {
	return engine.Order{
		Rollout: "tried", Ordinal: 1, Seq: seq, Candidate: "1.6.0", Change: c, Targets: h.targets,
		Instances: h.targets.Instances[c.Instances.From:c.Instances.To], Tenants: h.targets.Tenants[c.Tenants.From:c.Tenants.To],
	}
}

// make sends an order, and waits until it is in effect.
func (h *host) make(c engine.Change) engine.Condition {
	h.t.Helper()
	h.seq++
	if err := h.fleet.Make(context.Background(), h.order(h.seq, c)); err != nil {
		h.t.Fatalf("%s: %v", c, err)
	}
	return h.settle(c)
}

// settle waits until nothing is pending, and all that c is about is ready.
func (h *host) settle(c engine.Change) (got engine.Condition) {
	h.t.Helper()
	h.wait(fmt.Sprintf("%s is in effect", c), func() bool {
		got = h.look(c)
		return got.Pending == 0 && got.Ready == got.Watched && !got.At.IsZero()
	})
	if got.BrokenCount > 0 {
		h.t.Fatalf("%s: %+v", c, got.Broken)
	}
	return got
}

func (h *host) look(c engine.Change) engine.Condition {
	got, err := h.fleet.Look(context.Background(), engine.Watch{
		Rollout: "tried", Candidate: "1.6.0", Instances: h.targets.Instances[c.Instances.From:c.Instances.To], Slot: c.Slot, Targets: h.targets,
		Failures: 3, Since: time.Now().Add(-time.Hour),
	})
	if err != nil {
		return engine.Condition{Pending: 1} // it is away, or not there yet
	}
	return got
}

// snapshot is the whole fleet.
func (h *host) snapshot() engine.Snapshot {
	h.t.Helper()
	s, err := engine.ReadSnapshot(context.Background(), h.fleet)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// all are the first n instances.
func first(n int) engine.Range { return engine.Range{To: n} }

// loaded is traffic that is under way.
type loaded struct {
	stop context.CancelFunc
	done chan error
	sum  *load.Summary
	sent func() int64
}

// load sends requests to the router until it is stopped.
func (h *host) load(rate float64) *loaded {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l := &loaded{stop: cancel, done: make(chan error, 1), sum: load.NewSummary()}
	var mu sync.Mutex
	n := int64(0)
	l.sent = func() int64 { mu.Lock(); defer mu.Unlock(); return n }
	o := load.Options{To: "http://" + h.overview().Router + "/pay", Tenants: 40, Spread: 0.5, Rate: rate, Most: 2000, Timeout: 30 * time.Second, Seed: 14}
	go func() {
		l.done <- load.Run(ctx, o, func(o load.Outcome) {
			mu.Lock()
			defer mu.Unlock()
			l.sum.Add(o)
			n++
		})
	}()
	h.t.Cleanup(cancel)
	h.wait("requests are served", func() bool { return l.sent() > 20 })
	return l
}

// end stops it, and says what came of it.
func (l *loaded) end(t *testing.T) load.Report {
	t.Helper()
	l.stop()
	if err := <-l.done; err != nil {
		t.Fatal(err)
	}
	return l.sum.Report()
}

// signal signals a process.
func signal(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if pid <= 0 {
		t.Fatalf("there is no process to signal: %d", pid)
	}
	if err := syscall.Kill(pid, s); err != nil {
		t.Fatal(err)
	}
}

// routerPID is the router's process.
func (h *host) routerPID() int {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		text, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		args := bufio.NewScanner(bytes.NewReader(bytes.ReplaceAll(text, []byte{0}, []byte{'\n'})))
		mine := bytes.Contains(text, []byte(h.state+"/"))
		for n := 0; args.Scan(); n++ {
			if n == 1 && args.Text() == "router" && mine {
				pid, _ := strconv.Atoi(e.Name())
				return pid
			}
		}
	}
	return 0
}
