package scenario

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// operator is who speaks in a scenario.
const operator = "an operator"

// next is which signal comes next, and when; -1: none.
func (r *rollout) next() (at time.Time, i int) {
	i = -1
	phase, since := r.runner.Phase(), r.since()
	for k, sig := range r.s.Signals {
		var when time.Time
		switch {
		case sig.When == "" && r.spoken[k] == 0:
			when = r.start.Add(time.Duration(sig.At))
		case sig.When == phase && r.spoken[k] < max(1, sig.Times):
			when = since.Add(time.Duration(sig.After))
			if again := r.heard[k].Add(time.Duration(sig.After)); again.After(when) {
				when = again // nobody repeats a word that was refused at once
			}
		default:
			continue
		}
		if i < 0 || when.Before(at) {
			at, i = when, k
		}
	}
	return at, i
}

// since is when the rollout's phase last changed: with its last event.
func (r *rollout) since() time.Time {
	if events := r.runner.Events(); len(events) > 0 {
		return events[len(events)-1].At
	}
	return r.start
}

// speak says the word of signal i. A word that the phase does not allow is refused,
// and the refusal is noted. Where the process dies over it, it is said again.
func (r *rollout) speak(ctx context.Context, i int) error {
	sig := r.s.Signals[i]
	r.spoken[i]++
	r.heard[i] = r.world.Now()
	if sig.Elsewhere {
		return r.speakElsewhere(ctx, i)
	}
	if err := r.reload(); err != nil {
		return err
	}
	if err := r.resume(ctx); err != nil {
		return err
	}
	crashed, err := r.mortal(func() error {
		return r.runner.Signal(ctx, engine.Signal{Kind: sig.Do.event(), By: operator, Reason: sig.Reason})
	})
	if crashed {
		r.spoken[i]--
		return r.revive(ctx)
	}
	r.said(i, err)
	return ctx.Err()
}

// said notes what became of signal i.
func (r *rollout) said(i int, err error) {
	if err != nil {
		r.res.Refusals = append(r.res.Refusals, Refusal{r.world.Now(), fmt.Sprintf("%s: %v", r.s.Signals[i].Do, err)})
	}
	r.taken[i] = r.taken[i] || err == nil
}

// speakElsewhere says the word of signal i from another process, in the middle of a step
// of the one that walks the rollout: it has read the journal, and finds out only when it
// writes, or at its next step. Where it makes no call, the word is said after the step.
func (r *rollout) speakElsewhere(ctx context.Context, i int) error {
	sig := r.s.Signals[i]
	r.interrupt = func() {
		second, err := engine.NewRunner(ctx, engine.Ports{
			Fleet: r.watcher.Fleet(r.world), Meter: r.world, Journal: r.watcher.Journal(r.journal), Judge: r.judge(), Now: func() time.Time { return r.world.Now() },
		})
		if err == nil {
			r.watcher.Beside(func() {
				err = second.Signal(ctx, engine.Signal{Kind: sig.Do.event(), By: operator, Reason: sig.Reason})
			})
		}
		r.said(i, err)
	}
	crashed, err := r.mortal(func() error {
		_, err := r.runner.Advance(ctx)
		return err
	})
	if crashed {
		err = r.revive(ctx)
	}
	if speak := r.interrupt; speak != nil { // no call was made
		r.interrupt = nil
		speak()
	}
	return err
}

// disturbed says whether the calls of whoever walks the rollout have to be watched.
func (s *Scenario) disturbed() bool {
	return len(s.Crashes) > 0 || slices.ContainsFunc(s.Signals, func(sig Signal) bool { return sig.Elsewhere })
}

// reload puts a world that was saved and loaded in the place of the world.
func (r *rollout) reload() error {
	if !r.opt.Reload {
		return nil
	}
	r.strikes()
	data, err := r.world.Save()
	if err != nil {
		return err
	}
	if r.world, err = simulator.Load(data); err != nil {
		return err
	}
	r.watcher.Follow(r.world.Watchable())
	return r.queue()
}

// died is what a process that crashes panics with.
type died struct{}

// mortal does something, and says whether the process died over it.
func (r *rollout) mortal(do func() error) (crashed bool, err error) {
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(died); !ok {
				panic(e)
			}
			crashed = true
		}
	}()
	return false, do()
}

// revive gives the rollout a new process in place of one that died.
func (r *rollout) revive(ctx context.Context) error {
	r.res.Crashes++
	if err := r.reload(); err != nil {
		return err
	}
	return r.resume(ctx)
}

// around makes a call, and dies where the scenario says so.
func (r *rollout) around(call func()) {
	r.calls++
	if speak := r.interrupt; speak != nil {
		r.interrupt = nil
		speak()
	}
	for _, c := range r.s.Crashes {
		if c.Call != r.calls {
			continue
		}
		if c.After {
			call()
		}
		panic(died{})
	}
	call()
}

// mortalFleet is a fleet whose caller may die.
type mortalFleet struct {
	engine.Fleet
	r *rollout
}

// Make implements [engine.Fleet].
func (f mortalFleet) Make(ctx context.Context, o engine.Order) (err error) {
	f.r.around(func() { err = f.Fleet.Make(ctx, o) })
	return err
}

// Look implements [engine.Fleet].
func (f mortalFleet) Look(ctx context.Context, w engine.Watch) (c engine.Condition, err error) {
	f.r.around(func() { c, err = f.Fleet.Look(ctx, w) })
	return c, err
}

// Describe implements [engine.Fleet].
func (f mortalFleet) Describe(ctx context.Context) (h engine.Head, err error) {
	f.r.around(func() { h, err = f.Fleet.Describe(ctx) })
	return h, err
}

// mortalMeter is a meter whose caller may die.
type mortalMeter struct {
	engine.Meter
	r *rollout
}

// Measure implements [engine.Meter].
func (m mortalMeter) Measure(ctx context.Context, q engine.Question) (a engine.Answer, err error) {
	m.r.around(func() { a, err = m.Meter.Measure(ctx, q) })
	return a, err
}

// mortalJournal is a journal whose writer may die.
type mortalJournal struct {
	engine.Journal
	r *rollout
}

// Append implements [engine.Journal].
func (j mortalJournal) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) (err error) {
	j.r.around(func() { err = j.Journal.Append(ctx, e, h) })
	return err
}
