package file_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/filelock"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/journal/file"
)

func TestFileJournals(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "journals")
	enginetest.Journals(t, func() engine.Journals { return file.Open(dir) })
}

// TestOneForManyCallers has one Journals for all.
func TestOneForManyCallers(t *testing.T) {
	js := file.Open(t.TempDir())
	js.Unsynced = true
	enginetest.Journals(t, func() engine.Journals { return js })
}

// TestStrayFiles lays beside journals what is none: nobody reads it, and a rollout begins
// as if it were not there. A number that is taken, by whatever, is passed over.
func TestStrayFiles(t *testing.T) {
	dir := t.TempDir()
	want, _ := rollouts(t, ended(t, dir, 20, "rolled_back", "rolled_back", "rolled_back"))
	for _, name := range []string{
		"000002 copy.journal", "000002 copy 2.journal", "000003.journal~", "abc.journal", "3.journal", "0000003.journal", "-00001.journal", ".journal", "000000.journal",
		"99999999999999999999.journal",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("noise"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "000004.journal"), 0o700); err != nil {
		t.Fatal(err)
	}
	js := file.Open(dir)
	if got, _ := rollouts(t, js); len(got) != len(want) {
		t.Errorf("there are %v", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	j, err := js.Begin(ctx, enginetest.Plan(t, "next", engine.QA, "gateway"))
	if err != nil || j.Ordinal() != 5 {
		t.Errorf("the next rollout: %v", err)
	}
	if err := js.Forget(t.Context(), 1); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "3.journal")); err != nil {
		t.Errorf("somebody's file is gone: %v", err)
	}
}

// TestNoOrdinalTwice takes the newest journal away: its number is not given again.
func TestNoOrdinalTwice(t *testing.T) {
	dir := t.TempDir()
	js := ended(t, dir, 20, "rolled_back", "succeeded", "rolled_back")
	if err := js.Forget(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if got, _ := rollouts(t, js); len(got) != 1 {
		t.Fatalf("there are %v", got)
	}
	for _, id := range []string{"a", "b"} {
		j, err := file.Open(dir).Begin(t.Context(), enginetest.Plan(t, id, engine.QA, id))
		if err != nil || j.Ordinal() < 4 {
			t.Fatalf("%s: %v", id, err)
		}
		if err := os.Remove(filepath.Join(dir, "000004.journal")); err != nil && id == "a" {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "000005.journal")); err != nil {
		t.Error(err)
	}
}

// TestBeginGivesUp waits for a folder that somebody has, as long as it may.
func TestBeginGivesUp(t *testing.T) {
	dir := t.TempDir()
	lock, err := filelock.Try(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	js, plan := file.Open(dir), enginetest.Plan(t, "r1", engine.QA, "gateway")
	if _, err := js.Begin(ctx, plan); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Begin in a folder that is locked: %v", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	j, err := js.Begin(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	held, err := filelock.Try(filepath.Join(dir, "000001.journal"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := j.Append(ctx, engine.Event{Kind: engine.Began}, engine.RolloutHead{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Append to a file that is locked: %v", err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if err := enginetest.Append(t, j, engine.Event{Kind: engine.Began}); err != nil {
		t.Error(err)
	}
}

// TestWalkedAndSpokenTo has one process walk a rollout and another give signals: the first
// takes them over.
func TestWalkedAndSpokenTo(t *testing.T) {
	dir, fleet := t.TempDir(), enginetest.NewFleet(engine.Production, "gateway", 3, 300, "1.5.0", 150)
	first, err := enginetest.Begin(fleet, file.Open(dir), "r1", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "1.6.0"})
	if err == nil {
		err = first.Run(enginetest.Start.Add(5 * time.Minute))
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind engine.EventKind
		want engine.Phase
	}{{engine.Paused, engine.PhasePaused}, {engine.Resumed, engine.PhaseProgressing}, {engine.Aborted, engine.PhaseRolledBack}} {
		j, err := file.Open(dir).Open(t.Context(), "r1")
		if err != nil {
			t.Fatal(err)
		}
		second, err := engine.NewRunner(t.Context(), engine.Ports{Fleet: fleet, Meter: fleet, Journal: j, Judge: engine.JudgeByMode{}, Now: fleet.Clock, Writer: "second"})
		if err == nil {
			err = second.Signal(t.Context(), engine.Signal{Kind: c.kind, By: "anna", Reason: "as she likes"})
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := first.Advance(t.Context()); err != nil || first.State().Phase != c.want {
			t.Fatalf("after %s the first is %s: %v", c.kind, first.State(), err)
		}
	}
}
