package simulator

import (
	"context"
	"errors"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// A process that dies at any call or write leaves a folder from which the next one
// goes on to the very same end: byte for byte, as if nothing had died.
func TestStoreCrashAnywhere(t *testing.T) {
	for _, strategy := range engine.Strategies() {
		spec := shorter(to(strategy))
		if strategy == engine.ABTesting {
			spec.ABTesting.TestDuration = period(60e9)
		}
		for _, cfg := range []Config{installed(DefaultConfig()), bad(installed(DefaultConfig()))} {
			whole, all := t.TempDir(), &crash{}
			if crashed := dieIn(t, whole, cfg, spec, all); crashed {
				t.Fatal("it crashed without a reason")
			}
			want := digest(t, whole)
			step := max(1, all.count/40)
			for at := 1; at <= all.count; at += step {
				dir := t.TempDir()
				if crashed := dieIn(t, dir, cfg, spec, &crash{at: at, after: at/step%2 == 0}); !crashed {
					t.Errorf("%s: there was no crash at %d of %d", strategy, at, all.count)
				}
				if crashed := dieIn(t, dir, cfg, spec, &crash{}); crashed {
					t.Fatal("it crashed again")
				}
				if got := digest(t, dir); got != want {
					t.Errorf("%s: after a crash at %d of %d the folder has\n%s\nnot\n%s", strategy, at, all.count, got, want)
				}
			}
		}
	}
}

// dieIn rolls out in a store, or goes on with what it finds, until the end or the
// crash. A crash closes the lock, as the end of a process does, and nothing else.
func dieIn(t *testing.T, dir string, cfg Config, spec engine.Spec, c *crash) (crashed bool) {
	t.Helper()
	ctx := context.Background()
	s := open(t, dir, cfg)
	defer func() {
		switch e := recover(); {
		case e == nil:
		case e == any(errCrash):
			crashed = true
			if err := s.lock.Close(); err != nil {
				t.Fatal(err)
			}
		default:
			panic(e)
		}
	}()
	j, err := latest(ctx, s.Journals(), engine.Production, stripe)
	if errors.Is(err, engine.ErrNoJournal) {
		plan, errPlan := engine.Compile(s.World().NextRollout(), spec, s.World().Snapshot())
		if errPlan != nil {
			t.Fatal(errPlan)
		}
		j, err = s.Journals().Begin(ctx, plan)
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := engine.NewRunner(ctx, engine.Ports{Fleet: crashFleet{s.World(), s.World(), c}, Meter: s.World(), Journal: crashJournal{j, c}, Judge: engine.JudgeByMode{}, Now: s.World().Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.World().Drive(ctx, r, walker.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return false
}
