package engine_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

var kinds = []engine.EventKind{
	engine.Measured, engine.Began, engine.Made, engine.Failed, engine.Settled, engine.RanOut, engine.Blinded, engine.Sighted, engine.Extended,
	engine.Judged, engine.Reverting, engine.Reverted, engine.Surveyed, engine.Finished, engine.Paused, engine.Resumed, engine.Promoted, engine.Aborted, "nonsense",
}

// TestAnyEvents throws random events at the machine, legal and not. It never
// panics; what it refuses changes nothing (promise 7); what it takes folds to the
// same state again (promise 8); and Next always has an answer that Apply allows.
func TestAnyEvents(t *testing.T) {
	for seed := range uint64(400) {
		if err := anyEvents(t, seed); err != nil {
			t.Fatalf("seed=%d: %v\nreproduce: go test ./internal/engine -run TestAnyEvents", seed, err)
		}
	}
}

func anyEvents(t *testing.T, seed uint64) error {
	t.Helper()
	draw := rand.New(rand.NewPCG(seed, 1))
	env := engine.Environments()[draw.IntN(4)]
	f := enginetest.NewFleet(env, "gateway", 1+draw.IntN(5), 12, "1.0.0", 100)
	snapshot := f.Snapshot()
	plan, err := engine.Compile("r", engine.Spec{
		PluginID: "gateway", Environment: env, Version: "2.0.0", Strategy: engine.Strategies()[draw.IntN(5)],
	}, snapshot)
	if err != nil {
		return err
	}
	state, now := engine.NewState(), enginetest.Start
	var taken []engine.Event
	for range 300 {
		e := engine.Event{Seq: state.Seq, At: now, Kind: kinds[draw.IntN(len(kinds))], Stage: state.Stage, Change: state.Made}
		e.Verdict = &engine.Verdict{Result: []engine.Result{engine.Pass, engine.Fail, engine.Inconclusive}[draw.IntN(3)], Guard: draw.IntN(3) == 0}
		e.Outcome = []engine.Outcome{engine.Succeeded, engine.RolledBack, engine.Retained}[draw.IntN(3)]
		e.Before = &engine.Measurement{}
		if draw.IntN(10) == 0 {
			e.Seq += int64(draw.IntN(3) - 1)
			e.Stage += draw.IntN(3) - 1
		}
		next, err := state.Apply(&plan, e)
		if err != nil {
			if !reflect.DeepEqual(next, state) {
				return fmt.Errorf("%s was refused (%w) and changed the state", e.Kind, err)
			}
			continue
		}
		state, taken, now = next, append(taken, e), now.Add(1e9)
		if move := state.Next(&plan, now); move.Kind == engine.MoveWrite {
			w := engine.Event{Seq: state.Seq, At: now, Kind: move.Event, Stage: state.Stage, Outcome: move.Outcome}
			if _, err := state.Apply(&plan, w); err != nil {
				return fmt.Errorf("the machine refuses its own move: %w", err)
			}
		}
	}
	again, err := engine.Fold(&plan, taken)
	if err != nil || !reflect.DeepEqual(again, state) {
		return fmt.Errorf("folding %d events again gives another state: %w", len(taken), err)
	}
	return nil
}
