package engine_test

import (
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// TestFleetOfTheTests holds the fleet without chance to what every fleet must do.
func TestFleetOfTheTests(t *testing.T) {
	enginetest.Fleets(t, func(*testing.T) enginetest.Place {
		f := enginetest.NewFleet(engine.Production, "gateway", 3, 20, "1.5.0", 100)
		f.Delay[engine.Replace] = 3 * time.Second
		return enginetest.Place{Fleet: f, Meter: f, Now: f.Clock, Pass: func(d time.Duration) { f.Advance(f.Now.Add(d)) }}
	})
}
