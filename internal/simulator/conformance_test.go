package simulator_test

import (
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// conforms holds a world to what every fleet must do.
func conforms(t *testing.T, change func(*simulator.Config)) {
	t.Helper()
	enginetest.Fleets(t, func(t *testing.T) enginetest.Place {
		cfg := simulator.DefaultConfig()
		cfg.Installed = map[string]string{"gateway": "1.5.0"}
		change(&cfg)
		w, err := simulator.NewWorld(cfg, engine.Production, "gateway")
		if err != nil {
			t.Fatal(err)
		}
		return enginetest.Place{Fleet: w, Meter: w, Now: w.Now, Pass: func(d time.Duration) { w.RunUntil(w.Now().Add(d)) }}
	})
}

// TestFleet holds a world that lacks nothing to it.
func TestFleet(t *testing.T) { conforms(t, func(*simulator.Config) {}) }

// TestPoorFleets holds worlds to it that lack one thing each, or all that they can.
func TestPoorFleets(t *testing.T) {
	without := func(lacks ...engine.Capability) func(*simulator.Config) {
		return func(cfg *simulator.Config) {
			cfg.Can = map[engine.Capability]bool{}
			for _, what := range lacks {
				cfg.Can[what] = false
			}
		}
	}
	can := slices.DeleteFunc(engine.AllCapabilities(), func(what engine.Capability) bool { return what == engine.CanJournal })
	for _, what := range can {
		t.Run(string(what), func(t *testing.T) { conforms(t, without(what)) })
	}
	t.Run("all", func(t *testing.T) { conforms(t, without(can...)) })
}

// TestScrapedFleet holds a world to it whose counters are scraped.
func TestScrapedFleet(t *testing.T) {
	conforms(t, func(cfg *simulator.Config) {
		cfg.Metrics = simulator.Metrics{
			Resolution: engine.Duration(time.Minute), Delay: engine.Duration(15 * time.Second), Bounds: []float64{10, 50, 100, 500},
			ByTenant: true, Coverage: 0.9, Resets: 1,
		}
	})
}
