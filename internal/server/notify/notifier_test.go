package notify

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// types are those of the messages that a receiver got, in order.
func types(t testing.TB, all []got) []string {
	t.Helper()
	var types []string
	for _, g := range all {
		var p struct{ Type string }
		if err := json.Unmarshal(g.body, &p); err != nil {
			t.Fatal(err)
		}
		types = append(types, strings.TrimPrefix(p.Type, "rollout."))
	}
	return types
}

func TestMessagesArriveInOrder(t *testing.T) {
	m, v := newMemory(), receive(t, nil)
	m.happens(t, planned("r1", "stripe"), begins, passes, promotes, begins, fails, back)
	run(t, m, &clock{}, hook(t, "a", v.URL+"/x?key=1"))
	eventually(t, "all told", m.idle)
	if got, want := types(t, v.all()), []string{"started", "held", "decided", "rolling_back", "rolled_back"}; !slices.Equal(got, want) {
		t.Errorf("want %v, got %v", want, got)
	}
	var p payload
	last := v.all()[4]
	if err := json.Unmarshal(last.body, &p); err != nil {
		t.Fatal(err)
	}
	d := p.Data
	if last.path != "/x?key=1" || last.header.Get("User-Agent") != "hotswap-test" || last.header.Get("Content-Type") != "application/json" {
		t.Errorf("got %s, %v", last.path, last.header)
	}
	if d.Rollout.Rollout != "r1" || d.Stage != "100 %" || d.Evidence == nil || d.Evidence.Requests != 1000 || d.Evidence.Findings[0].Observed != 0.09 ||
		d.URL != "https://hotswap.example.com/rollouts/r1" || !strings.Contains(d.Reason, "The gate of stage") || !p.Timestamp.Equal(dawn.Add(6*time.Minute)) {
		t.Errorf("got %s", last.body)
	}
}

// TestSinksChoose: each sink hears of what it asked for, and of nothing else.
func TestSinksChoose(t *testing.T) {
	m, v := newMemory(), receive(t, nil)
	m.happens(t, planned("r1", "stripe"), begins, passes, promotes, begins, passes, surveys, over)
	m.happens(t, planned("r2", "paypal"), begins, passes)
	stages, other, plugin := hook(t, "stages", v.URL+"/stages"), hook(t, "other", v.URL+"/other"), hook(t, "plugin", v.URL+"/plugin")
	stages.Events, other.Environments, plugin.Plugins = []What{Stage}, []engine.Environment{"Staging"}, []string{"paypal"}
	run(t, m, &clock{}, stages, other, plugin)
	eventually(t, "all told", m.idle)
	counts := map[string]int{}
	for _, g := range v.all() {
		counts[g.path]++
	}
	if counts["/stages"] != 3 || counts["/other"] != 0 || counts["/plugin"] != 2 {
		t.Errorf("got %v", counts)
	}
}

func TestWhatFailsIsTriedAgainWithTheSameID(t *testing.T) {
	m, c := newMemory(), &clock{}
	v := receive(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n <= 2 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	m.happens(t, planned("r1", "stripe"), begins, passes)
	run(t, m, c, hook(t, "a", v.URL))
	eventually(t, "failed once", func() bool { all := m.of("a"); return len(all) == 2 && all[0].Attempts == 1 && !all[1].Due.IsZero() })
	first := m.of("a")[0]
	if wait := first.Due.Sub(c.now()); wait < 4*time.Second || wait > 6*time.Second || first.Failed != "it answered 500 Internal Server Error" {
		t.Errorf("again after %s: %s", wait, first.Failed)
	}
	if len(v.all()) != 1 {
		t.Errorf("a later message of the rollout overtook one that waits: %d requests", len(v.all()))
	}
	c.skip(6 * time.Second)
	eventually(t, "failed twice", func() bool {
		all := m.of("a")
		return len(all) > 0 && all[0].Attempts == 2 && all[1].Due.After(all[0].Due)
	})
	if wait := m.of("a")[0].Due.Sub(c.now()); wait < 290*time.Second || wait > 331*time.Second {
		t.Errorf("again after %s", wait)
	}
	c.skip(331 * time.Second)
	eventually(t, "the first one told", func() bool { return len(m.of("a")) <= 1 })
	c.skip(2 * time.Second)
	eventually(t, "all told", m.idle)
	all := v.all()
	ids := map[string]int{}
	for _, g := range all {
		ids[g.header.Get("webhook-id")]++
	}
	if len(all) != 4 || ids[messageID("a", "r1", -1)] != 3 || ids[messageID("a", "r1", 1)] != 1 {
		t.Errorf("got %v", ids)
	}
}

// TestGivenUp: after three days of tries there is none any more, and what comes after is told.
func TestGivenUp(t *testing.T) {
	m, c := newMemory(), &clock{}
	v := receive(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.Header.Get("webhook-id") == messageID("a", "r1", -1) {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	m.happens(t, planned("r1", "stripe"), begins, passes)
	r := run(t, m, c, hook(t, "a", v.URL))
	for n := 1; n <= len(waits); n++ {
		eventually(t, fmt.Sprintf("tried %d times", n), func() bool {
			all := m.of("a")
			return len(all) > 0 && all[0].Attempts == n && all[0].Due.After(c.now())
		})
		c.skip(waits[n-1] + waits[n-1]/9 + time.Second)
	}
	eventually(t, "given up", func() bool { all := m.of("a"); return len(all) > 0 && all[0].Attempts == 10 && all[0].Due.IsZero() })
	c.skip(time.Minute)
	eventually(t, "the next one told", func() bool { return m.idle() && len(v.all()) == 11 })
	if backlog, _ := m.Pending(t.Context()); backlog["a"].GivenUp != 1 || !strings.Contains(r.log.String(), "a message was given up") {
		t.Errorf("got %v and %s", backlog, r.log)
	}
}

func TestGone(t *testing.T) {
	m := newMemory()
	v := receive(t, status(http.StatusGone))
	m.happens(t, planned("r1", "stripe"), begins, passes)
	m.happens(t, planned("r2", "paypal"), begins, passes)
	s := hook(t, "a", v.URL)
	s.MaxConcurrency = 1
	r := run(t, m, &clock{}, s)
	eventually(t, "over", m.idle)
	if n := len(v.all()); n != 1 {
		t.Errorf("%d requests after 410 Gone", n)
	}
	if len(m.of("a")) != 4 || !strings.Contains(r.log.String(), "a receiver wants nothing any more") {
		t.Errorf("got %v and %s", m.of("a"), r.log)
	}
}

func TestRetryAfter(t *testing.T) {
	m, c := newMemory(), &clock{}
	v := receive(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	m.happens(t, planned("r1", "stripe"))
	run(t, m, c, hook(t, "a", v.URL))
	eventually(t, "failed", func() bool { all := m.of("a"); return len(all) == 1 && all[0].Attempts == 1 })
	if wait := m.of("a")[0].Due.Sub(c.now()); wait < 115*time.Second || wait > 121*time.Second {
		t.Errorf("again after %s", wait)
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{"": 0, "x": 0, "-5": 0, "90": 90 * time.Second, "Sun, 01 Mar 2026 12:01:00 GMT": time.Minute, "Sun, 01 Mar 2026 11:00:00 GMT": 0} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: want %s, got %s", header, want, got)
		}
	}
	if at, _ := next(now, 1, 1000*time.Hour); at.After(now.Add(mostAfter)) {
		t.Errorf("put off until %s", at)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	m := newMemory()
	stolen := receive(t, nil)
	v := receive(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		http.Redirect(w, r, stolen.URL+"/hush", http.StatusTemporaryRedirect)
	})
	m.happens(t, planned("r1", "stripe"))
	run(t, m, &clock{}, hook(t, "a", v.URL))
	eventually(t, "failed", func() bool { all := m.of("a"); return len(all) == 1 && all[0].Attempts == 1 })
	if failed := m.of("a")[0].Failed; len(stolen.all()) != 0 || failed != "it answered 307 Temporary Redirect, and redirects are not followed" {
		t.Error(failed)
	}
}

// TestPrivateAddresses: a name that resolves to this machine is refused where it is dialed.
func TestPrivateAddresses(t *testing.T) {
	m := newMemory()
	v := receive(t, nil)
	m.happens(t, planned("r1", "stripe"))
	s := hook(t, "a", strings.Replace(v.URL, "127.0.0.1", "localhost", 1)+"/hush-hush?key=hush")
	s.AllowPrivateAddresses = false
	run(t, m, &clock{}, s)
	eventually(t, "failed", func() bool { all := m.of("a"); return len(all) == 1 && all[0].Attempts == 1 })
	failed := m.of("a")[0].Failed
	if len(v.all()) != 0 || !strings.Contains(failed, "only public addresses are allowed") || strings.Contains(failed, "hush") {
		t.Error(failed)
	}
}

// TestACrashBetweenSendAndSettle: what was sent and not settled is sent again, under the same
// id, when its claim lapses.
func TestACrashBetweenSendAndSettle(t *testing.T) {
	m, c, v := newMemory(), &clock{}, receive(t, nil)
	m.happens(t, planned("r1", "stripe"))
	m.forgetful = 1
	r := run(t, m, c, hook(t, "a", v.URL))
	eventually(t, "sent", func() bool { return strings.Contains(r.log.String(), "could not be read or settled") })
	r.stop()
	c.skip(time.Minute)
	run(t, m, c, hook(t, "a", v.URL))
	eventually(t, "settled", m.idle)
	all := v.all()
	if len(all) != 2 || all[0].header.Get("webhook-id") != all[1].header.Get("webhook-id") || string(all[0].body) != string(all[1].body) {
		t.Errorf("%d requests", len(all))
	}
}

// TestStoppedWhileSending: what is under way when the server stops is given back, and another
// server has it at once.
func TestStoppedWhileSending(t *testing.T) {
	m, c := newMemory(), &clock{}
	hanging := make(chan struct{})
	v := receive(t, func(_ http.ResponseWriter, r *http.Request, n int) {
		if n == 1 {
			close(hanging)
			<-r.Context().Done()
		}
	})
	m.happens(t, planned("r1", "stripe"), begins, passes)
	s := hook(t, "a", v.URL)
	s.Timeout = engine.Duration(30 * time.Second)
	r := run(t, m, c, s)
	<-hanging
	r.stop()
	for _, d := range m.of("a") {
		if d.Attempts != 0 || d.Due.After(c.now()) {
			t.Errorf("got %+v", d)
		}
	}
	run(t, m, c, s)
	eventually(t, "all told", m.idle)
}

// TestASlowSinkDelaysNoOther: one that hangs has no part in how soon others are told.
func TestASlowSinkDelaysNoOther(t *testing.T) {
	m, c := newMemory(), &clock{}
	done := make(chan struct{})
	slow := receive(t, func(http.ResponseWriter, *http.Request, int) { <-done })
	end := sync.OnceFunc(func() { close(done) })
	t.Cleanup(end)
	fast := receive(t, nil)
	const n = 200
	for i := range n {
		m.happens(t, planned(fmt.Sprint("r", i), fmt.Sprint("p", i)), begins)
	}
	s := hook(t, "slow", slow.URL)
	s.Timeout = engine.Duration(30 * time.Second)
	var began walker.Time
	start := began.Now()
	r := run(t, m, c, s, hook(t, "fast", fast.URL))
	eventually(t, "the fast one told", func() bool { return len(fast.all()) == n && len(m.of("fast")) == 0 })
	took := began.Now().Sub(start)
	if took > 3*time.Second {
		t.Errorf("it took %s", took)
	}
	if got := len(slow.all()); got != usualConcurrency {
		t.Errorf("%d attempts at a time", got)
	}
	t.Logf("%d messages beside a sink that hangs: %s", n, took)
	end()
	r.stop()
}

func TestAnUnknownSinkIsGivenUp(t *testing.T) {
	m, c, v := newMemory(), &clock{}, receive(t, status(http.StatusBadGateway))
	m.happens(t, planned("r1", "stripe"))
	r := run(t, m, c, hook(t, "a", v.URL))
	eventually(t, "failed", func() bool { all := m.of("a"); return len(all) == 1 && all[0].Attempts == 1 })
	r.stop()
	c.skip(time.Minute)
	run(t, m, c, hook(t, "b", v.URL))
	eventually(t, "given up", m.idle)
	if d := m.of("a")[0]; d.Failed != "no sink of this name is configured any more" {
		t.Errorf("got %+v", d)
	}
}
