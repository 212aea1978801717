package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// walkedThere is a rollout that a controller walks.
type walkedThere struct {
	client *client.Client
	plan   *engine.Plan
	events []engine.Event
	state  engine.State
}

func (w *walkedThere) Plan() *engine.Plan     { return w.plan }
func (w *walkedThere) Events() []engine.Event { return w.events }
func (w *walkedThere) State() engine.State    { return w.state }

// Read implements walker.Followed.
func (w *walkedThere) Read(ctx context.Context, wait time.Duration) error {
	news, err := w.client.Events(ctx, w.plan.Rollout, w.state.Seq-1, wait)
	if err != nil {
		return err
	}
	for i := range news {
		state, err := w.state.Apply(w.plan, news[i])
		if err != nil {
			return fmt.Errorf("journal of %s: %w", w.plan.Rollout, err)
		}
		w.state, w.events = state, append(w.events, news[i])
	}
	return nil
}

// Walk implements walking.
func (w *walkedThere) Walk(ctx context.Context, c walker.Clock, o walker.Options) error {
	return walker.Follow(ctx, w, c, o)
}

// words are the signals in the controller's words. That whoever walked a rollout left is none:
// the controller does not.
var words = map[engine.EventKind]string{
	engine.Paused: contract.Pause, engine.Resumed: contract.Resume, engine.Promoted: contract.Promote, engine.Aborted: contract.Rollback,
}

// Signal implements walking. Where the answer is lost, what was written is found by reading.
func (w *walkedThere) Signal(ctx context.Context, s engine.Signal) error {
	word, known := words[s.Kind]
	if !known {
		return nil
	}
	told := contract.Signal{Signal: word, Reason: s.Reason, Stage: s.Stage, Cause: string(s.Cause)}
	if s.By != who {
		told.By = s.By
	}
	before := w.state.Seq
	_, err := w.client.Signal(ctx, w.plan.Rollout, told)
	if read := w.Read(ctx, 0); read != nil {
		return errors.Join(err, read)
	}
	for i := int(before); err != nil && i < len(w.events); i++ {
		if e := &w.events[i]; e.Kind == s.Kind && e.Error == s.Reason && e.Cause == s.Cause {
			return nil
		}
	}
	return err
}
