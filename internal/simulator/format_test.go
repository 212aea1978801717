package simulator

import (
	"flag"
	"os"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

var writeWorld = flag.Bool("world.write", false, "write the world of the current format anew")

// A world that an earlier build saved in the middle of things can be read, and goes on:
// the file is what the first build with its format wrote. A new format keeps the old
// file, and gets one of its own.
func TestSavedWorldsStayReadable(t *testing.T) {
	for _, file := range []string{"testdata/world-format-1.json", "testdata/world-format-2.json", "testdata/world-format-3.json"} {
		t.Run(file, func(t *testing.T) { staysReadable(t, file, file == "testdata/world-format-3.json") })
	}
}

func staysReadable(t *testing.T, file string, newest bool) {
	if *writeWorld && newest {
		cfg := bad(installed(DefaultConfig()))
		cfg.Tenants, cfg.Instances, cfg.Spare = 20, 3, 1
		cfg.Faults = []Fault{{Kind: CrashLoop, Instances: []string{"instance-02"}, FromSeconds: 30, ToSeconds: 600}}
		w, _ := canaryAtMinute(t, cfg)
		data, err := w.Save()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w, err := Load(data)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Now(); !got.Equal(epoch.Add(time.Minute)) || len(w.Members) != 3 || w.Names[w.Pins[0]] == "1.5.0" {
		t.Errorf("it is another world: %v, %s", got, fleetOf(w))
	}
	w.RunUntil(epoch.Add(20 * time.Minute))
	if in := w.instance("instance-02"); in.Phase != ready || w.Faults[0].Struck < 10 {
		t.Errorf("it does not go on: %s is %s, and died %d times", in.ID, in.Phase, w.Faults[0].Struck)
	}
	if requests, failed := w.Served("1.6.0", epoch.Add(10*time.Minute), epoch.Add(20*time.Minute)); requests == 0 || failed == 0 {
		t.Errorf("%d requests and %d failures in ten minutes", requests, failed)
	}
}

// A folder that an earlier build left, with its journals, can be read, and is rolled out
// to: testdata/fleet-format-1 is what the last build wrote that kept every rollout, whole.
func TestSavedFoldersStayReadable(t *testing.T) {
	const folder = "testdata/fleet-format-1"
	cfg := installed(DefaultConfig())
	cfg.Tenants, cfg.Instances = 300, 2
	worse := DefaultBehaviour()
	worse.ErrorRate = 0.5
	cfg.Versions = map[string]Behaviour{"2.0.0": worse}
	if *writeWorld {
		for _, version := range []string{"1.6.0", "2.0.0", "1.7.0"} {
			deploy(t, folder, cfg, version)
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	_, js, err := Peek(t.Context(), dir, engine.Production, stripe, cfg)
	if err != nil {
		t.Fatal(err)
	}
	heads, err := js.List(t.Context(), engine.Production, stripe, engine.Filter{})
	if err != nil || len(heads) != 3 || heads[0].Rollout != "payment-processor-stripe-production-3" {
		t.Fatalf("the rollouts are %+v, %v", heads, err)
	}
	if last, err := engine.Completed(t.Context(), js, engine.Production, stripe); err != nil || last.Rollout != heads[0].Rollout || last.Baseline != "1.6.0" || len(last.Tenants) != 300 {
		t.Errorf("the last that succeeded is %s from %s, %v", last.Rollout, last.Baseline, err)
	}
	second, err := js.Open(t.Context(), heads[1].Rollout)
	if err != nil {
		t.Fatal(err)
	}
	if plan, _, state, err := engine.LoadState(t.Context(), second); err != nil || state.Outcome != engine.RolledBack || plan.Candidate != "2.0.0" {
		t.Errorf("the second is %s, %v", state, err)
	}
	if state := deploy(t, dir, cfg, "1.8.0"); state.Outcome != engine.Succeeded {
		t.Errorf("it does not go on: %s", state)
	}
}

// A folder that the last version left in the middle of a canary goes on to its end, and
// keeps what it told before: testdata/fleet-format-2 is what the last build wrote whose
// plans had format 2.
func TestSavedCanaryGoesOn(t *testing.T) {
	cfg := installed(DefaultConfig())
	cfg.Tenants, cfg.Instances = 300, 2
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/fleet-format-2")); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, cfg)
	heads, err := s.Journals().List(t.Context(), engine.Production, stripe, engine.Filter{})
	if err != nil || len(heads) != 2 || heads[0].Outcome != "" || heads[1].Outcome != engine.Succeeded {
		t.Fatalf("the rollouts are %+v, %v", heads, err)
	}
	if state := rollIn(t, s, to(engine.Canary), 0); state.Outcome != engine.Succeeded || state.Seq <= heads[0].Events {
		t.Errorf("it goes on to %s", state)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if state := deploy(t, dir, cfg, "1.8.0"); state.Outcome != engine.Succeeded {
		t.Errorf("the next one: %s", state)
	}
}
