package simulator

import (
	"errors"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Deaths are counted in the time that is asked about, and only since the newest version
// on the instance started. An instance that is back and well is told of for them.
func TestDeathsAreCounted(t *testing.T) {
	cfg := faulty(
		Fault{Kind: CrashLoop, Instances: []string{"instance-02"}, FromSeconds: 10, ToSeconds: 62},
		Fault{Kind: InstanceCrash, Instances: []string{"instance-05"}, FromSeconds: 0.5, ToSeconds: 0.9},
	)
	w, plan := canaryAtMinute(t, cfg)
	w.RunUntil(epoch.Add(70 * time.Second))
	ailing := func(from time.Duration) []engine.Ailing {
		m, err := w.Look(t.Context(), engine.Watch{
			Rollout: plan.Rollout, Candidate: plan.Candidate, Instances: plan.Instances, Since: epoch.Add(from),
		})
		if err != nil {
			t.Fatal(err)
		}
		return m.Ailing
	}
	// instance-05 died while 1.6.0 was installed on it, before it started.
	if got := ailing(0); len(got) != 1 || got[0].Instance != "instance-02" || got[0].Deaths != 3 || !got[0].Ready || got[0].Failures != 0 {
		t.Errorf("in all: %+v, want three deaths of instance-02", got)
	}
	if got := ailing(50 * time.Second); len(got) != 1 || got[0].Deaths != 1 {
		t.Errorf("from 50 s on: %+v, want one death", got)
	}
	if got := ailing(65 * time.Second); len(got) != 0 {
		t.Errorf("from 65 s on: %+v, want none", got)
	}
}

// canaryAtMinute is a world in which 15 tenants are on 1.6.0, a minute after it began.
func canaryAtMinute(t *testing.T, cfg Config) (*World, *engine.Plan) {
	t.Helper()
	w, err := NewWorld(cfg, engine.Production, stripe)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := engine.Compile(w.NextRollout(), to(engine.Canary), w.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range append(plan.Stages[0].Changes, plan.Stages[1].Changes...) {
		order(t, w, &plan, c, nil)
	}
	w.RunUntil(epoch.Add(time.Minute))
	return w, &plan
}

func order(t *testing.T, w *World, plan *engine.Plan, c engine.Change, want error) {
	t.Helper()
	err := w.Make(t.Context(), orderOf(plan, w.Seq+1, c))
	if !errors.Is(err, want) && (want == nil || len(w.cfg.Faults) > 0) {
		t.Fatalf("%s: %v, want %v", c, err, want)
	}
}
