package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// shared is a canary that several runners have open at once.
type shared struct {
	t       *testing.T
	fleet   *enginetest.Fleet
	journal engine.Journal
	first   *enginetest.Rollout // whose journal is an intercepted one
	before  func()              // the next Append of the first runner
	lose    func(written func() error) error
}

// intercepted is the journal of the first runner.
type intercepted struct {
	engine.Journal
	s *shared
}

func (j intercepted) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	if before := j.s.before; before != nil {
		j.s.before = nil
		before()
	}
	write := func() error { return j.Journal.Append(ctx, e, h) }
	if j.s.lose != nil {
		return j.s.lose(write)
	}
	return write()
}

// share begins a canary; hold has it err, and wait for a person at each stage.
func share(t *testing.T, writer string, hold bool) *shared {
	t.Helper()
	s := &shared{t: t, fleet: enginetest.NewFleet(engine.Production, "gateway", 3, 30, "1.5.0", 150)}
	snapshot := s.fleet.Snapshot()
	spec := engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "1.6.0", Strategy: engine.Canary}
	if hold {
		no := false
		spec.Canary = &engine.CanarySettings{AutoRollback: &no}
		s.fleet.Behave["1.6.0"] = enginetest.Behaviour{Errors: 0.2, Latency: 30}
	}
	plan, err := engine.Compile("r1", spec, snapshot)
	if err == nil {
		s.journal, err = engine.NewMemoryJournals().Begin(t.Context(), plan)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.first = s.runner(intercepted{s.journal, s}, writer)
	return s
}

func (s *shared) runner(j engine.Journal, writer string) *enginetest.Rollout {
	s.t.Helper()
	r, err := engine.NewRunner(s.t.Context(), engine.Ports{Fleet: s.fleet, Meter: s.fleet, Journal: j, Judge: engine.JudgeByMode{}, Now: s.fleet.Clock, Writer: writer})
	if err != nil {
		s.t.Fatal(err)
	}
	return &enginetest.Rollout{Runner: r, Fleet: s.fleet}
}

// elsewhere gives a signal through another runner.
func (s *shared) elsewhere(kind engine.EventKind) {
	s.t.Helper()
	if err := s.runner(s.journal, "second").Signal(s.t.Context(), engine.Signal{Kind: kind, By: "anna", Reason: "as she likes"}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shared) run(until time.Duration) {
	s.t.Helper()
	at := time.Time{}
	if until > 0 {
		at = enginetest.Start.Add(until)
	}
	if err := s.first.Run(at); err != nil {
		s.t.Fatal(err)
	}
}

// is fails where the first runner is not in a phase, or sees other events than are written.
func (s *shared) is(phase engine.Phase) {
	s.t.Helper()
	events, err := s.journal.Events(s.t.Context(), -1)
	if err != nil {
		s.t.Fatal(err)
	}
	if got := s.first.State(); got.Phase != phase || len(events) != len(s.first.Events()) || got.Seq != int64(len(events)) {
		s.t.Fatalf("the first runner is %s with %d of %d events, not %s\n%s", got, len(s.first.Events()), len(events), phase, s.first.Timeline(0))
	}
}

// TestSignalsFromElsewhere pauses, resumes, promotes and rolls back a rollout through a
// second runner while the first one walks: it takes that over at its next look, and goes on.
func TestSignalsFromElsewhere(t *testing.T) {
	t.Run("pause", func(t *testing.T) {
		s := share(t, "first", false)
		s.run(5 * time.Minute)
		s.elsewhere(engine.Paused)
		if _, err := s.first.Advance(t.Context()); err != nil { // nothing is to be written then
			t.Fatal(err)
		}
		s.is(engine.PhasePaused)
		s.elsewhere(engine.Resumed)
		s.run(0)
		s.is(engine.PhaseSucceeded)
	})
	t.Run("promote", func(t *testing.T) {
		s := share(t, "first", true)
		for range 20 {
			if s.run(0); s.first.State().Phase != engine.PhaseHeld {
				break
			}
			s.elsewhere(engine.Promoted)
		}
		s.is(engine.PhaseSucceeded)
	})
	t.Run("rollback", func(t *testing.T) {
		s := share(t, "first", false)
		s.run(15 * time.Minute)
		s.elsewhere(engine.Aborted)
		s.run(0)
		s.is(engine.PhaseRolledBack)
	})
}

// TestSignalsBetweenLookAndWrite has somebody speak just before each write of the first
// runner: what it was about to write is dropped, and decided anew.
func TestSignalsBetweenLookAndWrite(t *testing.T) {
	for n := range 12 {
		for _, kind := range []engine.EventKind{engine.Paused, engine.Aborted} {
			s := share(t, "first", false)
			left := n
			var arm func()
			arm = func() {
				if left--; left < 0 {
					s.elsewhere(kind)
				} else {
					s.before = arm
				}
			}
			s.before = arm
			s.run(0)
			if kind == engine.Aborted {
				s.is(engine.PhaseRolledBack)
				continue
			}
			s.is(engine.PhasePaused)
			if err := s.first.Signal(t.Context(), engine.Signal{Kind: engine.Resumed, By: "ben", Reason: "enough"}); err != nil {
				t.Fatal(err)
			}
			s.run(0)
			s.is(engine.PhaseSucceeded)
		}
	}
}

// TestTwoSignals has two people say the same: the second hears that it is said.
func TestTwoSignals(t *testing.T) {
	for _, late := range []bool{false, true} {
		s := share(t, "first", false)
		s.run(5 * time.Minute)
		if late {
			s.before = func() { s.elsewhere(engine.Paused) }
		} else {
			s.elsewhere(engine.Paused)
		}
		if err := s.first.Signal(t.Context(), engine.Signal{Kind: engine.Paused, By: "ben", Reason: "lunch"}); err == nil || !strings.Contains(err.Error(), "the rollout is paused") {
			t.Errorf("a second pause: %v", err)
		}
		s.is(engine.PhasePaused)
		if err := s.first.Signal(t.Context(), engine.Signal{Kind: engine.Aborted, By: "ben", Reason: "enough"}); err != nil {
			t.Errorf("another signal: %v", err)
		}
	}
}

// TestTwoWalkers lets a second runner walk on: the first one stops, for good, and the second
// comes to the end.
func TestTwoWalkers(t *testing.T) {
	for _, writer := range []string{"first", "same", ""} {
		t.Run(writer, func(t *testing.T) {
			s := share(t, writer, false)
			s.run(5 * time.Minute)
			second := s.runner(s.journal, strings.Replace(writer, "first", "second", 1))
			if err := second.Run(enginetest.Start.Add(25 * time.Minute)); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, err := s.first.Advance(t.Context()); !errors.Is(err, engine.ErrConflict) || !strings.Contains(err.Error(), "journal of r1, event ") {
					t.Fatalf("the first one: %v", err)
				}
				if err := s.first.Signal(t.Context(), engine.Signal{Kind: engine.Aborted, By: "ben", Reason: "enough"}); !errors.Is(err, engine.ErrConflict) {
					t.Fatalf("a signal of the first one: %v", err)
				}
			}
			if err := second.Run(time.Time{}); err != nil || second.State().Outcome != engine.Succeeded {
				t.Errorf("the second one is %s: %v", second.State(), err)
			}
		})
	}
}

// TestLeftElsewhere takes over from a runner that was thought dead: it stops.
func TestLeftElsewhere(t *testing.T) {
	s := share(t, "first", false)
	s.run(5 * time.Minute)
	s.elsewhere(engine.Left)
	if _, err := s.first.Advance(t.Context()); !errors.Is(err, engine.ErrConflict) {
		t.Errorf("the first one: %v", err)
	}
}

var errNoReply = errors.New("no reply")

// TestLostReplies loses the reply of every write in turn, of those that arrived and of
// those that did not, and where the journal tries again by itself: the runner finds what
// became of it, writes nothing twice, and comes to the same end.
func TestLostReplies(t *testing.T) {
	quiet := share(t, "first", false)
	quiet.run(0)
	want := quiet.first.Timeline(0)
	for n := range len(quiet.first.Events()) {
		for name, lose := range map[string]func(write func() error) error{
			"it arrived":        func(write func() error) error { return errors.Join(write(), errNoReply) },
			"it did not arrive": func(func() error) error { return errNoReply },
			"it is sent again":  func(write func() error) error { return errors.Join(write(), write()) },
		} {
			s := share(t, "first", false)
			calls := 0
			s.lose = func(write func() error) error {
				if calls++; calls == n+1 {
					return lose(write)
				}
				return write()
			}
			err := s.first.Run(time.Time{})
			if errors.Is(err, errNoReply) { // the same runner goes on
				err = s.first.Run(time.Time{})
			}
			if err != nil {
				t.Fatalf("write %d, %s: %v", n, name, err)
			}
			s.is(engine.PhaseSucceeded)
			if got := s.first.Timeline(0); got != want {
				t.Fatalf("write %d, %s:\n%s\nwant\n%s", n, name, got, want)
			}
		}
	}
}

// TestNobodysReply loses a reply of a runner that has no id: it cannot know its own event.
func TestNobodysReply(t *testing.T) {
	s := share(t, "", false)
	s.lose = func(write func() error) error { return errors.Join(write(), write()) }
	if err := s.first.Run(time.Time{}); !errors.Is(err, engine.ErrConflict) {
		t.Errorf("it goes on: %v", err)
	}
}

func (j headsOf) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	if err := j.Journal.Append(ctx, e, h); err != nil {
		return err
	}
	return j.check(j.Journal, e, h)
}

func ptrTo[T any](v T) *T { return &v }
