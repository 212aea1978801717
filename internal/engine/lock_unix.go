//go:build !windows

package engine

import (
	"os"
	"syscall"
)

// LockFile takes the exclusive lock of f until f is closed. Without wait it is
// refused at once where somebody else has it.
func LockFile(f *os.File, wait bool) error {
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if err != syscall.EINTR {
			return err
		}
	}
}
