package simulated

import (
	"context"
	"iter"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Ports are a place as whoever walks rollouts in the same process has it. They may be used by
// several at once.
type Ports struct{ place *Place }

var (
	_ engine.Fleet = Ports{}
	_ engine.Meter = Ports{}
)

// Ports are those of p.
func (p *Place) Ports() Ports { return Ports{p} }

// Hear tells the world that a rollout begins: faults that a scenario ties to it count from then.
func (p Ports) Hear(rollout string) error { return p.place.hear(rollout) }

// Describe implements engine.Fleet.
func (p Ports) Describe(ctx context.Context) (h engine.Head, err error) {
	p.place.do(func() { h, err = fleet{p.place}.Describe(ctx) })
	return h, err
}

// Instances implements engine.Fleet.
func (p Ports) Instances(ctx context.Context) iter.Seq2[engine.Instance, error] {
	return listed(p.place, func() iter.Seq2[engine.Instance, error] { return fleet{p.place}.Instances(ctx) })
}

// Tenants implements engine.Fleet.
func (p Ports) Tenants(ctx context.Context) iter.Seq2[engine.Tenant, error] {
	return listed(p.place, func() iter.Seq2[engine.Tenant, error] { return fleet{p.place}.Tenants(ctx) })
}

// listed reads a list while it has the world, and gives it out when it has it no more.
func listed[T any](p *Place, list func() iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var items []T
		var failed error
		p.do(func() {
			for item, err := range list() {
				if failed = err; err != nil {
					return
				}
				items = append(items, item)
			}
		})
		for item := range slices.Values(items) {
			if !yield(item, nil) {
				return
			}
		}
		if failed != nil {
			var none T
			yield(none, failed)
		}
	}
}

// Make implements engine.Fleet.
func (p Ports) Make(ctx context.Context, o engine.Order) (err error) {
	p.place.do(func() { err = fleet{p.place}.Make(ctx, o) })
	return err
}

// Look implements engine.Fleet.
func (p Ports) Look(ctx context.Context, w engine.Watch) (c engine.Condition, err error) {
	p.place.do(func() { c, err = fleet{p.place}.Look(ctx, w) })
	return c, err
}

// Measure implements engine.Meter.
func (p Ports) Measure(ctx context.Context, q engine.Question) (a engine.Answer, err error) {
	p.place.do(func() { a, err = fleet{p.place}.Measure(ctx, q) })
	return a, err
}
