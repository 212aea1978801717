// Package manager makes a fleet of processes one that rollouts can be rolled out to: it
// fills the engine's ports over instances and a router.
//
// What a world is to be is written down (see desired) before an order is answered. One
// goroutine for each instance brings it there, step by step; another one watches it. What
// is told of an instance is what it says of itself, and never what was asked of it.
package manager

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/meter"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Settings are a world's.
type Settings struct {
	Environment engine.Environment
	Plugin      string
	Dir         string // folder of the world, which exists and is nobody else's
	Program     string // the host's program, which has the subcommands instance and router
	TokenFile   string
	Token       string
	// Folder is the catalogue's, and Catalogue says what is wrong with a version of the plugin
	// there; nil: nothing.
	Folder    string
	Catalogue func(version string) error
	// Version, Instances, Tenants and Spare are those of the fleet that is made where there is
	// none yet. Spare holds each time.
	Version                   string
	Instances, Tenants, Spare int
	Counts                    bool // its traffic is counted
	Listen                    string
	HAProxy                   string // program that routes; "": the host's own router does
	Log                       *slog.Logger
}

// World is a plugin in an environment: its instances, its router, and who is who. It fills
// engine.Fleet, and may be used by several at once.
type World struct {
	Settings
	folder  folder
	caller  *caller
	router  balancer
	Meter   *meter.Meter // nil: nothing is counted
	started time.Time

	mu      sync.Mutex
	want    *desired
	runs    map[string]*inst // by id
	inForce wire.Table       // of the router
	plan    chooser          // of inForce
	changed chan struct{}    // closed and replaced when inForce or an instance is another one
	poke    chan struct{}    // wakes who routes
	smoked  chan struct{}    // wakes who runs smoke tests

	life sync.WaitGroup
	ctx  context.Context //nolint:containedctx // the life of the world, which instances that come later share
}

// Open reads a world, or makes it. Nothing is started yet.
func Open(s Settings) (*World, error) {
	w := &World{
		Settings: s, folder: folder{s.Dir}, caller: newCaller(s.Token), runs: map[string]*inst{}, changed: make(chan struct{}),
		poke: make(chan struct{}, 1), smoked: make(chan struct{}, 1), started: time.Now(),
	}
	for _, dir := range []string{"run", "logs", "kept", "router"} {
		if err := os.MkdirAll(filepath.Join(s.Dir, dir), 0o700); err != nil {
			return nil, err
		}
	}
	var err error
	if w.want, err = loadDesired(w.path()); err != nil {
		return nil, err
	}
	if w.want == nil {
		if err := s.Catalogue(s.Version); err != nil {
			return nil, fmt.Errorf("--version: %w", err)
		}
		w.want = newDesired(s.Version, s.Instances, s.Tenants, s.Spare)
		if err := w.want.save(w.path()); err != nil {
			return nil, err
		}
	} else if w.want.spares(s.Spare) {
		if err := w.want.save(w.path()); err != nil {
			return nil, err
		}
	}
	if s.Counts {
		if w.Meter, err = meter.Open(filepath.Join(s.Dir, "counts"), time.Now()); err != nil {
			return nil, err
		}
	}
	if w.router = newOwn(w); s.HAProxy != "" {
		w.router, err = newHAProxy(w)
	}
	return w, err
}

func (w *World) path() string { return filepath.Join(w.Dir, "desired.json") }

// Run brings the world to what it is to be, and keeps it there, until ctx is done. What
// runs goes on running then.
func (w *World) Run(ctx context.Context) error {
	found, err := w.folder.find()
	if err != nil {
		return err
	}
	byPart := map[string][]*process{}
	for _, p := range found {
		byPart[p.part] = append(byPart[p.part], p)
	}
	router := newest(byPart["router"])
	w.life.Go(func() { w.route(ctx) })
	w.life.Go(func() { w.router.Supervise(ctx, router) })
	w.life.Go(func() { w.smoke(ctx) })
	w.mu.Lock()
	w.ctx = ctx
	for _, in := range w.want.Instances {
		w.begin(in.ID, newest(byPart[in.ID]))
		delete(byPart, in.ID)
	}
	w.mu.Unlock()
	delete(byPart, "router")
	for part, left := range byPart {
		for _, p := range left {
			w.Log.Warn("a process of nobody is ended", "part", part, "pid", p.handle.Pid)
			w.life.Go(func() { p.stop(stopTime) })
		}
	}
	<-ctx.Done()
	w.life.Wait()
	if w.Meter != nil {
		return w.Meter.Close()
	}
	return nil
}

// newest is the process of the newest generation. There is another one only where a
// manager died while it replaced one: those are ended at once.
func newest(all []*process) *process {
	var p *process
	for _, other := range all {
		switch {
		case p == nil:
			p = other
		case other.generation > p.generation:
			go p.stop(stopTime)
			p = other
		default:
			go other.stop(stopTime)
		}
	}
	return p
}

// change makes another desired state, writes it down, and wakes everybody.
func (w *World) change(f func(d *desired) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := w.want.clone()
	if err := f(next); errors.Is(err, errAgain) {
		return nil
	} else if err != nil {
		return err
	}
	if err := next.save(w.path()); err != nil {
		return fmt.Errorf("what was asked for cannot be written down: %w", err)
	}
	before := w.want
	w.want = next
	for _, in := range next.Instances {
		if w.runs[in.ID] == nil && w.ctx != nil {
			w.begin(in.ID, nil)
		}
		if run := w.runs[in.ID]; run != nil {
			run.wakeUp()
		}
	}
	if next.Smoke != nil && next.Smoke != before.Smoke {
		nudge(w.smoked)
	}
	nudge(w.poke)
	return nil
}

// errAgain says that there is nothing to change.
var errAgain = errors.New("nothing is to be changed")

// nudge wakes who waits for c, or will.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// begin begins to look after an instance, of whoever has the lock.
func (w *World) begin(id string, p *process) {
	in := newInst(id, p)
	w.runs[id] = in
	ctx, cancel := context.WithCancel(w.ctx)
	in.forget = cancel
	w.life.Go(func() { w.keep(ctx, in) })
	w.life.Go(func() { w.watch(ctx, in) })
}

// tell says that something is not as it was before, of whoever has the lock.
func (w *World) tell() {
	close(w.changed)
	w.changed = make(chan struct{})
}

// until waits until f, which is called with the lock, says yes; false: ctx was done before.
func (w *World) until(ctx context.Context, f func() bool) bool {
	for {
		w.mu.Lock()
		done, changed := f(), w.changed
		w.mu.Unlock()
		if done {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-changed:
		}
	}
}
