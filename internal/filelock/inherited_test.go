//go:build !windows

package filelock_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/filelock"
)

// TestInherited: a lock that was given back is free, though a process that is just being started
// has its parent's files still.
func TestInherited(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := filelock.Try(path, flags, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	child, err := syscall.Dup(int(first.Fd())) // as a fork does
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Close(child) }()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := filelock.Try(path, flags, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}
