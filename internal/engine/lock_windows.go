package engine

import (
	"os"
	"syscall"
	"unsafe"
)

var lockFileEx = syscall.NewLazyDLL("kernel32.dll").NewProc("LockFileEx")

// LockFile takes the exclusive lock of f until f is closed. Without wait it is
// refused at once where somebody else has it.
func LockFile(f *os.File, wait bool) error {
	const exclusive, failImmediately = 2, 1
	flags := uintptr(exclusive)
	if !wait {
		flags |= failImmediately
	}
	// The lock lies far behind the end of the file, so that it keeps nobody from reading.
	at := syscall.Overlapped{OffsetHigh: 1 << 30}
	if ok, _, err := lockFileEx.Call(f.Fd(), flags, 0, 1, 0, uintptr(unsafe.Pointer(&at))); ok == 0 {
		return err
	}
	return nil
}
