package simulator

import (
	"flag"
	"os"
	"testing"
	"time"
)

var writeWorld = flag.Bool("world.write", false, "write the world of the current format anew")

// A world that an earlier build saved in the middle of things can be read, and goes on:
// the file is what the first build with its format wrote. A new format keeps the old
// file, and gets one of its own.
func TestSavedWorldsStayReadable(t *testing.T) {
	const file = "testdata/world-format-1.json"
	if *writeWorld {
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
	if got := w.Now(); !got.Equal(epoch.Add(time.Minute)) || len(w.Instances) != 3 || w.Names[w.Pins[0]] == "1.5.0" {
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
