package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// graceOnInterrupt is how long an interrupted operation may go on before it hands
// back its state. CI systems kill a job about ten seconds after the first signal,
// and Terraform has to write the state in what remains.
const graceOnInterrupt = 4 * time.Second

// walk is one operation's walk of one rollout.
type walk struct {
	world     world
	rollout   walking
	operation string // create, update or delete
	limit     time.Duration
	onTimeout string // rollback or pause; "": stop
	// onInterrupt is leave or rollback.
	onInterrupt string

	interrupted bool  // the operation was cancelled
	expired     bool  // limit passed
	left        bool  // it was not waited for
	unheard     error // why the rollout could not be told to go back as on_interrupt says

	attends walker.Attendance
	usurped error // somebody else says that they walk the rollout
}

// noteSilence writes down that whoever walked a rollout before went away without a word,
// as one does who is killed: from its last event on nobody watched.
func noteSilence(ctx context.Context, w world, rollout walking) error {
	events := rollout.Events()
	phase := rollout.State().Phase
	if goesOnAlone(w, rollout.Plan().Rollout) || len(events) == 0 || phase != engine.PhaseProgressing && phase != engine.PhaseRollingBack {
		return nil
	}
	switch events[len(events)-1].Kind {
	case engine.Left, engine.Aborted, engine.Resumed, engine.Promoted:
		return nil
	}
	return rollout.Signal(ctx, signs(engine.Left, engine.CauseSilence, reasonSilence))
}

// run drives the rollout until it ends, waits for a person, is interrupted or runs
// out of time, and does what the configuration says then.
func (w *walk) run(ctx context.Context) error {
	if p, ok := w.world.(paced); ok {
		if err := p.takeBack(); err != nil {
			return err
		}
	}
	defer w.world.Leave(context.WithoutCancel(ctx), w.rollout.Plan().Rollout)
	err := w.drive(ctx, w.world.Now().Add(w.limit), false)
	if errors.Is(err, walker.ErrDeadline) {
		w.expired = true
		err = w.runOut(ctx)
	}
	if err != nil && ctx.Err() != nil {
		return w.cancelled(ctx)
	}
	return err
}

// drive walks the rollout until it ended, waits for a person, or the world's clock reaches
// deadline (then it returns [walker.ErrDeadline]); a zero deadline is none.
func (w *walk) drive(ctx context.Context, deadline time.Time, hurry bool) error {
	log := stageLogger(ctx, w.rollout)
	defer log()
	if w.attend(ctx, time.Time{}); w.usurped != nil {
		return w.usurped
	}
	err := w.rollout.Walk(ctx, w.world.Clock(hurry), walker.Options{
		Deadline: deadline, Budget: w.world.Patience(), Jitter: jitter,
		Step: func(wake time.Time) bool {
			log()
			w.attend(ctx, wake)
			return w.usurped != nil
		},
	})
	return cmp.Or(w.usurped, err)
}

// runOut is what follows when the operation's time is up.
func (w *walk) runOut(ctx context.Context) error {
	why := fmt.Sprintf(reasonTimeout+"%s of %s passed", w.operation, telling.Length(w.limit))
	switch w.onTimeout {
	case "pause":
		if err := w.rollout.Signal(ctx, signs(engine.Paused, engine.CauseTimeout, why)); !errors.Is(err, engine.ErrPhase) {
			return err
		}
	case "rollback":
		// Refused where the rollout is on its way back already, or past the point of no
		// return: then its end is the only way.
		if err := w.rollout.Signal(ctx, signs(engine.Aborted, engine.CauseTimeout, why)); err != nil && !errors.Is(err, engine.ErrPhase) {
			return err
		}
	default:
		_ = w.rollout.Signal(ctx, signs(engine.Left, engine.CauseTimeout, why))
		return nil
	}
	return w.drive(ctx, time.Time{}, false)
}

// cancelled is what follows an interrupt: the journal is all that the next apply
// needs, so there is nothing to save, and little time to do more.
func (w *walk) cancelled(ctx context.Context) error {
	w.interrupted = true
	if !w.rollout.State().InFlight() {
		return nil
	}
	ctx, cancel := walker.Grace(ctx, graceOnInterrupt)
	defer cancel()
	if w.onInterrupt != "rollback" {
		_ = w.rollout.Signal(ctx, signs(engine.Left, engine.CauseInterrupt, reasonInterrupt)) // the rollout stays where it is, noted or not
		return nil
	}
	if w.rollout.State().Phase != engine.PhaseRollingBack {
		if err := w.rollout.Signal(ctx, signs(engine.Aborted, engine.CauseInterrupt, reasonInterrupt)); errors.Is(err, engine.ErrPhase) {
			return nil // past the point of no return: it stays where it is
		} else if err != nil {
			w.unheard = err
			return nil
		}
	}
	err := w.drive(ctx, time.Time{}, true)
	if err != nil && ctx.Err() != nil {
		return nil
	}
	return err
}
