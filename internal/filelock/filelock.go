// Package filelock takes a file for one process, and one caller in it, at a time. The
// system gives it back when its holder closes the file, or dies.
package filelock

import (
	"context"
	"errors"
	"os"
)

// ErrHeld says that somebody else has the file.
var ErrHeld = errors.New("it is locked by another process")

// Try opens a file and takes its lock, until it is closed. It does not wait: where
// somebody else has it the error is ErrHeld.
func Try(path string, flag int, perm os.FileMode) (*os.File, error) {
	f, err := os.OpenFile(path, flag, perm)
	if err != nil {
		return nil, err
	}
	if err := lock(f, false); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Open is Try, and waits for the lock until ctx is done.
func Open(ctx context.Context, path string, flag int, perm os.FileMode) (*os.File, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, flag, perm)
	if err != nil {
		return nil, err
	}
	if err := lock(f, false); !errors.Is(err, ErrHeld) {
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return f, nil
	}
	// No system lets a wait for a lock be called off. So whoever gives up leaves it to
	// itself: what it gets in the end it gives back.
	taken := make(chan error)
	go func() {
		err := lock(f, true)
		select {
		case taken <- err:
		case <-ctx.Done():
			_ = f.Close()
		}
	}()
	select {
	case err := <-taken:
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return f, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
