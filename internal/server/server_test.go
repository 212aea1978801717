package server_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// TestTakenOver ends the server that walks rollouts without a word. Another one on the same
// store waits for its leases, and then walks them to their ends.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	s, w := openStore(t), newPlaces(4)
	first := run(t, "first", s, w)
	var ids []string
	for _, plugin := range []string{"p0", "p1", "p2", "p3"} {
		ids = append(ids, first.begin(plugin, "1.1.0"))
	}
	second := run(t, "second", s, w)
	first.stop()
	for _, id := range ids {
		if r := until(t, s, id, ended); r.Outcome != engine.Succeeded {
			t.Errorf("%s is %s", id, r.Outcome)
		}
		for stage, n := range began(t, s, id) {
			if n != 1 {
				t.Errorf("%s: stage %d began %d times", id, stage, n)
			}
		}
	}
	second.stop()
}

// deluded is a store whose leases everybody gets.
type deluded struct{ store.Store }

func (deluded) Lease(context.Context, string, string, time.Time, time.Time) error { return nil }

// TestBothWalk has two servers walk the same rollouts at once, as leases that lie let them: of
// each event one of them writes, and the rollouts end as ever.
func TestBothWalk(t *testing.T) {
	t.Parallel()
	s, w := openStore(t), newPlaces(3)
	first, _ := run(t, "first", deluded{s}, w), run(t, "second", deluded{s}, w)
	ids := []string{first.begin("p0", "1.1.0"), first.begin("p1", "2.0.0"), first.begin("p2", "1.1.0")}
	for i, want := range []engine.Outcome{engine.Succeeded, engine.RolledBack, engine.Succeeded} {
		if r := until(t, s, ids[i], ended); r.Outcome != want {
			t.Errorf("%s is %s", ids[i], r.Outcome)
		}
		for stage, n := range began(t, s, ids[i]) {
			if n != 1 {
				t.Errorf("%s: stage %d began %d times", ids[i], stage, n)
			}
		}
	}
}

// TestPanic has a fleet whose looks panic: its rollout says so, and the others go on.
func TestPanic(t *testing.T) {
	t.Parallel()
	s, w := openStore(t), newPlaces(2)
	w["p0"].looks = func() { panic("a fault of ours") }
	r := run(t, "one", s, w)
	bad, good := r.begin("p0", "1.1.0"), r.begin("p1", "1.1.0")
	if got := until(t, s, good, ended); got.Outcome != engine.Succeeded {
		t.Errorf("the other rollout is %s", got.Outcome)
	}
	got, err := s.Rollout(t.Context(), bad)
	if err != nil {
		t.Fatal(err)
	}
	if why, _, _ := r.Standing(&got); !strings.Contains(why, "a fault of ours") {
		t.Errorf("it is not walked because %q", why)
	}
}

// TestSignalsReachWhoWalks says something on one server to a rollout that another one walks.
func TestSignalsReachWhoWalks(t *testing.T) {
	t.Parallel()
	s, w := openStore(t), newPlaces(1)
	first := run(t, "first", s, w)
	id := first.begin("p0", "1.1.0")
	until(t, s, id, func(r store.Rollout) bool { return r.Holder == "first" })
	second := run(t, "second", s, w)
	if _, err := second.Signal(t.Context(), id, engine.Signal{Kind: engine.Aborted, By: "ann", Reason: "enough"}); err != nil {
		t.Fatal(err)
	}
	if r := until(t, s, id, ended); r.Outcome != engine.RolledBack {
		t.Errorf("it is %s", r.Outcome)
	}
}

// asleep is a clock on the wall that somebody moves.
type asleep struct {
	now func() time.Time
	by  atomic.Int64
}

func (a *asleep) wall() time.Time { return a.now().Add(time.Duration(a.by.Load())) }

// TestAfterASleep moves the clock on the wall: what waits is looked at again at once.
func TestAfterASleep(t *testing.T) {
	t.Parallel()
	s, w := openStore(t), newPlaces(1)
	var looked atomic.Int64
	w["p0"].looks = func() { looked.Add(1) }
	clock := &asleep{}
	r := run(t, "one", s, w, func(o *server.Options) { clock.now, o.Wall = o.Now, clock.wall })
	text := `{"pluginId": "p0", "environment": "Production", "version": "1.1.0", "strategy": "Canary", "canaryConfig": {"stages": [10, 100], "evaluationPeriod": "PT24H"}}`
	spec, err := engine.DecodeSpec([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	started, _, err := r.Start(t.Context(), &server.Asked{Environment: engine.Production, Plugin: "p0", Deployment: &spec, Text: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	until(t, s, started.RolloutHead.Rollout, func(r store.Rollout) bool { return r.Stage == "10%" && r.Events > 5 })
	before := looked.Load()
	clock.by.Store(int64(time.Hour))
	until(t, s, started.RolloutHead.Rollout, func(store.Rollout) bool { return looked.Load() > before })
}

// TestFleetAway has a fleet and its metrics away for a while in the midst of a bake: the rollout
// waits, and goes on.
func TestFleetAway(t *testing.T) {
	t.Parallel()
	s, w := openStore(t), newPlaces(1)
	r := run(t, "one", s, w)
	id := r.beginFor("p0", "1.1.0", "PT6S")
	until(t, s, id, func(r store.Rollout) bool { return r.Stage == "10%" && r.Events > 5 })
	away := errors.New("connection refused")
	w["p0"].do(func() { w["p0"].fleet.Blind, w["p0"].fleet.NoMetrics = away, away })
	_ = walker.Pause(t.Context(), 3*time.Second)
	if r, err := s.Rollout(t.Context(), id); err != nil || r.Phase != engine.PhaseProgressing || r.Stage != "10%" {
		t.Errorf("without its fleet it is %s at %s: %v", r.Phase, r.Stage, err)
	}
	w["p0"].do(func() { w["p0"].fleet.Blind, w["p0"].fleet.NoMetrics = nil, nil })
	if r := until(t, s, id, ended); r.Outcome != engine.Succeeded {
		t.Errorf("it is %s", r.Outcome)
	}
}
