package postgresql

import (
	"context"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// slot is the one that all servers are in.
const slot = "servers"

// Fleet is one extension on some servers. It fills the engine's ports, for any number of callers
// at once. From [Open] to Close it looks at the servers by itself, and carries out what was
// asked for.
type Fleet struct {
	set         Settings
	clock       Clock
	environment engine.Environment
	extension   string
	control     *control
	servers     []*server // by name
	ledger      *ledger

	stop  context.CancelFunc
	all   sync.WaitGroup
	first chan struct{} // closed when each server was asked once

	mu    sync.Mutex
	day   map[cellKey]counters // what tenants did in the day before dayAt; nil: little is known
	dayAt time.Time
}

var (
	_ engine.Fleet = (*Fleet)(nil)
	_ engine.Meter = (*Fleet)(nil)
)

// Open makes a fleet of an extension, and begins to look at its servers. Those that are away
// are no error: they are asked again. The error is that of Settings.Check.
func Open(e engine.Environment, extension string, s Settings, clock Clock) (*Fleet, error) {
	if ps := s.Check(); len(ps) > 0 {
		return nil, ps
	}
	s = s.usual()
	at := s.Servers[0]
	if s.Control != nil {
		at = *s.Control
	}
	f := &Fleet{
		set: s, clock: clock, environment: e, extension: extension, control: newControl(at, e, extension),
		ledger: newLedger(s.Resolution), first: make(chan struct{}),
	}
	for _, of := range s.Servers {
		f.servers = append(f.servers, newServer(f, of))
	}
	slices.SortFunc(f.servers, func(a, b *server) int { return strings.Compare(a.Name, b.Name) })
	ctx, cancel := context.WithCancel(context.Background())
	f.stop = cancel
	var asked sync.WaitGroup
	for _, s := range f.servers {
		asked.Add(1)
		f.all.Go(func() { s.live(ctx, asked.Done) })
		f.all.Go(func() { s.work(ctx) })
	}
	f.all.Go(func() {
		asked.Wait()
		close(f.first)
	})
	return f, nil
}

// Close ends what the fleet does by itself, and lets go of all connections. An update that is
// under way is rolled back by its server, or is in effect.
func (f *Fleet) Close() {
	f.stop()
	f.all.Wait()
	for _, s := range f.servers {
		s.polling.Lock()
		if s.conn != nil {
			hangUp(s.conn)
			s.conn = nil
		}
		s.polling.Unlock()
	}
	f.control.close()
}

// surveyEvery is after how many samples all databases are asked again which version they have.
const surveyEvery = 12

// live looks at a server until ctx is done.
func (s *server) live(ctx context.Context, asked func()) {
	for n := 0; ctx.Err() == nil; n++ {
		well, _, _ := s.well()
		err := s.sample(ctx)
		if err == nil && (n%surveyEvery == 0 || !well || s.census() == nil) {
			_ = s.survey(ctx) // which is told where it matters
		}
		if asked != nil {
			asked()
			asked = nil
		}
		if err == nil {
			s.wake()
		}
		_ = s.f.clock.Wait(ctx, s.soon())
	}
	if asked != nil {
		asked()
	}
}

// ready waits until each server was asked once.
func (f *Fleet) ready(ctx context.Context) error {
	select {
	case <-f.first:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// timed says whether the time of statements is measured on all servers.
func (f *Fleet) timed() bool {
	if f.set.Statements == "" {
		return false
	}
	for _, s := range f.servers {
		s.mu.Lock()
		timed := s.timed
		s.mu.Unlock()
		if !timed {
			return false
		}
	}
	return true
}

// server is the one of a name; nil: there is none.
func (f *Fleet) server(name string) *server {
	at := slices.IndexFunc(f.servers, func(s *server) bool { return s.Name == name })
	if at < 0 {
		return nil
	}
	return f.servers[at]
}

// Describe implements [engine.Fleet].
func (f *Fleet) Describe(ctx context.Context) (engine.Head, error) {
	instances, err := f.instances(ctx)
	if err != nil {
		return engine.Head{}, err
	}
	now := f.clock.Now()
	h := engine.Head{
		Environment: f.environment, Plugin: f.extension, At: now, Routes: []engine.Route{{Slot: slot, Percent: 100}},
		Capabilities: f.capabilities(), ProbeInterval: f.set.Resolution, Versions: engine.CountVersions(instances), OneWay: f.oneWay(),
	}
	h.RequestsPerSecond = f.ledger.perSecond(now)
	return h, nil
}

// capabilities are what such a fleet can do. What it cannot: there is one set of servers, and
// the statistics of PostgreSQL have neither percentiles nor timeouts. What the day before was like
// is known as far back as the program counts.
func (f *Fleet) capabilities() engine.Capabilities {
	c := engine.Capabilities{
		Lacks: []engine.Capability{
			engine.CanSlots, engine.CanRoutes, engine.CanSmokeTests, engine.CanLatency, engine.CanTimeouts, engine.CanConversions, engine.CanSatisfaction,
			engine.CanCPU, engine.CanMemory, engine.CanDeaths,
		},
		Resolution: f.set.Resolution, Delay: flushedAfter,
	}
	if !f.timed() {
		c.Lacks = append(c.Lacks, engine.CanExecutionTime)
	}
	if !f.ledger.remembers(f.clock.Now()) { // it has just begun
		c.Lacks = append(c.Lacks, engine.CanHistory)
	}
	return c
}

// flushedAfter is how late a session of PostgreSQL says what it counted.
const flushedAfter = time.Second

// Instances implements [engine.Fleet].
func (f *Fleet) Instances(ctx context.Context) iter.Seq2[engine.Instance, error] {
	return func(yield func(engine.Instance, error) bool) {
		all, err := f.instances(ctx)
		if err != nil {
			yield(engine.Instance{}, err)
			return
		}
		for _, i := range all {
			if !yield(i, nil) {
				return
			}
		}
	}
}

func (f *Fleet) instances(ctx context.Context) ([]engine.Instance, error) {
	if err := f.ready(ctx); err != nil {
		return nil, err
	}
	d, err := f.control.load(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]engine.Instance, 0, len(f.servers))
	for _, s := range f.servers {
		w := s.wanted(d)
		for _, v := range s.served() {
			w.hold(v)
		}
		ok, _, _ := s.well()
		all = append(all, engine.Instance{ID: s.Name, Slot: slot, Installed: slices.Concat([]string{}, w.Installed), Default: w.Default, Ready: ok})
	}
	return all, nil
}

// wanted is what a server is to have, and what it has where nothing was asked for. It is the
// caller's own.
func (s *server) wanted(d *desired) wanted {
	var w wanted
	if known := d.Servers[s.Name]; known != nil {
		w = wanted{known.Default, slices.Clone(known.Installed)}
	}
	if w.Default == "" {
		w.Default = s.usual(d)
	}
	w.hold(w.Default)
	return w
}

// usual is the version that most databases have which are not pinned; of as many, the lesser.
func (s *server) usual(d *desired) (version string) {
	c := s.census()
	if c == nil {
		return ""
	}
	n := map[string]int{}
	for database, v := range c.versions {
		if d.pin(tenant(s.Name, database)) == "" {
			n[v]++
		}
	}
	for v, count := range n {
		if version == "" || count > n[version] || count == n[version] && v < version {
			version = v
		}
	}
	return version
}

// served are the versions that databases have.
func (s *server) served() (versions []string) {
	if c := s.census(); c != nil {
		for _, v := range c.versions {
			versions = append(versions, v)
		}
	}
	return versions
}
