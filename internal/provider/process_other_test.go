//go:build !unix

package provider

import (
	"os/exec"
	"syscall"
)

// There are no process groups to signal here; the tests that need them are skipped.

func ownGroup(*exec.Cmd) {}

func signalGroup(cmd *exec.Cmd, _ syscall.Signal) error { return cmd.Process.Kill() }
