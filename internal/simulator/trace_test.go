package simulator

import (
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/kernel"
)

// Whole rollouts, with faults, happen alike on either queue.
func TestQueuesGiveTheSameTrace(t *testing.T) {
	for seed := range uint64(60) {
		traces := map[uint64][]kernel.Kind{}
		for _, kind := range kernel.Kinds() {
			r, ok := played(t, seed+1, kind)
			if !ok {
				continue
			}
			trace := chance.Mix(r.watcher.Trace() ^ r.world.Trace())
			traces[trace] = append(traces[trace], kind)
		}
		if len(traces) > 1 {
			t.Errorf("seed %d: the queues do not agree: %v", seed+1, traces)
		}
	}
	w, err := NewWorld(installed(DefaultConfig()), engine.Production, stripe)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.UseQueue("abacus"); err == nil {
		t.Error("an abacus was taken for a queue")
	}
}
