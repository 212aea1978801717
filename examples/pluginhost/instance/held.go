package instance

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/catalogue"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// configureLimit is how long a plugin may take to be told how to behave.
const configureLimit = 5 * time.Second

// held is a version that the instance holds. Its plugin is started, and started again when
// it went away, until the last request of a version that is to go has ended.
type held struct {
	version catalogue.Version
	log     *slog.Logger
	stop    chan struct{} // closed when it is to go, and has no request
	done    chan struct{} // closed when nothing of it is left

	mu         sync.Mutex
	state      wire.State // but for Draining
	why        string
	draining   bool
	stopped    bool
	inFlight   int64
	restarts   int64
	loaded     plugin.Loaded // where it is ready
	behaviours plugin.Behaviours
	told       int64 // how often it was told how to behave
}

func newHeld(v catalogue.Version, faults []wire.Fault, log *slog.Logger) *held {
	return &held{
		version: v, log: log.With("version", v.Version), stop: make(chan struct{}), done: make(chan struct{}),
		state: wire.Starting, behaviours: v.Behaviours(faults),
	}
}

// loader starts a plugin. It tells of a part of it that went away and was replaced.
type loader func(v catalogue.Version, b plugin.Behaviours, crashed func(why string)) (plugin.Loaded, error)

// keep has the plugin run until it is stopped.
func (h *held) keep(load loader) {
	defer close(h.done)
	var backoff plugin.Backoff
	for {
		var ran time.Duration
		l, err := load(h.version, h.behaves(), h.crashed)
		if err != nil {
			h.broken(err.Error())
		} else {
			begun := time.Now()
			h.ready(l)
			select {
			case <-l.Lost():
				h.broken("it went away") // at once; why is known a little later
				h.crashed(l.Why())
				h.broken(l.Why())
			case <-h.stop:
			}
			ran = time.Since(begun)
			l.Close()
		}
		select {
		case <-h.stop:
			return
		case <-time.After(backoff.After(ran)):
		}
	}
}

func (h *held) behaves() plugin.Behaviours {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.behaviours
}

// ready has it take requests. Where it was told to behave otherwise while it was starting,
// it is told now.
func (h *held) ready(l plugin.Loaded) {
	var told int64 = -1
	for {
		h.mu.Lock()
		if told == h.told {
			h.state, h.why, h.loaded = wire.Ready, "", l
			h.mu.Unlock()
			h.log.Info("ready")
			return
		}
		told = h.told
		b := h.behaviours
		h.mu.Unlock()
		h.configure(l, b)
	}
}

func (h *held) configure(l plugin.Loaded, b plugin.Behaviours) {
	ctx, cancel := context.WithTimeout(context.Background(), configureLimit)
	defer cancel()
	if err := l.Configure(ctx, b); err != nil {
		h.log.Warn("it was not told how to behave", "error", err)
	}
}

// behave has it behave otherwise from now on, and whenever it is started again.
func (h *held) behave(b plugin.Behaviours) {
	h.mu.Lock()
	h.behaviours = b
	h.told++
	l := h.loaded
	h.mu.Unlock()
	if l != nil {
		h.configure(l, b)
	}
}

func (h *held) broken(why string) {
	h.mu.Lock()
	news := h.why != why && h.loaded == nil
	h.state, h.why, h.loaded = wire.Broken, why, nil
	h.mu.Unlock()
	if news { // and not with each try
		h.log.Warn("broken", "error", why)
	}
}

// crashed counts that the plugin, or a part of it, went away by itself.
func (h *held) crashed(why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.stopped {
		h.restarts++
		h.log.Warn("went away", "error", why)
	}
}

// acquire has the plugin for a request, until release. Where it takes none, it says why,
// and whether it is broken.
func (h *held) acquire() (l plugin.Loaded, broken bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining || h.state != wire.Ready {
		return nil, !h.draining && h.state == wire.Broken, h.unready()
	}
	h.inFlight++
	return h.loaded, false, nil
}

// unready says why it takes no requests, of whoever has the lock.
func (h *held) unready() error {
	if h.draining {
		return fmt.Errorf("version %s is going", h.version.Version)
	}
	if h.why != "" {
		return fmt.Errorf("version %s is %s: %s", h.version.Version, h.state, h.why)
	}
	return fmt.Errorf("version %s is %s", h.version.Version, h.state)
}

// release gives the plugin back after a request.
func (h *held) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.inFlight--
	h.stopWhereOver()
}

// drain has it go when its last request ends.
func (h *held) drain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.draining = true
	h.stopWhereOver()
}

func (h *held) stopWhereOver() {
	if h.draining && h.inFlight == 0 && !h.stopped {
		h.stopped = true
		close(h.stop)
	}
}

// end has it go now, with the requests that it has.
func (h *held) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.draining = true
	if !h.stopped {
		h.stopped = true
		close(h.stop)
	}
}

// stay has it stay after all. It does not where it is gone already.
func (h *held) stay() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return false
	}
	h.draining = false
	return true
}

// tell is what it is.
func (h *held) tell() wire.Plugin {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := wire.Plugin{Version: h.version.Version, Kind: h.version.Kind, State: h.state, Error: h.why, InFlight: h.inFlight, Restarts: h.restarts}
	if h.draining {
		p.State = wire.Draining
	}
	return p
}

// pid is that of its process, 0 where it has none.
func (h *held) pid() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.loaded == nil {
		return 0
	}
	return h.loaded.PID()
}
