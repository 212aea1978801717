// Package fleet puts a real fleet together: the API that carries changes out, whoever
// counts its traffic, and whoever keeps the journals of its rollouts. They may be one
// system or three.
package fleet

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/journal/file"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// Settings say where a fleet is, who counts and who remembers.
type Settings struct {
	API connect.Settings
	// JournalPath is a folder for the journals of a fleet that keeps none; "": it has to.
	JournalPath string
}

// Fleet is a fleet that can be reached.
type Fleet struct {
	api      *client.Client
	journals *file.Journals // nil: the fleet's
	folder   string
}

// Open makes a fleet of s. Nothing is asked yet.
func Open(s Settings) (*Fleet, error) {
	api, err := client.New(s.API)
	if err != nil {
		return nil, err
	}
	f := &Fleet{api: api, folder: s.JournalPath}
	if s.JournalPath != "" {
		f.journals = file.Open(filepath.Join(s.JournalPath, "journals"))
	}
	return f, nil
}

// Close lets connections go.
func (f *Fleet) Close() { f.api.Close() }

// World is the fleet of one plugin in one environment. Nothing is asked yet.
func (f *Fleet) World(e engine.Environment, plugin string) *World {
	w := &World{API: f.api.World(e, plugin), folder: f.folder, environment: e, plugin: plugin}
	w.Fleet = walker.Learning(w.API, &w.Time)
	w.Meter = w.API
	w.journals = w.API
	if f.journals != nil {
		w.journals = f.journals
	}
	return w
}

// World is a plugin in an environment: its fleet, its meter, and the clock that it is on.
type World struct {
	engine.Fleet
	engine.Meter
	// Time is the fleet's, as its answers tell.
	Time walker.Time
	// API is what the fleet itself answers.
	API *client.World

	journals    engine.Journals
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
	h, err := w.Fleet.Describe(ctx)
	if err == nil && w.folder != "" {
		h.Capabilities.Lacks = slices.DeleteFunc(h.Capabilities.Lacks, func(c engine.Capability) bool { return c == engine.CanJournal })
	}
	return h, err
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
