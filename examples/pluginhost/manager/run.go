package manager

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/serving"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/filelock"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
)

// Run is pluginhost manager: it serves until ctx is done.
func Run(ctx context.Context, o Options) (err error) {
	token, err := o.check()
	if err != nil {
		return err
	}
	lock, err := take(o.State)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	l, err := serving.Listen(ctx, o.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }() // which the server has done, if it came to that
	worlds, err := o.open(token)
	if err != nil {
		return err
	}
	h, ending := o.handler(token, worlds)
	var life sync.WaitGroup
	inside, stop := context.WithCancel(context.WithoutCancel(ctx))
	failed := make(chan error, len(worlds)+1)
	for _, w := range worlds {
		life.Go(func() { failed <- w.Run(inside) })
	}
	if o.Sandbox {
		life.Go(func() { worlds[1].traffic(inside) })
	}
	o.Say("managing %s in %s at http://%s, token in %s", o.Plugin, o.Environment, l.Addr(), o.TokenFile)
	life.Go(func() {
		if at := worlds[0].reachable(inside); at != "" {
			o.Say("requests go to http://%s", at)
		}
	})
	err = serving.Run(ctx, l, h, func() { ending.Store(true) })
	stop()
	life.Wait()
	close(failed)
	for one := range failed {
		err = errors.Join(err, one)
	}
	if o.StopAll {
		n, wrong := stopAll(o.State)
		o.Say("stopped %d processes", n)
		err = errors.Join(err, wrong)
	}
	return err
}

// take takes the state folder for this process.
func take(dir string) (*filelock.File, error) {
	lock, err := filelock.Try(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, filelock.ErrHeld) {
		return nil, serving.Wrong(fmt.Errorf("--state: another manager uses %s: end it first, with: pluginhost stop --state %s", dir, dir))
	}
	if err != nil {
		return nil, serving.Wrong(fmt.Errorf("--state: %w", err))
	}
	text := fmt.Appendf(nil, "%d\n", os.Getpid())
	if err := os.WriteFile(filepath.Join(dir, "manager.pid"), text, 0o600); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// open opens the worlds: the one that people roll out to, and the sandbox.
func (o *Options) open(token string) ([]*World, error) {
	all := []Settings{o.settings(token)}
	if o.Router == "haproxy" {
		all[0].HAProxy = haproxyProgram
	}
	if o.Sandbox {
		s, err := o.sandbox(token)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	var worlds []*World
	for _, s := range all {
		w, err := Open(s)
		if err != nil {
			return nil, err
		}
		worlds = append(worlds, w)
	}
	return worlds, nil
}

// handler answers for all worlds.
func (o *Options) handler(token string, worlds []*World) (http.Handler, *atomic.Bool) {
	ending := new(atomic.Bool)
	so := server.Options{
		Token: func() (string, error) { return token, nil }, Now: time.Now, Software: "pluginhost", Log: o.Log,
		Ready: func() error {
			if ending.Load() {
				return errors.New("the manager ends")
			}
			return nil
		},
	}
	if o.Sandbox {
		so.Sandbox = &contract.Sandbox{
			Environment: sandboxEnvironment, Plugin: sandboxPlugin, Versions: sandboxVersions[:], Settle: engine.Duration(sandboxSettle),
		}
	}
	var served []server.World
	for _, w := range worlds {
		served = append(served, w.served())
	}
	mux := http.NewServeMux()
	mux.Handle("/faults", serving.Known(token, http.HandlerFunc(worlds[0].answerFaults)))
	mux.Handle("/overview", serving.Known(token, http.HandlerFunc(worlds[0].answerOverview)))
	mux.Handle("GET /prometheus-targets", serving.Known(token, http.HandlerFunc(worlds[0].answerTargets)))
	mux.Handle("GET /processes", serving.Known(token, http.HandlerFunc(worlds[0].answerProcesses)))
	mux.Handle("/", server.New(so, served...))
	return mux, ending
}

// served is the world as it is served.
func (w *World) served() server.World {
	keeper := server.NewFolder(filepath.Join(w.Dir, "kept"))
	s := server.World{Environment: w.Environment, Plugin: w.Plugin, Fleet: w, Ledger: server.NewLedger(keeper), Keeper: keeper, Now: time.Now}
	if w.Meter != nil {
		s.Meter = w.Meter
	}
	return s
}

// reachable waits until requests can be sent; "": ctx was done before.
func (w *World) reachable(ctx context.Context) string {
	for ctx.Err() == nil {
		w.mu.Lock()
		ready := false
		for _, r := range w.inForce.Instances {
			ready = ready || r.Ready
		}
		w.mu.Unlock()
		if at := w.router.Address(); ready && at != "" {
			return at
		}
		pause(ctx, 50*time.Millisecond)
	}
	return ""
}
