// Package fleet puts a real fleet together: the API that carries changes out, whoever
// counts its traffic, and whoever keeps the journals of its rollouts. They may be one
// system or three.
package fleet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/journal/file"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// Settings say where a fleet is, who counts and who remembers.
type Settings struct {
	API connect.Settings
	// JournalPath is a folder for the journals of a fleet that keeps none; "": it has to.
	JournalPath string
	// Prometheus counts the traffic; nil: the fleet does. Environment and plugin are those of
	// each world.
	Prometheus *prom.Settings
}

// Check says all that is wrong with s. It reaches nobody.
func (s Settings) Check() engine.Problems {
	ps := s.API.Check()
	if s.Prometheus != nil {
		ps = append(ps, s.Prometheus.Check()...)
	}
	return ps
}

// Fleet is a fleet that can be reached.
type Fleet struct {
	api      *client.Client
	journals *file.Journals // nil: the fleet's
	folder   string
	measured *prom.Settings // nil: by the fleet

	mu     sync.Mutex
	meters map[string]*meter // by environment and plugin: they know what they counted before
}

// meter is who counts the traffic of a world beside its fleet.
type meter struct {
	*prom.Meter

	mu    sync.Mutex
	knows *engine.Capabilities // what it can, once it said
}

// Open makes a fleet of s. Nothing is asked yet.
func Open(s Settings) (*Fleet, error) {
	api, err := client.New(s.API)
	if err != nil {
		return nil, err
	}
	f := &Fleet{api: api, folder: s.JournalPath, measured: s.Prometheus, meters: map[string]*meter{}}
	if s.JournalPath != "" {
		f.journals = file.Open(filepath.Join(s.JournalPath, "journals"))
	}
	return f, nil
}

// Close lets connections go.
func (f *Fleet) Close() {
	f.api.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.meters {
		m.Close()
	}
}

// Reach asks the fleet whether it is there, and one.
func (f *Fleet) Reach(ctx context.Context) error {
	server, err := f.api.IsServer(ctx)
	if err == nil && server {
		err = errServer
	}
	return err
}

// meter is who counts the traffic of a plugin in an environment beside the fleet; nil: the
// fleet does.
func (f *Fleet) meter(e engine.Environment, plugin string) (*meter, error) {
	if f.measured == nil {
		return nil, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	name := string(e) + "/" + plugin
	if m := f.meters[name]; m != nil {
		return m, nil
	}
	s := *f.measured
	s.Environment, s.Plugin = string(e), plugin
	own, err := prom.New(s)
	if err != nil {
		return nil, err
	}
	f.meters[name] = &meter{Meter: own}
	return f.meters[name], nil
}

// World is the fleet of one plugin in one environment. Nothing is asked yet. The error is
// of the settings of who counts.
func (f *Fleet) World(e engine.Environment, plugin string) (*World, error) {
	beside, err := f.meter(e, plugin)
	if err != nil {
		return nil, err
	}
	w := &World{API: f.api.World(e, plugin), api: f.api, folder: f.folder, environment: e, plugin: plugin}
	w.Fleet = walker.Learning(w.API, &w.Time)
	w.Meter = w.API
	w.journals = w.API
	if f.journals != nil {
		w.journals = f.journals
	}
	if beside != nil {
		w.Meter, w.beside = beside, beside
	}
	return w, nil
}

// World is a plugin in an environment: its fleet, its meter, and the clock that it is on.
type World struct {
	engine.Fleet
	engine.Meter
	// Time is the fleet's, as its answers tell.
	Time walker.Time
	// API is what the fleet itself answers.
	API *client.World

	api         *client.Client
	journals    engine.Journals
	beside      *meter // who counts, where the fleet does not
	folder      string
	environment engine.Environment
	plugin      string
}

// Journals are the rollouts that there were.
func (w *World) Journals() engine.Journals { return w.journals }

// Folder is where journals are kept beside the fleet; "": it keeps them.
func (w *World) Folder() string { return w.folder }

// Describe implements [engine.Fleet], with what those beside the fleet can.
func (w *World) Describe(ctx context.Context) (engine.Head, error) {
	if server, err := w.api.IsServer(ctx); err == nil && server {
		return engine.Head{}, errServer
	}
	h, err := w.Fleet.Describe(ctx)
	if err == nil && w.folder != "" {
		h.Capabilities.Lacks = slices.DeleteFunc(h.Capabilities.Lacks, func(c engine.Capability) bool { return c == engine.CanJournal })
	}
	return h, err
}

// errServer says that the address is not a fleet's.
var errServer = errors.New("what answers is a rollout server, and no fleet: it only tells of fleets, and walks their rollouts itself. " +
	"Give its address as that of the controller, or that of the fleet behind it")

// Complete puts into s what whoever counts can, where that is not the fleet: what plans are
// compiled from. What that is, is asked until there is traffic: who has no sample of a fleet that
// has just begun, or has just begun itself, is no answer for ever. What the tenants did the day before, each time,
// where the fleet does not know it. The error says what came instead of an answer.
func (w *World) Complete(ctx context.Context, s *engine.Snapshot) error {
	if w.beside == nil {
		return nil
	}
	w.beside.mu.Lock()
	defer w.beside.mu.Unlock()
	if k := w.beside.knows; k == nil || !k.Can(engine.CanTraffic) {
		c, err := w.beside.Capabilities(ctx, w.Time.Now())
		if err != nil {
			return err
		}
		w.beside.knows = &c
	}
	forgets := !s.Capabilities.Can(engine.CanHistory)
	s.Capabilities = prom.Merge(s.Capabilities, *w.beside.knows)
	if forgets && s.Capabilities.Can(engine.CanHistory) && len(s.Tenants) > 0 {
		err := w.beside.Prior(ctx, w.Time.Now(), s.Tenants)
		if err != nil || !slices.ContainsFunc(s.Tenants, func(t engine.Tenant) bool { return t.PriorRequests > 0 }) { // the plan says what follows
			s.Capabilities.Lacks = append(s.Capabilities.Lacks, engine.CanHistory)
		}
	}
	return nil
}

// Silent is the selector of requests that selects none at whoever counts beside the fleet;
// "": it has some, the fleet counts itself, or nobody has completed a head yet.
func (w *World) Silent() string {
	if w.beside == nil {
		return ""
	}
	w.beside.mu.Lock()
	defer w.beside.mu.Unlock()
	if c := w.beside.knows; c == nil || c.Can(engine.CanTraffic) {
		return ""
	}
	return w.beside.Requests()
}

// Make implements [engine.Fleet]. Where the journals are beside the fleet, an order that is
// too old may come of journals that are not the fleet's.
func (w *World) Make(ctx context.Context, o engine.Order) error {
	err := w.Fleet.Make(ctx, o)
	if w.folder != "" && errors.Is(err, engine.ErrSuperseded) {
		err = fmt.Errorf("%w. The journals are in %s: where nobody else walks the rollout, they are older than what the fleet has seen, or those of another fleet. "+
			"Use the folder that the last rollouts of %s in %s were kept in", err, w.folder, w.plugin, w.environment)
	}
	return err
}

// NextRollout is the id of the rollout that would begin now: its number is one more than
// the ordinal of the last one.
func (w *World) NextRollout(ctx context.Context) (string, error) {
	last, err := w.journals.List(ctx, w.environment, w.plugin, engine.Filter{Limit: 1})
	if err != nil {
		return "", err
	}
	next := int64(1)
	if len(last) > 0 {
		next = last[0].Ordinal + 1
	}
	return engine.RolloutID(w.environment, w.plugin, next), nil
}
