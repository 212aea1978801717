package notify

import (
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// TestABacklogIsDrained: ten thousand events are told beside a sink that answers nothing, and
// only a few of them are in memory at a time.
func TestABacklogIsDrained(t *testing.T) {
	m, c := newMemory(), &clock{}
	const rollouts = 2500 // with four events each
	for i := range rollouts {
		m.happens(t, planned(fmt.Sprint("r", i), fmt.Sprint("p", i)), begins, passes, promotes)
	}
	told := map[string]int{}
	v := receive(t, nil)
	v.Config.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		told[r.Header.Get("webhook-id")]++
		v.mu.Unlock()
	})
	done := make(chan struct{})
	dead := receive(t, func(http.ResponseWriter, *http.Request, int) { <-done })
	end := sync.OnceFunc(func() { close(done) })
	t.Cleanup(end)
	before := heap()
	s := hook(t, "fast", v.URL)
	s.Events, s.MaxConcurrency = All(), 8
	var time walker.Time
	start := time.Now()
	r := run(t, m, c, s, hook(t, "dead", dead.URL))
	most := before
	eventually(t, "all told", func() bool {
		most = max(most, heap())
		v.mu.Lock()
		defer v.mu.Unlock()
		return len(told) == 4*rollouts
	})
	took := time.Now().Sub(start)
	end()
	r.stop()
	for id, n := range told {
		if n != 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
	if m.held > 2*mostClaimed+8*4+usualConcurrency*4 {
		t.Errorf("%d deliveries were claimed at a time", m.held)
	}
	t.Logf("%d messages in %s, %.0f a second; the heap grew by %d KiB with the store in it; at most %d were claimed", 4*rollouts, took, 4*rollouts/took.Seconds(), (most-before)>>10, m.held)
}

// heap is how much memory is in use.
func heap() int64 {
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}
