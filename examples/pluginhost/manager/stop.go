package manager

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/serving"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/filelock"
)

// Stop ends the manager of a state folder, and then all that it started. It says how many
// processes there were, without the manager.
func Stop(ctx context.Context, state string) (n int, err error) {
	dir, err := filepath.Abs(state)
	if err != nil {
		return 0, err
	}
	if _, err := os.Stat(filepath.Join(dir, "lock")); err != nil {
		return 0, serving.Wrong(fmt.Errorf("--state: %s is no state folder of a manager", dir))
	}
	lock, err := filelock.Try(filepath.Join(dir, "lock"), os.O_RDWR, 0o600)
	if errors.Is(err, filelock.ErrHeld) {
		if err := endManager(dir); err != nil {
			return 0, err
		}
		limit, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		if lock, err = filelock.Open(limit, filepath.Join(dir, "lock"), os.O_RDWR, 0o600); err != nil {
			return 0, fmt.Errorf("the manager does not end: %w", err)
		}
	}
	if err != nil {
		return 0, err
	}
	n, err = stopAll(dir)
	return n, errors.Join(err, lock.Close())
}

// endManager asks the manager to end that holds the lock.
func endManager(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "manager.pid"))
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("manager.pid: %w", err)
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	if err := p.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("the manager, process %d: %w", pid, err)
	}
	return nil
}

// stopAll ends all processes of a state folder: the routers first, which end what they have
// while the instances still serve.
func stopAll(dir string) (n int, err error) {
	worlds, err := filepath.Glob(filepath.Join(dir, "worlds", "*", "*"))
	if err != nil {
		return 0, err
	}
	var all []*process
	for _, world := range worlds {
		some, err := (folder{world}).find()
		if err != nil {
			return 0, err
		}
		all = append(all, some...)
	}
	for _, routers := range []bool{true, false} {
		var life sync.WaitGroup
		for _, p := range all {
			if (p.part == "router") == routers {
				n++
				life.Go(func() { p.stop(stopTime) })
			}
		}
		life.Wait()
	}
	return n, nil
}
