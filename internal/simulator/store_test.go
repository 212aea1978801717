package simulator

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// digest is what is in a folder, apart from locks.
func digest(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		fmt.Fprintf(&b, "%s %x\n", rel, sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func open(t *testing.T, dir string, cfg Config) *Store {
	t.Helper()
	s, err := Open(context.Background(), dir, engine.Production, stripe, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// latest is the journal of the rollout that began last, or ErrNoJournal.
func latest(ctx context.Context, js engine.Journals, e engine.Environment, plugin string) (engine.Journal, error) {
	last, err := js.List(ctx, e, plugin, engine.Filter{Limit: 1})
	if err == nil && len(last) == 0 {
		err = engine.ErrNoJournal
	}
	if err != nil {
		return nil, err
	}
	return js.Open(ctx, last[0].Rollout)
}

// rollIn rolls 1.6.0 out in a store, as far as the deadline where one is given.
func rollIn(t *testing.T, s *Store, spec engine.Spec, deadline time.Duration) engine.State {
	t.Helper()
	ctx := context.Background()
	js := s.Journals()
	j, err := latest(ctx, js, engine.Production, stripe)
	if errors.Is(err, engine.ErrNoJournal) {
		before, err := engine.ReadSnapshot(t.Context(), s.World())
		if err != nil {
			t.Fatal(err)
		}
		plan, err := engine.Compile(s.World().NextRollout(), spec, before)
		if err != nil {
			t.Fatal(err)
		}
		if j, err = js.Begin(ctx, plan); err != nil {
			t.Fatal(err)
		}
	} else if err != nil {
		t.Fatal(err)
	}
	r, err := engine.NewRunner(ctx, engine.Ports{Fleet: s.World(), Meter: s.World(), Journal: j, Judge: engine.JudgeByMode{}, Now: s.World().Now})
	if err != nil {
		t.Fatal(err)
	}
	opt := walker.Options{}
	if deadline > 0 {
		opt.Deadline = epoch.Add(deadline)
	}
	if err := s.World().Drive(ctx, r, opt); err != nil && !errors.Is(err, walker.ErrDeadline) {
		t.Fatal(err)
	}
	return r.State()
}

func TestStoreSameSeedSameBytes(t *testing.T) {
	cfg := bad(installed(DefaultConfig()))
	var sums []string
	for range 2 {
		dir := t.TempDir()
		s := open(t, dir, cfg)
		if id := s.World().NextRollout(); id != "payment-processor-stripe-production-1" {
			t.Errorf("the first rollout is %s", id)
		}
		rollIn(t, s, to(engine.Canary), 0)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		sums = append(sums, digest(t, dir))
	}
	if sums[0] != sums[1] || !strings.Contains(sums[0], worldFile) {
		t.Errorf("two runs of the same seed left\n%s\n%s", sums[0], sums[1])
	}
}

// A process that stops in the middle leaves a world that another one goes on with.
func TestStoreGoesOn(t *testing.T) {
	cfg := installed(DefaultConfig())
	dir := t.TempDir()
	s := open(t, dir, cfg)
	if state := rollIn(t, s, to(engine.Canary), 15*time.Minute); state.Phase != engine.PhaseProgressing {
		t.Fatalf("after 15 minutes: %s", state)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	left := digest(t, dir)
	w, js, err := Peek(context.Background(), dir, engine.Production, stripe, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Now().Sub(epoch); got != 15*time.Minute {
		t.Errorf("the clock stands at %s", got)
	}
	if _, err := js.Begin(context.Background(), engine.Plan{}); err == nil {
		t.Error("journals that were peeked at can be begun")
	}
	if id := w.NextRollout(); id != "payment-processor-stripe-production-2" {
		t.Errorf("the next rollout is %s", id)
	}
	if now := digest(t, dir); now != left {
		t.Errorf("a peek changed the folder:\n%s\n%s", left, now)
	}
	s = open(t, dir, cfg)
	if state := rollIn(t, s, to(engine.Canary), 0); state.Outcome != engine.Succeeded {
		t.Errorf("resumed, the rollout is %s", state)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// The store's journals are journals like any others.
func TestStoreJournalsConform(t *testing.T) {
	s := open(t, t.TempDir(), DefaultConfig())
	enginetest.Journals(t, func() engine.Journals { return s.Journals() })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestPeekCreatesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	w, js, err := Peek(context.Background(), dir, engine.QA, "a/b", DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	if heads, err := js.List(context.Background(), engine.QA, "a/b", engine.Filter{}); err != nil || len(heads) > 0 {
		t.Errorf("the rollouts: %v, %v", heads, err)
	}
	if len(w.Members) != 10 {
		t.Errorf("%d instances", len(w.Members))
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is %s: %v", dir, err)
	}
}

// dying lets a write to the folder die: the process is gone after so many steps of
// a save.
func TestStoreDiesBetweenSteps(t *testing.T) {
	cfg := installed(DefaultConfig())
	for _, appended := range []bool{false, true} {
		dir := t.TempDir()
		s := open(t, dir, cfg)
		rollIn(t, s, to(engine.Canary), 15*time.Minute)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		// A second process writes the world of the next event, and dies before the
		// event is in the journal, or after.
		s = open(t, dir, cfg)
		ctx := context.Background()
		j, err := latest(ctx, s.files, engine.Production, stripe)
		if err != nil {
			t.Fatal(err)
		}
		events, err := j.Events(ctx, -1)
		if err != nil {
			t.Fatal(err)
		}
		s.World().RunUntil(epoch.Add(16 * time.Minute))
		next := position{s.World().Rollouts[0].ID, int64(len(events)) + 1}
		if err := s.write(nextFile, next); err != nil {
			t.Fatal(err)
		}
		if appended {
			e := engine.Event{Seq: int64(len(events)), At: s.World().Now(), Kind: engine.Paused, Stage: events[len(events)-1].Stage, By: "a person"}
			if err := enginetest.Append(t, j, e); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.lock.Close(); err != nil {
			t.Fatal(err)
		}
		want := cond(appended, 16*time.Minute, 15*time.Minute)
		w, _, err := Peek(ctx, dir, engine.Production, stripe, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Now().Sub(epoch); got != want {
			t.Errorf("appended %v: a peek sees the clock at %s, want %s", appended, got, want)
		}
		s = open(t, dir, cfg)
		if got := s.World().Now().Sub(epoch); got != want {
			t.Errorf("appended %v: the clock stands at %s, want %s", appended, got, want)
		}
		if _, err := os.Stat(filepath.Join(s.Folder(), nextFile)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("appended %v: %s is still there", appended, nextFile)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
