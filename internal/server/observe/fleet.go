package observe

import (
	"context"
	"iter"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Fleet has the calls of a fleet followed.
func Fleet(f engine.Fleet, by ...Caller) engine.Fleet {
	return &followedFleet{f, callers{ofFleet, by}}
}

type followedFleet struct {
	of engine.Fleet
	by callers
}

// Describe implements engine.Fleet.
func (f *followedFleet) Describe(ctx context.Context) (engine.Head, error) {
	return followed(ctx, &f.by, "describe", f.of.Describe)
}

// Instances implements engine.Fleet.
func (f *followedFleet) Instances(ctx context.Context) iter.Seq2[engine.Instance, error] {
	return listed(ctx, &f.by, "instances", f.of.Instances)
}

// Tenants implements engine.Fleet.
func (f *followedFleet) Tenants(ctx context.Context) iter.Seq2[engine.Tenant, error] {
	return listed(ctx, &f.by, "tenants", f.of.Tenants)
}

// listed follows a list that is read, until its end or its error.
func listed[T any](ctx context.Context, by *callers, name string, list func(context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		ctx, end := by.begin(ctx, name)
		var failed error
		defer func() { end(failed) }()
		for v, err := range list(ctx) {
			failed = err
			if !yield(v, err) {
				return
			}
		}
	}
}

// Make implements engine.Fleet.
func (f *followedFleet) Make(ctx context.Context, o engine.Order) error {
	return f.by.do(ctx, "make", func(ctx context.Context) error { return f.of.Make(ctx, o) })
}

// Look implements engine.Fleet.
func (f *followedFleet) Look(ctx context.Context, w engine.Watch) (engine.Condition, error) {
	return followed(ctx, &f.by, "look", func(ctx context.Context) (engine.Condition, error) { return f.of.Look(ctx, w) })
}

// Meter has the calls of whoever measures followed.
func Meter(m engine.Meter, by ...Caller) engine.Meter {
	return &followedMeter{m, callers{ofMeter, by}}
}

type followedMeter struct {
	of engine.Meter
	by callers
}

// Measure implements engine.Meter.
func (m *followedMeter) Measure(ctx context.Context, q engine.Question) (engine.Answer, error) {
	return followed(ctx, &m.by, "measure", func(ctx context.Context) (engine.Answer, error) { return m.of.Measure(ctx, q) })
}
