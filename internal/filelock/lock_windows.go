package filelock

import (
	"errors"
	"os"
	"syscall"
	"unsafe"
)

var lockFileEx = syscall.NewLazyDLL("kernel32.dll").NewProc("LockFileEx")

// lockViolation is the system's word for a lock that somebody else has.
const lockViolation = syscall.Errno(33)

// lock takes the exclusive lock of f until f is closed. Without wait it is refused with
// ErrHeld where somebody else has it.
func lock(f *os.File, wait bool) error {
	const exclusive, failImmediately = 2, 1
	flags := uintptr(exclusive)
	if !wait {
		flags |= failImmediately
	}
	// The lock lies far behind the end of the file, so that it keeps nobody from reading.
	at := syscall.Overlapped{OffsetHigh: 1 << 30}
	ok, _, err := lockFileEx.Call(f.Fd(), flags, 0, 1, 0, uintptr(unsafe.Pointer(&at)))
	switch {
	case ok != 0:
		return nil
	case errors.Is(err, lockViolation):
		return ErrHeld
	default:
		return &os.PathError{Op: "lock", Path: f.Name(), Err: err}
	}
}

// unlock does nothing: no other process has the open file, and the lock goes when it is closed.
func unlock(*os.File) error { return nil }
