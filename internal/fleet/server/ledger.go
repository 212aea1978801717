package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// Ledger keeps rollouts as the contract has it: plans and events are texts that come and
// are given back, and nobody here reads them. It belongs to one process at a time. What
// was answered outlives the process, as far as its keeper does.
type Ledger struct {
	keeper Keeper
	// Began, where it is set, is told of each rollout that begins, before it is answered.
	Began func(rollout string) error

	mu   sync.Mutex
	read bool
	all  []*entry // by ordinal
}

// NewLedger is the ledger that a keeper has.
func NewLedger(k Keeper) *Ledger { return &Ledger{keeper: k} }

// entry is a rollout, without its plan and its events.
type entry struct {
	ID      string
	Ordinal int64
	Digest  string
	Targets string
	Owner   string
	Head    contract.RolloutHead // of the last event
	next    int64                // number of the event to come
}

// keepRollouts is how many rollouts stay, beside those that can be gone back to.
const keepRollouts = 50

// Heads are those of all rollouts, the newest first.
func (l *Ledger) Heads() ([]contract.RolloutHead, error) {
	return l.list(context.Background(), engine.Filter{})
}

// find is a rollout that there is.
func (l *Ledger) find(id string) (*entry, error) {
	if err := l.load(); err != nil {
		return nil, err
	}
	for _, e := range l.all {
		if e.ID == id {
			return e, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", id, engine.ErrNoJournal)
}

func (l *Ledger) has(_ context.Context, id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.find(id)
	return err
}

// begun says which ordinal a rollout has that began before; 0: there is none of that id.
func (l *Ledger) begun(id, digest string) (int64, error) {
	e, err := l.find(id)
	switch {
	case errors.Is(err, engine.ErrNoJournal):
		return 0, nil
	case err != nil:
		return 0, err
	case e.Digest != digest:
		return 0, &engine.RolloutTakenError{Rollout: id}
	}
	return e.Ordinal, nil
}

// Begin begins a rollout whose list of targets is known to be there; fresh: it had not
// begun before, by the same request. The error is an *engine.UnfinishedError, an
// *engine.RolloutTakenError, or one of the keeper.
// above is an ordinal that its own is to be above.
func (l *Ledger) Begin(id string, s *contract.Start, above int64) (ordinal int64, fresh bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if before, err := l.begun(id, s.Digest); err != nil || before > 0 {
		return before, false, err
	}
	ordinal = above + 1
	if n := len(l.all); n > 0 {
		if err := engine.RefuseUnfinished(&l.all[n-1].Head); err != nil {
			return 0, false, err
		}
		ordinal = max(ordinal, l.all[n-1].Ordinal+1)
	}
	r := recorded{
		Format: recordedFormat, Rollout: id, Ordinal: ordinal, Plan: s.Plan, Digest: s.Digest, Targets: s.Targets, Head: s.Head, Deployment: s.Deployment,
	}
	r.Head.Ordinal, r.Head.Events = ordinal, 0
	if err := l.put(nameOf(id), r); err != nil {
		return 0, false, err
	}
	l.all = append(l.all, &entry{ID: id, Ordinal: ordinal, Digest: s.Digest, Targets: s.Targets, Head: r.Head})
	if l.Began != nil {
		err = l.Began(id)
	}
	return ordinal, true, errors.Join(err, l.forget())
}

// forget drops rollouts that are old, have ended, and are not the last that succeeded.
func (l *Ledger) forget() (wrong error) {
	succeeded := false
	for i := len(l.all) - 1; i >= 0; i-- {
		e := l.all[i]
		first := e.Head.Outcome == engine.Succeeded && !succeeded
		succeeded = succeeded || first
		if first || e.Head.Unfinished() || len(l.all)-i <= keepRollouts {
			continue
		}
		if err := l.drop(e); err != nil {
			wrong = errors.Join(wrong, err)
			continue
		}
		l.all = slices.Delete(l.all, i, i+1)
	}
	return wrong
}

// drop removes what is kept of a rollout, itself last: events without one are nobody's.
func (l *Ledger) drop(e *entry) error {
	for seq := range e.next {
		if err := l.keeper.Delete(nameOfEvent(e.ID, seq)); err != nil {
			return err
		}
	}
	return l.keeper.Delete(nameOf(e.ID))
}

func (l *Ledger) get(_ context.Context, id string) (*contract.Rollout, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, err := l.find(id)
	if err != nil {
		return nil, err
	}
	r, err := l.recorded(nameOf(id))
	if err != nil {
		return nil, err
	}
	return &contract.Rollout{
		Ordinal: e.Ordinal, Plan: r.Plan, Digest: e.Digest, Targets: e.Targets, Head: e.Head, Deployment: r.Deployment, Owner: e.Owner,
	}, nil
}

func (l *Ledger) list(_ context.Context, f engine.Filter) (heads []contract.RolloutHead, _ error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(); err != nil {
		return nil, err
	}
	for _, e := range slices.Backward(l.all) {
		if f.Full(len(heads)) {
			break
		}
		if f.Takes(&e.Head) {
			heads = append(heads, e.Head)
		}
	}
	return heads, nil
}

func (l *Ledger) events(_ context.Context, id string, after int64, most int) (some []contract.Event, more bool, next int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, err := l.find(id)
	if err != nil {
		return nil, false, 0, err
	}
	for seq := after + 1; seq < e.next && len(some) < most; seq++ {
		w, err := l.written(id, seq)
		if err != nil {
			return nil, false, 0, err
		}
		some = append(some, contract.Event{Seq: seq, Event: w.Event})
	}
	return some, after+1+int64(len(some)) < e.next, e.next, nil
}

// Append writes the event of a number, where that is the next one; engine.ErrConflict:
// it is not.
func (l *Ledger) Append(ctx context.Context, id string, seq int64, a *contract.Append) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, err := l.find(id)
	if err == nil {
		err = ctx.Err() // whoever asked has gone before it was written
	}
	if err == nil {
		err = engine.RefuseOutOfTurn(&engine.Event{Seq: seq}, e.next)
	}
	if err != nil {
		return err
	}
	a.Head.Ordinal, a.Head.Events = e.Ordinal, seq+1 // which are the fleet's to say
	if err := l.put(nameOfEvent(id, seq), written{a.Event, a.Head}); err != nil {
		return err
	}
	e.Head, e.next = a.Head, seq+1
	return nil
}

func (l *Ledger) own(_ context.Context, id string, o *contract.Owner) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, err := l.find(id)
	if err != nil {
		return err
	}
	if e.Owner != o.Previous {
		return otherOwner(e.Owner, o.Previous)
	}
	r, err := l.recorded(nameOf(id))
	if err != nil {
		return err
	}
	r.Owner = o.Owner
	if err := l.put(nameOf(id), r); err != nil {
		return err
	}
	e.Owner = o.Owner
	return nil
}

func (l *Ledger) referred() (map[string]bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(); err != nil {
		return nil, err
	}
	needed := make(map[string]bool, len(l.all))
	for _, e := range l.all {
		needed[e.Targets] = true
	}
	return needed, nil
}

// ledger is a Ledger as the store of a world.
type ledger struct {
	*Ledger
	w *world
}

func (l ledger) begin(_ context.Context, id string, s *contract.Start) (int64, bool, error) {
	l.mu.Lock()
	before, err := l.begun(id, s.Digest)
	l.mu.Unlock()
	if err != nil || before > 0 { // its list need not be there any more
		return before, false, err
	}
	if _, err := l.w.lists.find(s.Targets); err != nil {
		return 0, false, err
	}
	above, err := l.w.taken()
	if err != nil {
		return 0, false, err
	}
	return l.Begin(id, s, above)
}

func (l ledger) append(ctx context.Context, id string, seq int64, a *contract.Append) error {
	return l.Append(ctx, id, seq, a)
}
