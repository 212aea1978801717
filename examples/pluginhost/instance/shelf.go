package instance

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/catalogue"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// shelf is the versions that an instance holds, of which one is served by default.
type shelf struct {
	load loader
	log  *slog.Logger
	kept sync.WaitGroup // versions of which something is left

	mu       sync.RWMutex
	held     map[string]*held
	standard string // "": none
	faults   []wire.Fault
	closed   bool
}

// errNotHeld says that a version is not there at all.
var errNotHeld = errors.New("it is not held")

// hold starts a version beside the others, unless it is there.
func (s *shelf) hold(v catalogue.Version) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.held[v.Version]; s.closed || (h != nil && h.stay()) {
		return
	}
	h := newHeld(v, s.faults, s.log)
	s.held[v.Version] = h
	s.kept.Go(func() {
		h.keep(s.load)
		s.forget(h)
	})
}

// forget takes out what is gone.
func (s *shelf) forget(h *held) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[h.version.Version] == h { // and not held anew
		delete(s.held, h.version.Version)
	}
}

// drop has a version go when its last request ends.
func (s *shelf) drop(version string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.standard == version {
		s.standard = ""
	}
	if h := s.held[version]; h != nil {
		h.drain()
	}
}

// serve has a version serve all requests that begin from now on and name none; "" is none.
func (s *shelf) serve(version string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if version != "" {
		h := s.held[version]
		if h == nil {
			return fmt.Errorf("version %s: %w", version, errNotHeld)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.draining || h.state != wire.Ready {
			return h.unready()
		}
	}
	s.standard = version
	return nil
}

// acquire has the plugin for a request that names a version, or none. Where the version is
// meant to serve it and is broken, it is there beside the error.
func (s *shelf) acquire(version string) (*held, plugin.Loaded, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if version == "" {
		version = s.standard
	}
	if version == "" {
		return nil, nil, errors.New("no version is served by default")
	}
	h := s.held[version]
	if h == nil {
		return nil, nil, fmt.Errorf("version %s: %w", version, errNotHeld)
	}
	l, broken, err := h.acquire()
	if err != nil && !broken {
		return nil, nil, err
	}
	return h, l, err
}

// misbehave puts faults in the place of those there were.
func (s *shelf) misbehave(faults []wire.Fault) {
	s.mu.Lock()
	s.faults = faults
	all := s.all()
	s.mu.Unlock()
	for _, h := range all {
		h.behave(h.version.Behaviours(faults))
	}
}

// probes is what the version that is served by default has probes say; "": the truth.
func (s *shelf) probes() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	said := ""
	if h := s.held[s.standard]; h != nil {
		said = h.version.Probes
	}
	for _, f := range s.faults {
		if s.standard != "" && f.Version == s.standard && f.Probes != "" {
			said = f.Probes
		}
	}
	return said
}

// unready is why the version that is served by default takes no requests.
func (s *shelf) unready() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	h := s.held[s.standard]
	if h == nil {
		return errors.New("no version is served by default")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining || h.state != wire.Ready {
		return h.unready()
	}
	return nil
}

// all is what is held, by version, of whoever has the lock.
func (s *shelf) all() []*held {
	var all []*held
	for _, h := range s.held {
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b *held) int { return strings.Compare(a.version.Version, b.version.Version) })
	return all
}

// list is what is held, by version, and which is served by default.
func (s *shelf) list() ([]*held, string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.all(), s.standard
}

// close ends all of it, and returns when no plugin is left.
func (s *shelf) close() {
	s.mu.Lock()
	s.closed = true
	for _, h := range s.held {
		h.end()
	}
	s.mu.Unlock()
	s.kept.Wait()
}
