package stack

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// child is one that runs a script of sh, and its log. It is stopped with the test.
func child(t *testing.T, script string) *Child {
	t.Helper()
	c := &Child{Name: "script", make: func() *exec.Cmd { return exec.Command("sh", "-c", script) }, log: filepath.Join(t.TempDir(), "script.log"), Pause: 50 * time.Millisecond}
	t.Cleanup(c.stop)
	return c
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

// TestChild: one that dies is started again, and counted; one that is stopped is not.
func TestChild(t *testing.T) {
	c := child(t, "echo began; exec sleep 60")
	if s := c.State(); s != (Process{Name: "script"}) {
		t.Errorf("before it was started: %+v", s)
	}
	if err := c.Kill(); err == nil || err.Error() != "script is not running" {
		t.Error(err)
	}
	if err := c.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	began := func() int {
		text, _ := os.ReadFile(c.log)
		return strings.Count(string(text), "began")
	}
	eventually(t, "it began", func() bool { return began() == 1 })
	first := c.State()
	if !first.Up || first.PID == 0 || first.Deaths != 0 {
		t.Errorf("%+v", first)
	}
	if err := c.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it runs again", func() bool { s := c.State(); return s.Up && s.PID != first.PID })
	eventually(t, "it began again", func() bool { return began() == 2 })
	if s := c.State(); s.Deaths != 1 {
		t.Errorf("%+v", s)
	}
	second := c.State().PID
	c.stop()
	if s := c.State(); s.Up || s.Deaths != 1 {
		t.Errorf("stopped: %+v", s)
	}
	time.Sleep(3 * c.Pause)
	if s := c.State(); s.Up {
		t.Errorf("it came back after it was stopped: %+v", s)
	}
	if err := syscall.Kill(second, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("its process is still there: %v", err)
	}
	if n := began(); n != 2 {
		t.Errorf("it began %d times", n)
	}
}

// TestNeverReady: one that ends before it answers is said at once, with the end of its log.
func TestNeverReady(t *testing.T) {
	c := child(t, "echo the port is in use; exit 3")
	c.Pause = time.Minute
	c.ready = func(context.Context) error { return errors.New("nobody answers") }
	began := time.Now()
	err := c.Start(context.Background())
	if err == nil || !strings.Contains(err.Error(), `script ended before it was ready: "the port is in use\n"`) || !strings.Contains(err.Error(), c.log) {
		t.Error(err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	away := child(t, "")
	away.make = func() *exec.Cmd { return exec.Command(filepath.Join(t.TempDir(), "nothing")) }
	if err := away.Start(context.Background()); err == nil || !strings.Contains(err.Error(), "script: ") || !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	slow := child(t, "exec sleep 60")
	slow.ready = func(context.Context) error { return errors.New("it answers 503") }
	if err := slow.Start(ctx); err == nil || !strings.Contains(err.Error(), "script is not ready: it answers 503") {
		t.Error(err)
	}
}

// TestStubborn: one that does not end when it is asked to is ended; one that is on its way
// back is not started any more.
func TestStubborn(t *testing.T) {
	c := child(t, "exit 1")
	c.Pause = 300 * time.Millisecond
	if err := c.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it died", func() bool { return c.State().Deaths == 1 })
	c.stop()
	time.Sleep(2 * c.Pause)
	if s := c.State(); s.Deaths != 1 || s.Up {
		t.Errorf("%+v", s)
	}
	if testing.Short() {
		t.Skip("a grace takes 15 s")
	}
	stubborn := child(t, `trap "" TERM; while :; do sleep 0.1; done`)
	if err := stubborn.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond) // it has set its trap
	began := time.Now()
	stubborn.stop()
	if took := time.Since(began); stubborn.State().Up || took < grace || took > grace+5*time.Second {
		t.Errorf("%+v after %s", stubborn.State(), took)
	}
}
