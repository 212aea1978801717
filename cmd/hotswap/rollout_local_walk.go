package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// signalKinds are what people say, in the engine's words.
var signalKinds = map[string]engine.EventKind{
	contract.Pause: engine.Paused, contract.Resume: engine.Resumed, contract.Promote: engine.Promoted, contract.Rollback: engine.Aborted,
}

// Signal implements site.
func (l *local) Signal(ctx context.Context, id string, s contract.Signal) (err error) {
	w, j, err := l.find(ctx, id, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	_, err = engine.Speak(ctx, ports(w, j), engine.Signal{Kind: signalKinds[s.Signal], By: whoami(), Reason: s.Reason, Stage: s.Stage})
	return err
}

// graceOnStop is how long whoever was interrupted has to write that nobody watches any more.
const graceOnStop = 4 * time.Second

// walk is one walk of one rollout.
type walk struct {
	world   world
	runner  *engine.Runner
	attends walker.Attendance
	usurped error // somebody else walks it
}

// Walk implements site. Whoever is interrupted leaves the rollout where it is, and writes into
// its journal that nobody watches it.
func (l *local) Walk(ctx context.Context, id string, seen func(*contract.Detail)) (err error) {
	w, j, err := l.find(ctx, id, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	r, err := runner(ctx, w, j)
	if err != nil {
		return err
	}
	own := &walk{world: w, runner: r, attends: walker.Attendance{Tell: func(ctx context.Context, until time.Time) error {
		return w.Attend(ctx, id, holder(), until)
	}}}
	if own.attend(ctx, time.Time{}); own.usurped != nil {
		return own.usurped
	}
	defer w.Leave(context.WithoutCancel(ctx), id, holder())
	seen(l.detailOf(ctx, w, readBy(r), j.Ordinal(), nil))
	err = walker.Walk(ctx, r, w.Clock(), walker.Options{Budget: w.Patience(), Step: func(wake time.Time) bool {
		seen(l.detailOf(ctx, w, readBy(r), j.Ordinal(), nil))
		own.attend(ctx, wake)
		return own.usurped != nil
	}})
	if own.usurped != nil {
		return own.usurped
	}
	if err != nil && ctx.Err() != nil && r.State().InFlight() {
		grace, cancel := walker.Grace(ctx, graceOnStop)
		defer cancel()
		left := r.Signal(grace, engine.Signal{Kind: engine.Left, By: whoami(), Cause: engine.CauseInterrupt, Reason: "interrupted"})
		seen(l.detailOf(grace, w, readBy(r), j.Ordinal(), nil))
		if left != nil {
			return fmt.Errorf("interrupted, and that nobody watches %s could not be written: %w", id, left)
		}
	}
	return err
}

// attend tells others that the rollout is walked from here, until after the next step. To be
// told that somebody else walks it ends the walk; not to get through does not.
func (w *walk) attend(ctx context.Context, wake time.Time) {
	err := w.attends.Renew(ctx, w.world.Now(), wake)
	if other := new(store.LeasedError); errors.As(err, &other) {
		w.usurped = &codedError{exitRefused, fmt.Errorf("%w: watch it with hotswap rollout watch %s", err, w.runner.Plan().Rollout)}
	}
}
