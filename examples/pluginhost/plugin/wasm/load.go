package wasm

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
)

// loaded is a plugin of some instances of its module, each of which serves a request at a
// time. One that traps is lost, with that request; when all are, so is the plugin.
type loaded struct {
	engine  *Engine
	code    *compiled
	seed    uint64
	crashed func(why string)
	free    chan *guest

	mu       sync.Mutex
	changed  int64 // how often it was configured
	behaves  []byte
	alive    int
	seeded   uint64 // instances that ever were
	using    int    // of those that may still need the engine
	finished bool   // it is lost or closed
	why      string
	backoff  plugin.Backoff
	born     time.Time
	lost     chan struct{}
}

// Load starts the module in file as a plugin that behaves as b says, in so many instances.
// It tells of each instance that traps, and replaces it a little later.
func (e *Engine) Load(ctx context.Context, file string, b plugin.Behaviours, seed uint64, instances int, crashed func(why string)) (plugin.Loaded, error) {
	code, err := e.compile(ctx, file)
	if err != nil {
		return nil, err
	}
	l := &loaded{
		engine: e, code: code, seed: seed, crashed: crashed, free: make(chan *guest, instances),
		lost: make(chan struct{}), born: time.Now(), using: 1,
	}
	if err := l.Configure(ctx, b); err != nil {
		l.Close()
		return nil, err
	}
	for range instances {
		if err := l.add(ctx); err != nil {
			l.Close()
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return l, nil
}

// add adds an instance.
func (l *loaded) add(ctx context.Context) error {
	if !l.enter() {
		return plugin.ErrCrashed
	}
	defer l.leave()
	g, err := newGuest(ctx, l.engine, l.code)
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.alive++
	l.mu.Unlock()
	l.giveBack(g)
	return nil
}

// enter has the engine's code kept until leave; not where the plugin is over.
func (l *loaded) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.finished {
		return false
	}
	l.using++
	return true
}

func (l *loaded) leave() {
	l.mu.Lock()
	l.using--
	over := l.using == 0
	l.mu.Unlock()
	if over {
		l.engine.release(context.Background(), l.code)
	}
}

// giveBack makes an instance free for others, or ends it where none is wanted any more.
func (l *loaded) giveBack(g *guest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.finished {
		g.close()
		return
	}
	l.free <- g // has room for all there are
}

// Serve implements plugin.Plugin.
func (l *loaded) Serve(ctx context.Context, r plugin.Request) (plugin.Response, error) {
	response, wait, failed, err := l.compute(ctx, r)
	if err != nil {
		return response, err
	}
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return plugin.Response{}, ctx.Err()
		}
	}
	return response, failed
}

// compute has an instance serve a request, but for the wait.
func (l *loaded) compute(ctx context.Context, r plugin.Request) (response plugin.Response, wait time.Duration, failed, err error) {
	if !l.enter() {
		return response, 0, nil, plugin.ErrCrashed
	}
	defer l.leave()
	var g *guest
	select {
	case g = <-l.free:
	case <-l.lost:
		return response, 0, nil, plugin.ErrCrashed
	case <-ctx.Done():
		return response, 0, nil, ctx.Err()
	}
	if err := l.upToDate(g); err != nil {
		l.trapped(g, err)
		return response, 0, nil, plugin.ErrCrashed
	}
	response, wait, failed, err = g.ask(r)
	if err != nil {
		l.trapped(g, err)
		return response, 0, nil, plugin.ErrCrashed
	}
	l.giveBack(g)
	return response, wait, failed, nil
}

// upToDate has an instance behave as it was said last.
func (l *loaded) upToDate(g *guest) error {
	l.mu.Lock()
	changed, behaves := l.changed, l.behaves
	seed := l.seed
	if g.configured == 0 {
		l.seeded++
		seed += l.seeded
	}
	l.mu.Unlock()
	if g.configured == changed {
		return nil
	}
	g.configured = changed
	return g.behave(behaves, seed)
}

// trapped takes an instance out that went away, and has another come.
func (l *loaded) trapped(g *guest, err error) {
	why := g.reason(err)
	g.close()
	l.mu.Lock()
	l.alive--
	left, finished := l.alive, l.finished
	wait := l.backoff.After(time.Since(l.born))
	l.born = time.Now()
	l.mu.Unlock()
	switch {
	case finished:
	case left == 0:
		l.end(why)
	default:
		l.crashed(why)
		go l.replace(wait)
	}
}

// replace adds an instance when it is time, unless the plugin is over by then.
func (l *loaded) replace(wait time.Duration) {
	select {
	case <-time.After(wait):
		if err := l.add(context.Background()); err != nil {
			l.end(err.Error())
		}
	case <-l.lost:
	}
}

// Configure implements plugin.Plugin. Instances learn of it with their next request.
func (l *loaded) Configure(_ context.Context, b plugin.Behaviours) error {
	behaves, err := json.Marshal(b)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.behaves = behaves
	l.changed++
	return nil
}

// Lost implements plugin.Loaded.
func (l *loaded) Lost() <-chan struct{} { return l.lost }

// Why implements plugin.Loaded.
func (l *loaded) Why() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.why
}

// PID implements plugin.Loaded.
func (l *loaded) PID() int { return 0 }

// Close implements plugin.Loaded.
func (l *loaded) Close() { l.end("closed") }

// end ends the plugin: instances that are free at once, the others by who has them.
func (l *loaded) end(why string) {
	l.mu.Lock()
	if l.finished {
		l.mu.Unlock()
		return
	}
	l.finished, l.why = true, why
	close(l.lost)
	for len(l.free) > 0 {
		(<-l.free).close()
	}
	l.mu.Unlock()
	l.leave() // that of Load
}
