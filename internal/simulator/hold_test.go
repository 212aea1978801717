package simulator

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// A fleet keeps what it was made with where nothing is said about it, and refuses what
// is said otherwise.
func TestLeftToTheFleet(t *testing.T) {
	made := DefaultConfig()
	made.Instances, made.Tenants, made.Seed, made.Spare, made.MinuteNoise, made.TenantErrorSpread = 7, 33, 9, 2, 0.25, 0.5
	made.Installed = map[string]string{stripe: "1.5.0"}
	made.Faults = []Fault{{Kind: ErrorSpike, Version: "1.6.0", Magnitude: 0.5}}
	dir := t.TempDir()
	if err := open(t, dir, made).Close(); err != nil {
		t.Fatal(err)
	}
	peek := func(c Config) (*World, error) {
		w, _, err := Peek(context.Background(), dir, engine.Production, stripe, c)
		return w, err
	}
	open := DefaultConfig()
	open.Left, open.RequestsPerSecond = Held(), 77
	w, err := peek(open)
	if err != nil {
		t.Fatal(err)
	}
	if c := w.Config(); c.Instances != 7 || c.Tenants != 33 || c.Seed != 9 || c.Installed[stripe] != "1.5.0" || len(c.Faults) != 1 || c.RequestsPerSecond != 77 {
		t.Errorf("the fleet is now %+v", c)
	}
	s, err := Open(context.Background(), dir, engine.Production, stripe, open, nil)
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"instances": func(c *Config) { c.Instances = 8 },
		"seed":      func(c *Config) { c.Seed = 1 },
		"installed": func(c *Config) { c.Installed = map[string]string{"other": "1", stripe: "1.4.0"} },
		"faults":    func(c *Config) { c.Faults = nil },
	} {
		c := open
		c.Left = nil
		for _, left := range Held() {
			if left != name {
				c.Left = append(c.Left, left)
			}
		}
		change(&c)
		var folder *FolderError
		if _, err := peek(c); !errors.As(err, &folder) || !strings.Contains(err.Error(), "simulated."+name) || strings.Count(err.Error(), "\n") != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := open
	other.Installed = map[string]string{"other": "1"}
	if _, err := peek(other); err != nil {
		t.Errorf("a plugin that is not listed any more: %v", err)
	}
	// A new fleet takes what is there.
	if w, _, err := Peek(context.Background(), t.TempDir(), engine.Production, stripe, open); err != nil || w.Config().Instances != 10 {
		t.Errorf("a new fleet: %v", err)
	}
	if left, err := os.ReadFile(dir + "/Production/" + stripe + "/" + worldFile); err != nil || strings.Contains(string(left), "Left") {
		t.Errorf("what was left open is saved: %v", err)
	}
}

// What is said of a plugin's version goes before what is said of the version.
func TestBehaviourOfAPlugin(t *testing.T) {
	rate := func(r float64) Behaviour { b := DefaultBehaviour(); b.ErrorRate = r; return b }
	cfg := DefaultConfig()
	cfg.Versions = map[string]Behaviour{"2.1.0": rate(0.2), "payments@2.1.0": rate(0.3), "payments@v1@sha256:0f": rate(0.4), "sha256:0f": rate(0.5)}
	for _, c := range []struct {
		plugin, version string
		want            float64
	}{
		{"payments", "2.1.0", 0.3},
		{"orders", "2.1.0", 0.2},
		{"payments", "2.2.0", 0.01},
		{"payments", "v1@sha256:0f", 0.4},
		{"orders", "v1@sha256:0f", 0.01},
		{"payments", "sha256:0f", 0.5},
	} {
		w, err := NewWorld(cfg, engine.QA, c.plugin)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.behaviourOf(c.version).ErrorRate; got != c.want {
			t.Errorf("%s %s errs in %v, want %v", c.plugin, c.version, got, c.want)
		}
	}
}

// Where the file system does not tell Prod from prod, the fleet of one is not taken for
// that of the other.
func TestEnvironmentsThatDifferInCase(t *testing.T) {
	dir := t.TempDir()
	at := func(e engine.Environment) error {
		s, err := Open(context.Background(), dir, e, stripe, DefaultConfig(), nil)
		if err == nil {
			err = s.Close()
		}
		return err
	}
	if err := at("Prod"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir+"/Prod", dir+"/prod"); err != nil {
		t.Skip(err)
	}
	if err := at("prod"); err == nil || !strings.Contains(err.Error(), "holds the fleet of "+stripe+" in Prod") {
		t.Errorf("prod opens the fleet of Prod: %v", err)
	}
	if _, _, err := Peek(context.Background(), dir, "prod", stripe, DefaultConfig()); err == nil {
		t.Error("prod looks at the fleet of Prod")
	}
	for _, e := range []engine.Environment{"..", "a/b", "", "Production "} {
		if err := at(e); err == nil {
			t.Errorf("there is a fleet in %q", e)
		}
	}
}

// TestWhatAFleetLacksMayChange: a fleet that exists may come to lack something, or to be
// scraped, and what was told of its past is told otherwise from then on.
func TestWhatAFleetLacksMayChange(t *testing.T) {
	w, err := NewWorld(installed(DefaultConfig()), engine.Production, stripe)
	if err != nil {
		t.Fatal(err)
	}
	w.RunUntil(epoch.Add(10 * time.Minute))
	before := askOf(t, w, 0, 10*time.Minute, engine.WantCounts|engine.WantByTenant).Baseline
	cfg := w.Config()
	cfg.Can = map[engine.Capability]bool{engine.CanByTenant: false}
	cfg.Metrics.Resolution, cfg.Metrics.Resets = engine.Duration(time.Minute), 20
	if err := w.Reconfigure(cfg); err != nil {
		t.Fatal(err)
	}
	after := askOf(t, w, 0, 10*time.Minute, engine.WantCounts|engine.WantByTenant).Baseline
	if len(before.PerTenant) == 0 || after.PerTenant != nil || after.Requests >= before.Requests || !w.lacks(engine.CanByTenant) {
		t.Errorf("before: %d requests of %d tenants, and then %d of %d", before.Requests, len(before.PerTenant), after.Requests, len(after.PerTenant))
	}
	if err := w.Reconfigure(installed(DefaultConfig())); err != nil {
		t.Fatal(err)
	}
	if again := askOf(t, w, 0, 10*time.Minute, engine.WantCounts).Baseline; again.Requests != before.Requests {
		t.Errorf("as it was, %d requests are told, and before %d", again.Requests, before.Requests)
	}
}
