package provider

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// memoryWorlds are simulated worlds that live as long as a test. They let a test
// reach into every journal write.
type memoryWorlds struct {
	t       *testing.T
	config  simulator.Config
	mu      sync.Mutex
	byName  map[string]*memoryWorld
	written func(e engine.Event) error                       // after each event; an error is the journal's
	seen    func(s engine.Snapshot) (engine.Snapshot, error) // instead of each snapshot
	far     *farWorlds                                       // the same over HTTP, where that was asked for
}

type memoryWorld struct {
	*simulator.World
	owner    *memoryWorlds
	journals *engine.MemoryJournals
	claims   claimsFile
	busy     sync.Mutex
}

// newMemoryWorlds is a fleet of ten instances that runs 1.5.0, where 1.6.0 is good
// and 9.9.9 errs.
func newMemoryWorlds(t *testing.T, change ...func(*simulator.Config)) *memoryWorlds {
	t.Helper()
	cfg := simulator.DefaultConfig()
	cfg.Installed = map[string]string{"stripe": "1.5.0"}
	bad := simulator.DefaultBehaviour()
	bad.ErrorRate = 0.2
	cfg.Versions = map[string]simulator.Behaviour{"9.9.9": bad}
	for _, f := range change {
		f(&cfg)
	}
	return &memoryWorlds{t: t, config: cfg, byName: map[string]*memoryWorld{}}
}

func (m *memoryWorlds) at(e engine.Environment, plugin string) (*memoryWorld, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := string(e) + "/" + plugin
	if w, ok := m.byName[name]; ok {
		return w, nil
	}
	world, err := simulator.NewWorld(m.config, e, plugin)
	if err != nil {
		return nil, err
	}
	m.byName[name] = &memoryWorld{World: world, owner: m, journals: engine.NewMemoryJournals(), claims: claimsFile{filepath.Join(m.t.TempDir(), "claims.json")}}
	return m.byName[name], nil
}

func (m *memoryWorlds) peek(_ context.Context, e engine.Environment, plugin string) (view, error) {
	w, err := m.at(e, plugin)
	if err != nil {
		return nil, err
	}
	return peeked{w}, nil
}

func (m *memoryWorlds) open(_ context.Context, e engine.Environment, plugin string) (world, error) {
	w, err := m.at(e, plugin)
	if err != nil {
		return nil, err
	}
	if !w.busy.TryLock() {
		return nil, errors.New("the world is open already")
	}
	return w, nil
}

func (w *memoryWorld) Close() error {
	w.busy.Unlock()
	return nil
}

// shown is the world as the test has it seen.
func (w *memoryWorld) shown() (engine.Snapshot, error) {
	s := w.World.Snapshot()
	if w.owner.seen == nil {
		return s, nil
	}
	s, err := w.owner.seen(s)
	s.Versions = engine.CountVersions(s.Instances)
	return s, err
}

// Describe implements engine.Fleet.
func (w *memoryWorld) Describe(context.Context) (engine.Head, error) {
	s, err := w.shown()
	return s.Head, err
}

// Instances implements engine.Fleet.
func (w *memoryWorld) Instances(context.Context) iter.Seq2[engine.Instance, error] {
	return func(yield func(engine.Instance, error) bool) {
		s, err := w.shown()
		if err != nil {
			yield(engine.Instance{}, err)
			return
		}
		for _, i := range s.Instances {
			if !yield(i, nil) {
				return
			}
		}
	}
}

func (w *memoryWorld) Claims() ownership { return w.claims }

func (w *memoryWorld) Journals() engine.Journals { return observedJournals{w.journals, w.owner} }

// NextRollout implements view.
func (w *memoryWorld) NextRollout(context.Context) (string, error) { return w.World.NextRollout(), nil }

func (w *memoryWorld) Complete(context.Context, *engine.Snapshot) error { return nil }

func (w *memoryWorld) Patience() time.Duration { return 0 }

func (w *memoryWorld) Attend(context.Context, string, time.Time) error { return nil }

func (w *memoryWorld) Leave(context.Context, string) {}

func (w *memoryWorld) Clock(bool) walker.Clock { return w.World.Clock(0, nil) }

// peeked is a world that is only looked at.
type peeked struct{ *memoryWorld }

func (p peeked) Journals() engine.Journals { return p.journals }

// observedJournals tells a test of every event.
type observedJournals struct {
	engine.Journals
	owner *memoryWorlds
}

func (o observedJournals) Begin(ctx context.Context, p engine.Plan) (engine.Journal, error) {
	j, err := o.Journals.Begin(ctx, p)
	return observedJournal{j, o.owner}, err
}

func (o observedJournals) Open(ctx context.Context, id string) (engine.Journal, error) {
	j, err := o.Journals.Open(ctx, id)
	return observedJournal{j, o.owner}, err
}

type observedJournal struct {
	engine.Journal
	owner *memoryWorlds
}

func (o observedJournal) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	if err := o.Journal.Append(ctx, e, h); err != nil {
		return err
	}
	if o.owner.written != nil {
		return o.owner.written(e)
	}
	return nil
}
