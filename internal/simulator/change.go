package simulator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/meanwhile"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/kernel"
)

// Errors that come back from [World.Make] because of a fault.
var (
	ErrRefused = errors.New("the fleet refused the call")
	ErrLost    = errors.New("the fleet's reply was lost")
	ErrPartial = errors.New("the fleet changed only some of the instances")
)

// smokeRun is the last run of smoke tests.
type smokeRun struct {
	Tests   []string `json:"tests,omitempty"`
	Slot    string   `json:"slot,omitempty"`
	Epoch   int32    `json:"epoch,omitempty"`
	By      string   `json:"by,omitempty"`
	Running bool     `json:"running,omitempty"`
	Failed  []string `json:"failed,omitempty"` // with the reason
}

// Make implements [engine.Fleet]. What takes no time has happened when it returns.
func (w *World) Make(ctx context.Context, o engine.Order) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.heard(o.Rollout)
	w.Calls++
	if w.strikes(RefusedCall, o) {
		return ErrRefused
	}
	if w.strikes(RejectedCall, o) {
		return &engine.Refused{Reason: "a fault says so"}
	}
	if err := w.fence(&o); err != nil {
		return err
	}
	if why := w.unable(&o.Change); why != "" {
		return &engine.Refused{Reason: why}
	}
	err := w.takeAmiss(o)
	w.news = true
	if err == nil {
		w.Ordinal, w.Seq = o.Ordinal, o.Seq
	}
	w.settle()
	if err == nil && w.strikes(LostReply, o) {
		return ErrLost
	}
	return err
}

// fence refuses an order that is older than the newest. Rollouts have ordinals where
// something keeps them; where nothing does, the one that was heard of last is the newest.
func (w *World) fence(o *engine.Order) error {
	last := w.Rollouts[len(w.Rollouts)-1].ID
	old := o.Rollout != last || o.Seq < w.Seq
	if o.Ordinal > 0 {
		old = cmp.Or(cmp.Compare(o.Ordinal, w.Ordinal), cmp.Compare(o.Seq, w.Seq)) < 0
	}
	if old {
		return fmt.Errorf("%w: %s %d after %s %d", engine.ErrSuperseded, o.Rollout, o.Seq, last, w.Seq)
	}
	return nil
}

// takeAmiss takes an order with the faults of the way there and back.
func (w *World) takeAmiss(o engine.Order) error {
	if w.strikes(PartialCall, o) {
		part := o
		n := (len(o.Instances) + 1) / 2
		part.Instances = o.Instances[:n]
		part.Change.Named = o.Change.Named[:len(o.Change.Named)/2]
		if n+len(part.Change.Named) < len(w.targets(o)) {
			_ = w.take(part)
			return ErrPartial
		}
	}
	err := w.take(o)
	if err == nil && w.strikes(DuplicateCall, o) {
		w.news = true
		w.settle()
		err = w.take(o)
	}
	for i, f := range w.cfg.Faults {
		if f.Kind == SlowCall && w.strikesAt(i, "", o.Change.Version, w.Calls) {
			w.RunUntil(w.Now().Add(time.Duration(nanoseconds(f.magnitude()))))
		}
	}
	return err
}

// take carries a change out, or starts to.
func (w *World) take(o engine.Order) error {
	c := o.Change
	switch c.Kind {
	case engine.Install, engine.Replace, engine.Activate, engine.Remove:
		for _, in := range w.targets(o) {
			in.By = o.Rollout
			w.stir(in)
			switch c.Kind {
			case engine.Install:
				w.beside(in, c.Version)
			case engine.Replace:
				w.replace(in, c.Version)
			case engine.Activate:
				w.activate(in, c.Version)
			default:
				w.remove(in, c.Version)
			}
		}
		return nil
	case engine.Pin, engine.Unpin:
		return w.pin(o)
	case engine.Provision:
		return w.provision(o)
	case engine.Retire:
		return w.retire(c.Slot)
	case engine.Smoke:
		return w.smoke(o)
	case engine.Shift:
		return w.shift(o)
	default:
		return fmt.Errorf("%q is not a kind of change", c.Kind)
	}
}

// targets are the instances of a change that are there: those that left are no
// longer anybody's concern.
func (w *World) targets(o engine.Order) []*instance {
	var in []*instance
	for _, p := range o.Instances {
		if i := w.instance(p.ID); i != nil {
			in = append(in, i)
		}
	}
	for _, id := range o.Change.Named {
		if i := w.instance(id); i != nil {
			in = append(in, i)
		}
	}
	return in
}

func (w *World) pin(o engine.Order) error {
	version := uint16(0)
	if o.Change.Kind == engine.Pin {
		version = w.nameOf(o.Change.Version)
	}
	roster := w.traffic.Roster()
	meanwhile.Halves(len(o.Tenants), func(from, to int) {
		for part := range slices.Chunk(o.Tenants[from:to], 128) {
			engine.Touch(part)
			for i := range part {
				if t, ok := roster.Find(part[i].ID); ok && roster.Here(t, w.Time) {
					w.Pins[t] = version
				}
			}
		}
	})
	w.dirty = true
	return nil
}

// provision gives a slot its instances: those that it has and that run only the
// version stay as they are, the others are brought there out of service.
func (w *World) provision(o engine.Order) error {
	c := o.Change
	if c.Slot == "" || c.Count < 1 {
		return fmt.Errorf("a slot needs a name and instances: %q, %d", c.Slot, c.Count)
	}
	if w.percent(c.Slot) > 0 || w.headed(c.Slot) {
		return fmt.Errorf("slot %s takes traffic: it cannot be provisioned", c.Slot)
	}
	w.clearTrouble(c.Slot)
	w.dirty = true
	there := w.slot(c.Slot)
	for i, in := range there {
		in.By = o.Rollout
		w.stir(in)
		switch {
		case i >= c.Count:
			w.leave(in)
		case !in.runsOnly(c.Version):
			in.Held = slices.DeleteFunc(in.Held, func(h held) bool { return h.Version != c.Version || !h.Ready })
			in.Phase = cond(in.Phase == ready, installing, in.Phase)
			in.Working = false
			w.replace(in, c.Version)
		}
	}
	room := w.cfg.Instances + w.cfg.spare() - len(w.Members)
	for range min(c.Count-len(there), room) {
		in := w.hire(c.Slot)
		in.By = o.Rollout
		w.replace(in, c.Version)
	}
	if missing := c.Count - len(there) - room; missing > 0 {
		w.Slots = append(w.Slots, slotTrouble{c.Slot, o.Rollout, fmt.Sprintf("there is no room for %d of its %d instances", missing, c.Count)})
		slices.SortFunc(w.Slots, func(a, b slotTrouble) int { return strings.Compare(a.Slot, b.Slot) })
	}
	return nil
}

func (w *World) retire(slot string) error {
	if w.percent(slot) > 0 || w.headed(slot) {
		return fmt.Errorf("slot %s takes traffic: it cannot be retired", slot)
	}
	w.clearTrouble(slot)
	for _, in := range w.slot(slot) {
		w.leave(in)
	}
	w.Routes = slices.DeleteFunc(slices.Clone(w.Routes), func(r engine.Route) bool { return r.Slot == slot })
	return nil
}

// leave takes an instance away.
func (w *World) leave(in *instance) {
	at, _ := indexIn(w.Members, in)
	w.Members = slices.Delete(w.Members, at, at+1)
	w.goes(in)
	w.dirty = true
}

func (w *World) clearTrouble(slot string) {
	w.Slots = slices.DeleteFunc(w.Slots, func(s slotTrouble) bool { return s.Slot == slot })
}

// smoke runs tests on a slot, all at once.
func (w *World) smoke(o engine.Order) error {
	if w.Smoke.Running && w.Smoke.By == o.Rollout && o.Seq == w.Seq {
		return nil // the same order again
	}
	w.queue.Cancel(func(e kernel.Event) bool { return e.Handler == smokeDone }) // of a run that this one replaces
	w.Smoke = smokeRun{Tests: slices.Clone(o.Change.Tests), Slot: o.Change.Slot, Epoch: w.begun(), By: o.Rollout, Running: true}
	w.after(w.cfg.SmokeSeconds, smokeDone, 0, w.Smoke.Epoch)
	return nil
}

func (w *World) smokeDone(e kernel.Event) {
	s := &w.Smoke
	if s.Epoch != e.B || !s.Running {
		return
	}
	s.Running = false
	there := w.slot(s.Slot)
	for i, test := range s.Tests {
		if reason := w.smokeFails(there, test, uint64(i)); reason != "" {
			s.Failed = append(s.Failed, test+": "+reason)
		}
	}
}

// smokeFails says why a smoke test fails; "" where it passes.
func (w *World) smokeFails(there []*instance, test string, i uint64) string {
	if len(there) == 0 {
		return "the slot has no instances"
	}
	s := chance.StreamOf(w.seed, chance.ForSmoke, uint64(w.Smoke.Epoch), chance.Key(test), i)
	for _, in := range there {
		switch {
		case in.Phase != ready:
			return in.ID + " is " + string(in.Phase)
		case w.faulted(SmokeFails, in.ID, in.Default):
			return "no answer from " + in.ID
		case s.Happens(chance.Of(w.behaviourOf(in.Default).SmokeFailureRate / float64(len(there)))):
			w.note("smoke_failure")
			return "unexpected answer from " + in.ID
		}
	}
	return ""
}

func cond[T any](c bool, yes, no T) T {
	if c {
		return yes
	}
	return no
}
