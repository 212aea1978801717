//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// TestSecondInterruptEndsAtOnce: who interrupts twice waits for nothing, here for a pipe that
// nobody reads.
func TestSecondInterruptEndsAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, pipe, said := filepath.Join(dir, "canary.yaml"), filepath.Join(dir, "pipe"), filepath.Join(dir, "said")
	if err := os.WriteFile(file, []byte(canary), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	reader, err := os.OpenFile(pipe, os.O_RDWR, 0) // as long as it is there, the pipe is opened at once
	if err != nil {
		t.Fatal(err)
	}
	errs, err := os.Create(said)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "simulate", file, "--runs", "1000000", "--json", pipe)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), asCommand+"=1"), errs, errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = errs.Close()
	})
	waitFor := func(text string) {
		t.Helper()
		for n := 0; ; n++ {
			if data, err := os.ReadFile(said); err != nil || n > 3000 {
				t.Fatalf("%v: no %q in\n%s", err, text, data)
			} else if strings.Contains(string(data), text) {
				return
			}
			_ = walker.Pause(t.Context(), 20*time.Millisecond)
		}
	}
	waitFor("runs: 1 of")
	_ = reader.Close()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	waitFor("per second") // the campaign is over
	select {
	case err := <-ended:
		t.Fatalf("it did not wait for its pipe: %v", err)
	default:
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("it waits on after a second interrupt")
	}
	if s, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && s.Signaled() && s.Signal() != syscall.SIGINT {
		t.Errorf("it ended by %v", s.Signal())
	}
}
