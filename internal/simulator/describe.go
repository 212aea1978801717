package simulator

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// ErrNoFleet comes back from reading the fleet because of a fault.
var ErrNoFleet = errors.New("the fleet cannot be read")

// Describe implements [engine.Fleet].
func (w *World) Describe(ctx context.Context) (engine.Head, error) {
	if err := ctx.Err(); err != nil {
		return engine.Head{}, err
	}
	if w.anyFault(SnapshotFails) {
		return engine.Head{}, ErrNoFleet
	}
	return w.head(), nil
}

func (w *World) head() engine.Head {
	h := engine.Head{
		Environment: w.env, Plugin: w.plugin, At: w.Now(), Capabilities: w.capabilities(), Routes: slices.Clone(w.Routes),
		Spare: max(0, w.cfg.Instances+w.cfg.spare()-len(w.Members)), RequestsPerSecond: w.cfg.RequestsPerSecond,
		ProbeInterval: time.Duration(nanoseconds(w.cfg.ProbeIntervalSeconds)),
	}
	if w.lacks(engine.CanTraffic) {
		h.RequestsPerSecond = 0
	}
	if w.lacks(engine.CanProbes) {
		h.ProbeInterval = 0
	}
	list := make([]engine.Instance, len(w.Members))
	for i, in := range w.Members {
		list[i] = engine.Instance{Slot: in.Slot, Default: in.Default, Ready: in.Phase == ready}
	}
	h.Versions = engine.CountVersions(list)
	return h
}

// Instances implements [engine.Fleet].
func (w *World) Instances(ctx context.Context) iter.Seq2[engine.Instance, error] {
	return func(yield func(engine.Instance, error) bool) {
		if err := ctx.Err(); err != nil {
			yield(engine.Instance{}, err)
			return
		}
		for _, in := range w.Members {
			i := engine.Instance{ID: in.ID, Slot: in.Slot, Default: in.Default, Ready: in.Phase == ready}
			for _, h := range in.Held {
				if h.Ready {
					i.Installed = append(i.Installed, h.Version)
				}
			}
			if !yield(i, nil) {
				return
			}
		}
	}
}

// Tenants implements [engine.Fleet].
func (w *World) Tenants(ctx context.Context) iter.Seq2[engine.Tenant, error] {
	return func(yield func(engine.Tenant, error) bool) {
		if err := ctx.Err(); err != nil {
			yield(engine.Tenant{}, err)
			return
		}
		if w.lacks(engine.CanTenants) {
			return
		}
		history := !w.lacks(engine.CanHistory)
		roster := w.traffic.Roster()
		for t := range roster.Len() {
			if !roster.Here(t, w.Time) {
				continue
			}
			tenant := engine.Tenant{ID: roster.ID(t), Weight: roster.Weight(t), Pin: w.Names[w.Pins[t]]}
			if history {
				tenant.PriorRequests, tenant.PriorErrors = w.traffic.Prior(t)
			}
			if !yield(tenant, nil) {
				return
			}
		}
	}
}

// CountTenants is how many tenants Tenants lists at most.
func (w *World) CountTenants() int {
	if w.lacks(engine.CanTenants) {
		return 0
	}
	return w.cfg.Tenants + 2 // while tenants come and go, one or two more may be there
}

// Snapshot is the whole world as it is, whatever its faults let others read.
func (w *World) Snapshot() engine.Snapshot {
	ctx := context.Background() // which is never done, so that nothing fails
	return engine.Snapshot{Head: w.head(), Instances: all(w.Instances(ctx), len(w.Members)), Tenants: all(w.Tenants(ctx), w.traffic.Roster().Len())}
}

// all is a list of about n that ends without an error.
func all[T any](list iter.Seq2[T, error], n int) []T {
	items := make([]T, 0, n)
	list(func(item T, _ error) bool {
		items = append(items, item)
		return true
	})
	return items
}
