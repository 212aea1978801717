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
// the phase does not allow is refused, naming the phase, and nothing is written; so is one
// that is meant for another stage than the rollout is at when it would be written.
func (r *Runner) Signal(ctx context.Context, s Signal) error {
	if !s.Kind.personal() && s.Kind != Left {
		return fmt.Errorf("%q is not a signal", s.Kind)
	}
	if err := r.absorb(ctx); err != nil {
		return err
	}
	if !r.state.Touched.IsZero() {
		_, _ = r.lookAt(ctx, &Watch{}) // where it cannot, that is not known
	}
	for {
		if is := r.state.StageName(&r.plan); s.Stage != "" && s.Stage != is {
			return &StageError{Is: is, Meant: s.Stage}
		}
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
	e.tellable()
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
	if unread := r.absorb(ctx); unread != nil {
		return false, unread
	}
	if r.state.Seq == e.Seq { // there is nothing new, and still it is refused
		r.broken = err
		return false, err
	}
	// what arrived may be an older one of the runner's own, and not e
	return r.pen.writer != "" && same(&r.events[e.Seq], &e), nil
}

// take goes to where memo.next is, with e.
func (r *Runner) take(e Event, head RolloutHead) {
	r.state, r.pen.head, r.pen.sent = r.memo.next, head, r.pen.sent[:0]
	r.events = append(r.events, e)
}

// absorb reads what is new in the journal: signals that people gave somewhere else, and
// an event of the runner's own whose reply was lost. Any other event is that of another
// runner who walks the rollout: the error is ErrConflict, now and from now on.
func (r *Runner) absorb(ctx context.Context) error {
	if r.broken != nil {
		return r.broken
	}
	news, err := r.journal.Events(ctx, r.state.Seq-1)
	if err != nil {
		return err
	}
	for i := range news {
		e := &news[i]
		if !e.Kind.personal() && (i > 0 || !r.isMine(e)) {
			r.broken = fmt.Errorf("journal of %s, event %d: %w", r.plan.Rollout, e.Seq, ErrConflict)
			return r.broken
		}
		r.memo.next = r.state
		if err := r.memo.next.apply(&r.plan, e); err != nil {
			r.broken = fmt.Errorf("journal of %s: %w", r.plan.Rollout, err)
			return r.broken
		}
		head := r.pen.head
		head.follow(&r.plan, &r.memo.next, e.At)
		r.take(*e, head)
	}
	return nil
}

// isMine says whether the journal's next event is one that the runner sent.
func (r *Runner) isMine(e *Event) bool {
	return r.pen.writer != "" && e.Writer == r.pen.writer && slices.ContainsFunc(r.pen.sent, func(sent Event) bool { return same(e, &sent) })
}

// same says whether two events are written alike.
func same(a, b *Event) bool {
	one, err := json.Marshal(a)
	other, wrong := json.Marshal(b)
	return err == nil && wrong == nil && bytes.Equal(one, other)
}

// tellable bounds what others say in e, and makes it text that reads as it was written.
func (e *Event) tellable() {
	for _, text := range []*string{&e.By, &e.Error} {
		*text = Told(*text)
	}
	if e.Verdict != nil {
		e.Verdict.Reason = Told(e.Verdict.Reason)
	}
}
