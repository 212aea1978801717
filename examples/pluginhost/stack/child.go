package stack

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Process is how a child is.
type Process struct {
	Name   string `json:"name"`
	PID    int    `json:"pid,omitempty"`
	Up     bool   `json:"up"`
	Deaths int    `json:"deaths"` // how often it ended and should not have
}

// Child is a process that is started again when it dies, as an operating system's supervisor
// would do.
type Child struct {
	Name string
	make func() *exec.Cmd // a new command each time
	// ready waits until it answers; nil: it is ready once it is started.
	ready func(ctx context.Context) error
	log   string // file that its output is appended to
	// Pause is how long it stays away after it died.
	Pause time.Duration

	mu     sync.Mutex
	cmd    *exec.Cmd
	ended  chan struct{} // closed when cmd has
	deaths int
	goes   bool // it is to run
}

// grace is how long a process may take to end when it is asked to.
const grace = 15 * time.Second

// Start starts it and waits until it is ready. From then on it is kept running.
func (c *Child) Start(ctx context.Context) error {
	c.mu.Lock()
	c.goes = true
	err := c.launch()
	c.mu.Unlock()
	if err != nil {
		return err
	}
	return c.Wait(ctx)
}

// Wait waits until it answers.
func (c *Child) Wait(ctx context.Context) error {
	if c.ready == nil {
		return nil
	}
	c.mu.Lock()
	ended := c.ended
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for {
		err := c.ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("%s ended before it was ready: %s", c.Name, lastLines(c.log))
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w: %s", c.Name, err, lastLines(c.log))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// launch starts the process; c.mu is held.
func (c *Child) launch() error {
	log, err := os.OpenFile(c.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := c.make()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is ours to hand on, in order
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	c.cmd, c.ended = cmd, make(chan struct{})
	go c.watch(cmd, c.ended)
	return nil
}

// watch starts it again after a pause where it ends and should not have.
func (c *Child) watch(cmd *exec.Cmd, ended chan struct{}) {
	_ = cmd.Wait()
	close(ended)
	c.mu.Lock()
	again := c.goes && c.cmd == cmd
	if again {
		c.deaths++
	}
	c.mu.Unlock()
	if !again {
		return
	}
	time.Sleep(c.Pause)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.goes && c.cmd == cmd {
		_ = c.launch() // a failure is seen as a process that is down
	}
}

// Kill ends it at once, as a crash would.
func (c *Child) Kill() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd == nil || !c.running() {
		return fmt.Errorf("%s is not running", c.Name)
	}
	return c.cmd.Process.Kill()
}

// running says whether the process is there; c.mu is held.
func (c *Child) running() bool {
	select {
	case <-c.ended:
		return false
	default:
		return c.cmd != nil
	}
}

// stop asks it to end, and ends it where it does not.
func (c *Child) stop() {
	c.mu.Lock()
	c.goes = false
	cmd, ended := c.cmd, c.ended
	c.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(grace):
		_ = cmd.Process.Kill()
		<-ended
	}
}

// State is how it is now.
func (c *Child) State() Process {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := Process{Name: c.Name, Deaths: c.deaths}
	if c.cmd != nil && c.running() {
		p.Up, p.PID = true, c.cmd.Process.Pid
	}
	return p
}

// lastLines is the end of a log, on one line.
func lastLines(file string) string {
	data, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return err.Error()
	}
	const most = 400
	if len(data) > most {
		data = data[len(data)-most:]
	}
	return fmt.Sprintf("%q (all of it is in %s)", data, file)
}
