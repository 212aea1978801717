package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// pen is what a runner writes with.
type pen struct {
	writer string
	head   RolloutHead // of the last event
	// sent are events that were sent to the journal as the next one, and were not
	// answered with yes: they may be in it or not.
	sent []Event
}

// Ports are what a runner walks with.
type Ports struct {
	Fleet   Fleet
	Meter   Meter
	Journal Journal
	Judge   Judge
	// Now is the clock of the fleet's world.
	Now func() time.Time
	// Writer is put on each event that the runner writes. A random one, that no other runner
	// has, lets it know its own where the reply of the journal was lost; "" is none.
	Writer string
}

// NewRunner reads the journal and folds it.
func NewRunner(ctx context.Context, p Ports) (*Runner, error) {
	j := p.Journal
	plan, events, state, err := LoadState(ctx, j)
	if err != nil {
		if plan != nil {
			err = fmt.Errorf("journal of %s: %w", plan.Rollout, err)
		}
		return nil, err
	}
	r := &Runner{
		fleet: p.Fleet, meter: p.Meter, journal: j, judge: p.Judge, now: p.Now, plan: *plan, events: slices.Grow(slices.Clip(events), usualEvents), state: state,
		pen: pen{writer: p.Writer},
	}
	r.pen.head = HeadOf(&r.plan, &r.state, j.Ordinal(), r.last())
	return r, nil
}

// last is when the last event was; zero: there is none.
func (r *Runner) last() time.Time {
	if n := len(r.events); n > 0 {
		return r.events[n-1].At
	}
	return time.Time{}
}

// Signal writes a signal of a person, Paused, Resumed, Promoted or Aborted, or that
// whoever walked the rollout Left. It looks first whom the candidate reaches. A signal that
// the phase does not allow is refused, naming the phase, and nothing is written.
func (r *Runner) Signal(ctx context.Context, s Signal) error {
	if !s.Kind.personal() && s.Kind != Left {
		return fmt.Errorf("%q is not a signal", s.Kind)
	}
	if _, err := r.absorb(ctx); err != nil {
		return err
	}
	if !r.state.Touched.IsZero() {
		_, _ = r.lookAt(ctx, &Watch{}) // where it cannot, that is not known
	}
	for {
		written, err := r.put(ctx, r.exposed(Event{Kind: s.Kind, By: s.By, Cause: s.Cause, Error: s.Reason}))
		if written || err != nil {
			return err
		}
	}
}

// write writes e, unless a person spoke meanwhile somewhere else: then that is taken
// instead, and what to do is to be asked anew.
func (r *Runner) write(ctx context.Context, e Event) error {
	_, err := r.put(ctx, e)
	return err
}

// put applies e to a copy of the state first, so that what is not allowed is never
// written, then writes it, then takes the copy. Where others have written and it is
// not, what they wrote is absorbed.
func (r *Runner) put(ctx context.Context, e Event) (written bool, err error) {
	if r.broken != nil {
		return false, r.broken
	}
	e.Error = clipped(e.Error, longestTold)
	e.Seq, e.At, e.Stage, e.Writer = r.state.Seq, r.now().UTC(), r.state.Stage, r.pen.writer
	if last := r.last(); e.At.Before(last) {
		e.At = last.UTC() // clocks of two machines differ, and what comes later is never earlier
	}
	r.memo.next = r.state
	if err := r.memo.next.apply(&r.plan, &e); err != nil {
		return false, err
	}
	head := r.pen.head
	head.follow(&r.plan, &r.memo.next, e.At)
	if err = r.journal.Append(ctx, e, head); err == nil {
		r.take(e, head)
		return true, nil
	}
	err = fmt.Errorf("journal of %s, event %d: %w", r.plan.Rollout, e.Seq, err)
	r.pen.sent = append(r.pen.sent, e)
	if !errors.Is(err, ErrConflict) {
		return false, err
	}
	mine, unread := r.absorb(ctx)
	switch {
	case unread != nil:
		return false, unread
	case r.state.Seq == e.Seq: // there is nothing new, and still it is refused
		r.broken = err
		return false, err
	}
	return mine, nil
}

// take goes to where memo.next is, with e.
func (r *Runner) take(e Event, head RolloutHead) {
	r.state, r.pen.head, r.pen.sent = r.memo.next, head, r.pen.sent[:0]
	r.events = append(r.events, e)
}

// absorb reads what is new in the journal: signals that people gave somewhere else, and
// an event of the runner's own whose reply was lost, which is mine. Any other event is
// that of another runner who walks the rollout: the error is ErrConflict, now and from
// now on.
func (r *Runner) absorb(ctx context.Context) (mine bool, err error) {
	if r.broken != nil {
		return false, r.broken
	}
	news, err := r.journal.Events(ctx, r.state.Seq-1)
	if err != nil {
		return false, err
	}
	for i := range news {
		e := &news[i]
		own := i == 0 && r.isMine(e)
		if mine = mine || own; !own && !e.Kind.personal() {
			r.broken = fmt.Errorf("journal of %s, event %d: %w", r.plan.Rollout, e.Seq, ErrConflict)
			return mine, r.broken
		}
		r.memo.next = r.state
		if err := r.memo.next.apply(&r.plan, e); err != nil {
			r.broken = fmt.Errorf("journal of %s: %w", r.plan.Rollout, err)
			return mine, r.broken
		}
		head := r.pen.head
		head.follow(&r.plan, &r.memo.next, e.At)
		r.take(*e, head)
	}
	return mine, nil
}

// isMine says whether the journal's next event is one that the runner sent.
func (r *Runner) isMine(e *Event) bool {
	if r.pen.writer == "" || e.Writer != r.pen.writer {
		return false
	}
	found, err := json.Marshal(e)
	return err == nil && slices.ContainsFunc(r.pen.sent, func(sent Event) bool {
		written, err := json.Marshal(sent)
		return err == nil && bytes.Equal(found, written)
	})
}
