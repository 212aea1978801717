package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// crowd are several machines that walk one rollout at once, whose clocks differ, whose
// journal loses replies, and whose people give signals.
type crowd struct {
	t       *testing.T
	dice    *rand.Rand
	fleet   *enginetest.Fleet
	journal engine.Journal
	ahead   []time.Duration // the clock of each machine
	runners []*engine.Runner
	opened  int
	words   int
	told    []string // reasons of signals that were answered with yes
}

// shaky is a journal that loses one reply of twenty, after it has written or before, and
// where somebody speaks now and then just before a write.
type shaky struct {
	engine.Journal
	crowd *crowd
	m     int
}

func (j shaky) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	switch c := j.crowd; c.dice.IntN(40) {
	case 0:
		return errNoReply
	case 1:
		return errors.Join(j.Journal.Append(ctx, e, h), errNoReply)
	case 2, 3:
		if other := (j.m + 1) % len(c.runners); c.runners[other] != nil {
			c.expect(c.speak(other))
		}
	}
	return j.Journal.Append(ctx, e, h)
}

// open has machine m read the journal anew, as it does after it lost the rollout to another one.
func (c *crowd) open(m int) {
	c.opened++
	r, err := engine.NewRunner(c.t.Context(), engine.Ports{
		Fleet: c.fleet, Meter: c.fleet, Journal: shaky{c.journal, c, m}, Judge: engine.JudgeByMode{},
		Now: func() time.Time { return c.fleet.Now.Add(c.ahead[m]) }, Writer: fmt.Sprint("machine ", m, ", ", c.opened),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.runners[m] = r
}

// expect fails where err is something else than what comes of a crowd.
func (c *crowd) expect(err error) {
	var refused *engine.Refused
	switch {
	case err == nil, errors.Is(err, errNoReply), errors.Is(err, engine.ErrConflict), errors.Is(err, engine.ErrSuperseded), errors.As(err, &refused):
	default:
		c.t.Fatal(err)
	}
}

// step lets one machine walk, or one of its people speak.
func (c *crowd) step() {
	m := c.dice.IntN(len(c.runners))
	r := c.runners[m]
	if r == nil {
		c.open(m)
		return
	}
	var err error
	if c.dice.IntN(25) == 0 {
		err = c.speak(m)
	} else {
		_, err = r.Advance(c.t.Context())
	}
	c.expect(err)
	if errors.Is(err, engine.ErrConflict) || errors.Is(err, engine.ErrSuperseded) || c.dice.IntN(60) == 0 {
		c.runners[m] = nil // it lost the rollout, or its process died
	}
}

// speak gives a signal through machine m. Where the phase does not allow it, or its reply
// was lost, nothing is promised.
func (c *crowd) speak(m int) error {
	kinds := []engine.EventKind{engine.Paused, engine.Resumed, engine.Promoted, engine.Aborted}
	c.words++
	s := engine.Signal{Kind: kinds[c.dice.IntN(len(kinds))], By: "anna", Reason: fmt.Sprint("word ", c.words)}
	err := c.runners[m].Signal(c.t.Context(), s)
	switch {
	case err == nil:
		c.told = append(c.told, s.Reason)
	case !errors.Is(err, engine.ErrConflict):
		return nil
	}
	return err
}

// TestCrowds lets three machines walk one rollout: there is one history, whose times never
// run backwards, that holds each signal that was answered with yes once, and whose end is
// what the fleet runs.
func TestCrowds(t *testing.T) {
	for seed := range uint64(1000) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dice := rand.New(rand.NewPCG(seed, 10))
			strategy := []engine.Strategy{engine.Canary, engine.Direct, engine.Rolling, engine.BlueGreen}[dice.IntN(4)]
			f := enginetest.NewFleet(engine.Production, "gateway", 3, 30, "1.0.0", 150)
			f.Delay[engine.Replace] = time.Duration(dice.IntN(20)) * time.Second
			plan, err := engine.Compile("r1", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "2.0.0", Strategy: strategy}, f.Snapshot())
			if err != nil {
				t.Fatal(err)
			}
			j, err := engine.NewMemoryJournals().Begin(t.Context(), plan)
			if err != nil {
				t.Fatal(err)
			}
			c := &crowd{t: t, dice: dice, fleet: f, journal: j, runners: make([]*engine.Runner, 3)}
			for range c.runners {
				c.ahead = append(c.ahead, time.Duration(dice.IntN(601)-300)*time.Second)
			}
			c.walk()
			if t.Failed() {
				t.Logf("go test ./internal/engine -run TestCrowds/%d", seed)
			}
		})
	}
}

// walk lets the crowd walk until the rollout ends, and looks at what is left.
func (c *crowd) walk() {
	for range 20_000 {
		c.step()
		c.fleet.Advance(c.fleet.Now.Add(time.Duration(c.dice.IntN(15)) * time.Second))
		if _, _, s, err := engine.LoadState(c.t.Context(), c.journal); err != nil {
			c.t.Fatal(err)
		} else if s.Outcome == engine.Succeeded || s.Outcome == engine.RolledBack {
			c.look(&s)
			return
		}
	}
	c.t.Fatal("no end in sight")
}

func (c *crowd) look(s *engine.State) {
	events, err := c.journal.Events(c.t.Context(), -1)
	if err != nil {
		c.t.Fatal(err)
	}
	for i := range events {
		if e := &events[i]; e.Seq != int64(i) || i > 0 && e.At.Before(events[i-1].At) {
			c.t.Errorf("event %d is number %d, at %s", e.Seq, i, e.At)
		}
	}
	for _, reason := range c.told {
		n := len(slices.Collect(func(yield func(int) bool) {
			for i := range events {
				if events[i].Error == reason && !yield(i) {
					return
				}
			}
		}))
		if n != 1 {
			c.t.Errorf("%q is %d times in the journal", reason, n)
		}
	}
	want := map[engine.Outcome]string{engine.Succeeded: "2.0.0", engine.RolledBack: "1.0.0"}[s.Outcome]
	head, err := c.fleet.Describe(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	for _, i := range c.fleet.State.Instances {
		if i.Slot == head.ActiveSlot() && i.Default != want {
			c.t.Errorf("%s, and %s serves %s", s, i.ID, i.Default)
		}
	}
}
