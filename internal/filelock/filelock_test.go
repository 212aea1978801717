package filelock_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/filelock"
)

const flags = os.O_RDWR | os.O_CREATE

// TestOneAtATime takes a lock that somebody has: at once it is refused, and who waits
// gets it when it is free.
func TestOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := filelock.Open(t.Context(), path, flags, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := filelock.Try(path, flags, 0o600); !errors.Is(err, filelock.ErrHeld) {
		t.Fatalf("a lock that is held: %v", err)
	}
	got := make(chan error)
	go func() {
		second, err := filelock.Open(t.Context(), path, flags, 0o600)
		if err == nil {
			err = second.Close()
		}
		got <- err
	}()
	select {
	case err := <-got:
		t.Fatalf("two have the lock: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	if err := errors.Join(first.Close(), <-got); err != nil {
		t.Fatal(err)
	}
}

// TestGivingUp waits for a lock until ctx is done; nobody keeps it then.
func TestGivingUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := filelock.Try(path, flags, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := filelock.Open(ctx, path, flags, 0o600); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("whoever waits gets %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	third, err := filelock.Open(t.Context(), path, flags, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := third.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := filelock.Open(ctx, path, flags, 0o600); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("with a ctx that is done: %v", err)
	}
}
