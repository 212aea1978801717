package simulator

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

var (
	swarmSeed  = flag.Uint64("swarm.seed", 0, "run the swarm's scenario of this seed alone")
	swarmRuns  = flag.Int("swarm.runs", 600, "how many scenarios the swarm runs")
	swarmFirst = flag.Uint64("swarm.first", 1, "seed of the first of them")
)

// sea draws what a scenario is made of.
type sea struct{ chance.Stream }

func (s *sea) one(n int) int          { return int(s.Below(uint64(n))) }
func (s *sea) maybe(percent int) bool { return s.one(100) < percent }

func pickOne[T any](s *sea, of ...T) T { return of[s.one(len(of))] }

// scenario is what a seed means: a fleet, a version, a spec, faults that stop after
// a while, and people who meddle.
func scenario(seed uint64) (Config, engine.Spec, *sea) {
	s := &sea{chance.StreamOf(seed, chance.ForSwarm)}
	cfg := installed(DefaultConfig())
	cfg.Seed = int64(seed)
	cfg.Instances = pickOne(s, 1, 2, 3, 5, 10, 17)
	cfg.Tenants = pickOne(s, 3, 15, 40, 150)
	cfg.RequestsPerSecond = pickOne(s, 0.5, 5, 150, 1000)
	cfg.Spare = pickOne(s, -1, -1, -1, 0, 1)
	cfg.TenantErrorSpread = pickOne(s, 0, 0, 0.8)
	cfg.MinuteNoise = pickOne(s, 0, 0, 0.25)
	cfg.InstallSeconds = pickOne(s, 0.0, 1, 7)
	cfg.SwitchSeconds = pickOne(s, 0.0, 1, 5)
	cfg.ProvisionSeconds = pickOne(s, 0.0, 60, 200)
	cfg = behaves(cfg, func(b *Behaviour) {
		b.ErrorRate = pickOne(s, 0, 0.01, 0.045, 0.06, 0.2, 1)
		b.LatencyP99Ms = pickOne(s, 150.0, 200, 450, 900)
		b.ConversionRate = pickOne(s, 0.02, 0.03, 0.1)
		b.InstallFailureRate = pickOne(s, 0, 0, 0, 0.1, 0.7)
		b.StartupSeconds = pickOne(s, 0.0, 1, 20)
	})
	spec := shorter(to(pickOne(s, engine.Strategies()...)))
	spec.Environment = pickOne(s, engine.Environments()...)
	if s.maybe(40) && spec.Strategy == engine.Canary {
		spec.Canary.EvaluationPeriod = period(4 * time.Minute)
	}
	if s.maybe(30) {
		spec.Analysis = &engine.AnalysisSettings{Mode: ptr("sequential")}
	}
	if s.maybe(10) && spec.Strategy != engine.ABTesting {
		cfg.Installed = nil
	}
	for range s.one(4) {
		cfg.Faults = append(cfg.Faults, randomFault(s, &cfg))
	}
	if s.maybe(20) {
		cfg.Faults = append(cfg.Faults, Fault{Kind: InstanceJoins, FromSeconds: float64(s.one(120)), Count: 1 + s.one(2)})
	}
	return cfg, spec, s
}

func randomFault(s *sea, cfg *Config) Fault {
	f := Fault{Kind: pickOne(s, FaultKinds()...), FromSeconds: float64(s.one(300))}
	f.ToSeconds = f.FromSeconds + 1 + float64(s.one(400))
	f.Probability = pickOne(s, 0, 0.3, 0.8)
	f.Magnitude = pickOne(s, 0.1, 0.5, 1)
	f.Version = pickOne(s, "", "1.6.0")
	if s.maybe(60) {
		f.Instances = []string{fmt.Sprintf("instance-%02d", 1+s.one(cfg.Instances))}
	}
	switch f.Kind {
	case Latency, SlowStart:
		f.Magnitude = pickOne(s, 2.0, 5, 50)
	case InstanceJoins:
		f.Count = 1 + s.one(3)
	case InstanceLeave:
		f.Instances = []string{fmt.Sprintf("instance-%02d", 1+s.one(cfg.Instances))}
	case TenantFails:
		f.TenantShare = 0.1
	}
	return f
}

// TestSwarm throws dice for everything: strategies, fleets, faults, crashes,
// people. While faults strike, nothing bad may happen: that is what the checkers
// watch. When they have stopped, every rollout must come to an end.
func TestSwarm(t *testing.T) {
	seeds := make([]uint64, 0, *swarmRuns)
	for i := range uint64(*swarmRuns) {
		seeds = append(seeds, i+*swarmFirst)
	}
	if *swarmSeed != 0 {
		seeds = []uint64{*swarmSeed}
	}
	seen := map[string]int{}
	for _, seed := range seeds {
		ok := t.Run("seed="+strconv.FormatUint(seed, 10), func(t *testing.T) { swim(t, seed, seen) })
		if !ok {
			fmt.Fprintf(os.Stderr, "seed=%d: go test ./internal/simulator -run 'TestSwarm$' -swarm.seed=%d -v\n", seed, seed)
		}
	}
	t.Logf("%d scenarios: %v", len(seeds), seen)
	if *swarmSeed != 0 || *swarmRuns < 600 {
		return
	}
	// A rule that never fires in the whole swarm is not tested by it.
	for _, what := range []string{
		"succeeded", "rolled_back", "retained", "crash", "superseded runner", "held", "paused",
		string(engine.Failed), string(engine.RanOut), string(engine.Blinded), string(engine.Extended), string(engine.Surveyed) + " joined",
	} {
		if seen[what] == 0 {
			t.Errorf("%s never happened", what)
		}
	}
}

func swim(t *testing.T, seed uint64, seen map[string]int) {
	cfg, spec, s := scenario(seed)
	w, err := NewWorld(cfg, spec.Environment, spec.PluginID)
	if err != nil {
		t.Fatal(err)
	}
	before, err := engine.ReadSnapshot(t.Context(), w)
	if errors.Is(err, ErrNoFleet) {
		return
	}
	if _, err := engine.Compile("r", spec, before); err != nil {
		seen["refused"]++
		return
	}
	r := beginIn(t, w, engine.NewMemoryJournals(), spec)
	if testing.Verbose() {
		t.Logf("%s on %d instances, %d tenants, faults %+v, 1.6.0 is %+v", spec.Strategy, cfg.Instances, cfg.Tenants, cfg.Faults, cfg.Versions["1.6.0"])
	}
	// Safety: faults, crashes and people for a quarter of an hour.
	c := &crash{}
	r.wrap = crashing(r.world, c)
	for range 1 + s.one(6) {
		if s.maybe(50) {
			*c = crash{at: 1 + s.one(60), after: s.maybe(50)}
		}
		old := r.runner
		r.resume()
		if seen["superseded runner"]++; s.maybe(20) && r.runner.State().InFlight() {
			_, _ = r.step(old) // the old process wakes up once more
			r.resume()
		}
		if crashed := r.attemptFor(time.Duration(s.one(400)) * time.Second); crashed {
			seen["crash"]++
		}
		*c = crash{}
		r.resume()
		r.meddle(s)
		seen[string(r.runner.State().Phase)]++
		r.reload()
	}
	// Liveness: faults end, and somebody speaks where a person is waited for.
	r.untilAt(epoch.Add(1000*time.Second), nil)
	for range 20 {
		state := r.drive()
		if state.Phase == engine.PhaseStuck { // what broke is whole again
			if err := r.runner.Signal(context.Background(), engine.Signal{Kind: engine.Resumed, By: "an operator"}); err != nil {
				t.Fatalf("no way on from %s: %v", state, err)
			}
			seen["stuck"]++
			continue
		}
		if state.Phase == engine.PhaseHeld || state.Phase == engine.PhasePaused {
			kind := engine.Aborted
			if state.Phase == engine.PhasePaused && s.maybe(50) {
				kind = engine.Resumed
			} else if state.Phase == engine.PhaseHeld && s.maybe(50) {
				kind = engine.Promoted
			}
			if err := r.runner.Signal(context.Background(), engine.Signal{Kind: kind, By: "an operator"}); err == nil {
				continue
			}
			if err := r.runner.Signal(context.Background(), engine.Signal{Kind: engine.Resumed, By: "an operator"}); err != nil {
				t.Fatalf("no way on from %s: %v", state, err)
			}
			continue
		}
		break
	}
	end := r.runner.State()
	seen[string(end.Outcome)]++
	for _, e := range r.watcher.events {
		seen[string(e.Kind)]++
		if e.Kind == engine.Surveyed && len(e.Targets) > 0 {
			seen["surveyed joined"]++
		}
	}
	if end.InFlight() || end.Outcome == engine.Stuck {
		t.Errorf("the faults are over, and the rollout does not end: %s", end)
	}
	r.kept()
}

// meddle lets a person speak, sometimes.
func (r *run) meddle(s *sea) {
	if !s.maybe(30) {
		return
	}
	kind := pickOne(s, engine.Paused, engine.Resumed, engine.Promoted, engine.Aborted)
	_ = r.runner.Signal(context.Background(), engine.Signal{Kind: kind, By: "an operator"}) // refused where it is not allowed
}

// step lets a runner do what it can.
func (r *run) step(runner *engine.Runner) (crashed bool, err error) {
	defer func() {
		switch e := recover(); {
		case e == nil:
		case e == any(errCrash):
			crashed = true
		default:
			panic(e)
		}
	}()
	_, err = runner.Advance(context.Background())
	return false, err
}

// attemptFor drives the rollout for a while and says whether its runner crashed.
func (r *run) attemptFor(d time.Duration) (crashed bool) {
	r.t.Helper()
	defer func() {
		switch e := recover(); {
		case e == nil:
		case e == any(errCrash):
			crashed = true
		default:
			panic(e)
		}
	}()
	r.pass(d)
	return false
}
