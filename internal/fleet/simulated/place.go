package simulated

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// Place is a simulated fleet that lives in real time.
type Place struct {
	times
	clock func() time.Time // of the machine
	wait  simulator.Sleep
	files files

	mu    sync.Mutex // of the world
	world *simulator.World
}

// World is what a server serves.
func (p *Place) World() server.World {
	return server.World{
		Environment: p.world.Environment(), Plugin: p.world.Plugin(), Fleet: fleet{p}, Meter: fleet{p}, Ledger: p.files.ledger,
		Keeper: p.files.keeper, Now: p.Now, Do: p.do,
	}
}

// Now is the fleet's time. Where something moved the world's clock ahead of the machine's,
// it is the world's: it never runs backwards.
func (p *Place) Now() (at time.Time) {
	p.do(func() { at = p.now() })
	return at
}

// now is Now, of whoever has the world.
func (p *Place) now() time.Time {
	at := p.clock()
	if world := p.inContract(p.world.Now()); world.After(at) {
		return world
	}
	return at
}

// do lets the world happen up to now, and calls f.
func (p *Place) do(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.world.RunUntil(p.inWorld(p.clock()))
	f()
}

// fleet fills the engine's ports to a fleet and to a meter. It is only called within do.
type fleet struct{ *Place }

// Describe implements engine.Fleet.
func (f fleet) Describe(ctx context.Context) (engine.Head, error) {
	h, err := f.world.Describe(ctx)
	if err == nil {
		f.head(&h)
	}
	return h, err
}

// Instances implements engine.Fleet.
func (f fleet) Instances(ctx context.Context) iter.Seq2[engine.Instance, error] {
	return f.world.Instances(ctx)
}

// Tenants implements engine.Fleet.
func (f fleet) Tenants(ctx context.Context) iter.Seq2[engine.Tenant, error] {
	return f.world.Tenants(ctx)
}

// Make implements engine.Fleet. Whatever became of the order, the world is kept as it is
// then: it may have taken it.
func (f fleet) Make(ctx context.Context, o engine.Order) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := f.world.Make(ctx, o)
	if kept := f.save(); kept != nil {
		return errors.Join(err, kept)
	}
	if ahead := f.inContract(f.world.Now()).Sub(f.clock()); ahead > 0 { // a call that takes its time, for nobody else
		f.mu.Unlock()
		defer f.mu.Lock()
		return errors.Join(err, f.wait(ctx, ahead))
	}
	return err
}

// Look implements engine.Fleet.
func (f fleet) Look(ctx context.Context, w engine.Watch) (engine.Condition, error) {
	if !w.Since.IsZero() {
		w.Since = f.inWorld(w.Since)
	}
	c, err := f.world.Look(ctx, w)
	c.At = f.inContract(c.At)
	return c, err
}

// Measure implements engine.Meter.
func (f fleet) Measure(ctx context.Context, q engine.Question) (engine.Answer, error) {
	q.From, q.To = f.inWorld(q.From), f.inWorld(q.To)
	a, err := f.world.Measure(ctx, q)
	f.measurement(&a.Candidate)
	f.measurement(&a.Baseline)
	return a, err
}

// hear tells the world of a rollout that begins, and keeps it as it is then.
func (p *Place) hear(rollout string) (err error) {
	p.do(func() {
		p.world.Hear(rollout)
		err = p.save()
	})
	return err
}
