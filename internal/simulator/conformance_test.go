package simulator_test

import (
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// TestFleet holds the world to what every fleet must do.
func TestFleet(t *testing.T) {
	enginetest.Fleets(t, func(t *testing.T) enginetest.Place {
		cfg := simulator.DefaultConfig()
		cfg.Installed = map[string]string{"gateway": "1.5.0"}
		w, err := simulator.NewWorld(cfg, engine.Production, "gateway")
		if err != nil {
			t.Fatal(err)
		}
		return enginetest.Place{Fleet: w, Meter: w, Now: w.Now, Pass: func(d time.Duration) { w.RunUntil(w.Now().Add(d)) }}
	})
}
