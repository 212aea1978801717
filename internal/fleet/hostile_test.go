package fleet_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/watch"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

var (
	hostileSeed = flag.Uint64("hostile.seed", 0, "play this seed alone; 0: from 1 on")
	hostileRuns = flag.Int("hostile.runs", 20, "how many seeds to play")
)

// shared is a world that is used by a server and by the clock of whoever walks.
type shared struct {
	mu sync.Mutex
	w  *simulator.World
}

func (s *shared) do(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *shared) Now() (now time.Time) {
	s.do(func() { now = s.w.Now() })
	return now
}

func (s *shared) Sleep(ctx context.Context, until time.Time) error {
	s.do(func() { s.w.RunUntil(until) })
	return ctx.Err()
}

// watchedJournals has every journal watched.
type watchedJournals struct {
	engine.Journals
	x **watch.Watcher
}

func (w watchedJournals) Begin(ctx context.Context, p engine.Plan) (engine.Journal, error) {
	j, err := w.Journals.Begin(ctx, p)
	if err != nil {
		return nil, err
	}
	return (*w.x).Journal(j), nil
}

func (w watchedJournals) Open(ctx context.Context, id string) (engine.Journal, error) {
	j, err := w.Journals.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	return (*w.x).Journal(j), nil
}

// watchedFleet has the orders of the rollout watched, once there is one.
type watchedFleet struct {
	engine.Fleet
	x **watch.Watcher
}

func (w watchedFleet) Make(ctx context.Context, o engine.Order) error {
	if *w.x == nil {
		return w.Fleet.Make(ctx, o)
	}
	return (*w.x).Fleet(w.Fleet).Make(ctx, o)
}

// played is a rollout that was walked through chaos.
type played struct {
	state      engine.State
	violations []watch.Violation
	runners    int
	meddled    map[string]int
}

// playHostile walks a rollout on a simulated fleet with chaos between the two.
func playHostile(t *testing.T, seed uint64, spec engine.Spec, rate float64) played {
	t.Helper()
	cfg := simulator.DefaultConfig()
	cfg.Seed = int64(seed)
	cfg.Installed = map[string]string{"gateway": "1.5.0"}
	bad := simulator.DefaultBehaviour()
	bad.ErrorRate = 0.3
	cfg.Versions = map[string]simulator.Behaviour{"9.9.9": bad}
	w, err := simulator.NewWorld(cfg, engine.Production, "gateway")
	if err != nil {
		t.Fatal(err)
	}
	world := &shared{w: w}
	var x *watch.Watcher
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another host was asked") }))
	t.Cleanup(elsewhere.Close)
	handler := server.New(server.Options{Token: func() (string, error) { return secret, nil }, Now: world.Now}, server.World{
		Environment: engine.Production, Plugin: "gateway", Fleet: watchedFleet{w, &x}, Meter: w, Journals: watchedJournals{engine.NewMemoryJournals(), &x}, Now: world.Now, Do: world.do,
	})
	between := newChaos(seed, 0, world.Now, handler)
	between.other, between.slow = elsewhere.URL, 400*time.Millisecond
	s := httptest.NewServer(between)
	t.Cleanup(s.Close)
	settings := connect.Settings{Path: "fleet", Address: s.URL, HTTP: config.DefaultHTTPClientConfig, Timeout: 300 * time.Millisecond}
	settings.HTTP.Authorization = &config.Authorization{Credentials: secret}
	c, err := client.NewWaiting(settings, client.Waits{First: time.Millisecond, Longest: 4 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	far := c.World(engine.Production, "gateway")
	before, err := engine.ReadSnapshot(t.Context(), far)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := engine.Compile("r1", spec, before)
	if err != nil {
		t.Fatal(err)
	}
	world.do(func() { x = watch.New(w.Watchable(), &plan, w.Snapshot()) })
	between.rate = rate
	p := played{meddled: between.count}
	deadline := world.Now().Add(2*engine.Longest(&plan) + time.Hour)
	begin := func() (engine.Journal, error) { return far.Begin(t.Context(), plan) }
	for ; p.runners < 200 && (p.runners == 0 || p.state.InFlight()); p.runners++ {
		p.state = walkOnce(t, far, world, begin, plan.Rollout, fmt.Sprintf("w%d", p.runners), deadline)
	}
	between.rate = 0
	world.do(func() {
		x.Holds(p.state)
		p.violations = x.End()
	})
	return p
}

// walkOnce is one process that begins the rollout or goes on with it, as far as it gets.
func walkOnce(t *testing.T, far *client.World, world *shared, begin func() (engine.Journal, error), rollout, writer string, deadline time.Time) engine.State {
	ctx := t.Context()
	j, err := far.Open(ctx, rollout)
	if errors.Is(err, engine.ErrNoJournal) {
		j, err = begin()
	}
	nobody := engine.NewState()
	if err != nil {
		return nobody
	}
	r, err := engine.NewRunner(ctx, engine.Ports{Fleet: far, Meter: far, Journal: j, Judge: engine.JudgeByMode{}, Now: world.Now, Writer: writer})
	if err != nil {
		return nobody
	}
	err = walker.Walk(ctx, r, world, walker.Options{Deadline: deadline, Budget: 5 * time.Minute})
	if errors.Is(err, walker.ErrDeadline) {
		t.Errorf("it has no end: %s", r.State().Reason)
		s := r.State()
		s.Outcome = engine.Stuck // so that nobody goes on
		return s
	}
	return r.State()
}

// strategies are all of them, with short stages.
func strategies(version string) []engine.Spec {
	minute, ab := engine.Duration(2*time.Minute), engine.Duration(10*time.Minute)
	base := engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: version}
	var specs []engine.Spec
	for _, s := range []engine.Strategy{engine.Direct, engine.Canary, engine.BlueGreen, engine.Rolling, engine.ABTesting} {
		spec := base
		spec.Strategy = s
		switch s {
		case engine.Canary:
			spec.Canary = &engine.CanarySettings{EvaluationPeriod: &minute}
		case engine.BlueGreen:
			spec.BlueGreen = &engine.BlueGreenSettings{MonitoringPeriod: &minute, WarmupPeriod: &minute}
		case engine.Rolling:
			spec.Rolling = &engine.RollingSettings{BatchSize: &engine.BatchSize{N: 25, Percent: true}, WaitBetweenBatches: &minute}
		case engine.ABTesting:
			spec.ABTesting = &engine.ABTestingSettings{TestDuration: &ab}
		}
		specs = append(specs, spec)
	}
	return specs
}

// TestHostile plays rollouts of every strategy, good and bad versions, with something
// wrong between client and fleet every now and then. Each ends, keeps every promise, and
// no bad version gets through.
func TestHostile(t *testing.T) {
	from, to := uint64(1), uint64(*hostileRuns)
	if *hostileSeed > 0 {
		from, to = *hostileSeed, *hostileSeed
	}
	meddled, runners, ended := map[string]int{}, 0, map[string]int{}
	for seed := from; seed <= to; seed++ {
		version := "1.6.0"
		if seed%2 == 0 {
			version = "9.9.9"
		}
		spec := strategies(version)[seed/2%5]
		p := playHostile(t, seed, spec, []float64{0.02, 0.05, 0.15}[seed%3])
		if len(p.violations) > 0 || p.state.InFlight() && p.state.Phase != engine.PhaseHeld || version == "9.9.9" && p.state.Outcome == engine.Succeeded {
			t.Errorf("seed %d: %s of %s ended %s (%s) after %d runners, violations %v\n\tgo test ./internal/fleet -run TestHostile -hostile.seed %d",
				seed, spec.Strategy, version, p.state.Phase, p.state.Reason, p.runners, p.violations, seed)
		}
		for name, n := range p.meddled {
			meddled[name] += n
		}
		runners += p.runners
		ended[string(p.state.Phase)]++
	}
	t.Logf("%d runners, ended %v, meddled %v", runners, ended, meddled)
	if *hostileSeed > 0 {
		return
	}
	for _, f := range faults {
		if meddled[f.name] == 0 {
			t.Errorf("%q was never tried", f.name)
		}
	}
	if ended["succeeded"] == 0 {
		t.Error("no good version ever got through")
	}
}
