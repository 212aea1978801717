package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// Options are what a server is made of.
type Options struct {
	Store  store.Store
	Worlds Worlds
	// Holder names this server among those on the same store, for leases: the same after a
	// restart, and never that of another one that runs.
	Holder string
	// Now is this machine's clock, and Wait waits in it.
	Now  func() time.Time
	Wait func(ctx context.Context, d time.Duration) error
	// Wall is what the machine's clock shows, which goes on while the machine sleeps; nil: Now
	// does so too.
	Wall func() time.Time
	// Lease is how long others wait for a server that says nothing; 0: 45 s.
	Lease time.Duration
	// Jitter shortens a wait; nil: it does not.
	Jitter func(time.Duration) time.Duration
	// Writer makes an id that no other runner has.
	Writer func() string
	// Workers is how many rollouts are stepped at once; 0: 8.
	Workers int
	// Targets is how many tenants and instances the plans have in all that are kept in memory
	// while their rollouts wait; 0: 250,000.
	Targets int
	Log     *slog.Logger
	// Watch hears what happens; nil: nobody does.
	Watch Watcher
}

// Watcher hears what a server does, to count it. Its methods are called by many at once, and
// do not wait.
type Watcher interface {
	// Wrote is an event that was written, of a rollout that is now as head says.
	Wrote(plan *engine.Plan, head engine.RolloutHead, e *engine.Event)
	// Began is a rollout that was started.
	Began(head engine.RolloutHead)
	// Step is a step of a rollout that was due late ago. What it returns is told how it went,
	// and until when whoever walks the rollout says to.
	Step(ctx context.Context, head engine.RolloutHead, late time.Duration) (context.Context, func(head engine.RolloutHead, until time.Time, err error))
}

// silent is a Watcher that counts nothing.
type silent struct{}

func (silent) Wrote(*engine.Plan, engine.RolloutHead, *engine.Event) {}
func (silent) Began(engine.RolloutHead)                              {}
func (silent) Step(ctx context.Context, _ engine.RolloutHead, _ time.Duration) (context.Context, func(engine.RolloutHead, time.Time, error)) {
	return ctx, func(engine.RolloutHead, time.Time, error) {}
}

// The usual numbers.
const (
	usualWorkers = 8
	usualLease   = 45 * time.Second
	usualTargets = 250_000 // about 150 MB
)

// usual is o with the usual numbers where it has none.
func (o Options) usual() Options {
	if o.Workers <= 0 {
		o.Workers = usualWorkers
	}
	if o.Targets <= 0 {
		o.Targets = usualTargets
	}
	if o.Lease <= 0 {
		o.Lease = usualLease
	}
	if o.Wall == nil {
		o.Wall = o.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Watch == nil {
		o.Watch = silent{}
	}
	return o
}
