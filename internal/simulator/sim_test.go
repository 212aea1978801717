package simulator

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

const stripe = "payment-processor-stripe"

func installed(c Config) Config {
	c.Installed = map[string]string{stripe: "1.5.0"}
	return c
}

func TestSketch(t *testing.T) {
	for _, strategy := range engine.Strategies() {
		for _, rate := range []float64{0.01, 0.2} {
			cfg := installed(DefaultConfig())
			b := DefaultBehaviour()
			b.ErrorRate = rate
			cfg.Versions = map[string]Behaviour{"1.6.0": b}
			w, err := NewWorld(cfg, engine.Production, stripe)
			if err != nil {
				t.Fatal(err)
			}
			ctx := context.Background()
			t0 := time.Now()
			snap, err := w.Snapshot(ctx)
			if err != nil {
				t.Fatal(err)
			}
			plan, err := engine.Compile(w.NextRollout(), engine.Spec{PluginID: stripe, Environment: engine.Production, Version: "1.6.0", Strategy: strategy}, snap)
			if err != nil {
				t.Fatal(err)
			}
			j, err := engine.NewMemoryJournals().Begin(ctx, plan)
			if err != nil {
				t.Fatal(err)
			}
			r, err := engine.NewRunner(ctx, w, j, engine.ThresholdJudge{}, w.Now)
			if err != nil {
				t.Fatal(err)
			}
			err = w.Drive(ctx, r, DriveOptions{})
			el := time.Since(t0)
			s := r.State()
			fmt.Println(strategy, rate, err, s.Phase, w.Now().Sub(epoch), s.Ended.Sub(s.WayBackBegan), s.Reason, el, len(r.Events()))
			if testing.Verbose() {
				for _, e := range r.Events() {
					fmt.Println("   ", e.At.Sub(epoch), e.Kind, e.Stage, e.Change, e.Error, e.Outcome)
				}
			}
		}
	}
}
