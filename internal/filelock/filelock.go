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

// File is an open file with its lock, which Close gives back.
type File struct{ *os.File }

// Close gives the lock back and closes f. A process that is being started has its parent's
// files until it is another program: who only closed his would leave the lock to it for that long.
func (f *File) Close() error { return errors.Join(unlock(f.File), f.File.Close()) }

// Try opens a file and takes its lock, until it is closed. It does not wait: where
// somebody else has it the error is ErrHeld.
func Try(path string, flag int, perm os.FileMode) (*File, error) {
	f, err := os.OpenFile(path, flag, perm)
	if err != nil {
		return nil, err
	}
	if err := lock(f, false); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &File{f}, nil
}

// Open is Try, and waits for the lock until ctx is done.
func Open(ctx context.Context, path string, flag int, perm os.FileMode) (*File, error) {
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
		return &File{f}, nil
	}
	// No system lets a wait for a lock be called off. So whoever gives up leaves it to
	// itself: what it gets in the end it gives back.
	taken := make(chan error)
	go func() {
		err := lock(f, true)
		select {
		case taken <- err:
		case <-ctx.Done():
			_ = (&File{f}).Close()
		}
	}()
	select {
	case err := <-taken:
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return &File{f}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
