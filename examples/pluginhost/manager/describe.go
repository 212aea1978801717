package manager

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Describe implements engine.Fleet.
func (w *World) Describe(ctx context.Context) (engine.Head, error) {
	if err := ctx.Err(); err != nil {
		return engine.Head{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now().UTC()
	h := engine.Head{
		Environment: w.Environment, Plugin: w.Plugin, At: now, Capabilities: w.capabilities(), Routes: w.routes(),
		Spare: max(0, w.want.Capacity-len(w.want.staying(""))), ProbeInterval: ProbeInterval, Versions: engine.CountVersions(w.list()),
	}
	if w.Meter != nil {
		h.RequestsPerSecond = w.Meter.Rate(now)
	}
	return h, nil
}

// capabilities are what the fleet can do.
func (w *World) capabilities() engine.Capabilities {
	c := engine.Capabilities{Lacks: []engine.Capability{engine.CanSatisfaction}, LatencyBounds: wire.Bounds(), Resolution: time.Second}
	switch {
	case w.Meter == nil:
		c.Lacks = append(c.Lacks, engine.CanTraffic, engine.CanLatency, engine.CanTimeouts, engine.CanConversions, engine.CanExecutionTime,
			engine.CanCPU, engine.CanMemory, engine.CanTenantsSeen, engine.CanByTenant, engine.CanHistory)
		c.LatencyBounds = nil
	case !w.Meter.Remembers():
		c.Lacks = append(c.Lacks, engine.CanHistory)
	}
	return c
}

// routes are those in force; before a router was heard of, those that it is to get.
func (w *World) routes() (routes []engine.Route) {
	from := w.inForce.Routes
	if len(from) == 0 {
		from = w.want.Routes
	}
	for _, r := range from {
		routes = append(routes, engine.Route{Slot: r.Slot, Percent: r.Percent})
	}
	slices.SortFunc(routes, func(a, b engine.Route) int { return strings.Compare(a.Slot, b.Slot) })
	return routes
}

// list is what the instances are, by id.
func (w *World) list() []engine.Instance {
	list := []engine.Instance{}
	for _, want := range w.want.Instances {
		i := engine.Instance{ID: want.ID, Slot: want.Slot, Installed: []string{}}
		in := w.runs[want.ID]
		if want.Leaves && (in == nil || in.proc == nil) {
			continue
		}
		if in != nil {
			i.Installed, i.Default, i.Ready = in.installed(), in.serves(), in.ready(want) && !want.Leaves
		}
		list = append(list, i)
	}
	return list
}

// Instances implements engine.Fleet.
func (w *World) Instances(ctx context.Context) iter.Seq2[engine.Instance, error] {
	return listed(ctx, &w.mu, w.list)
}

// Tenants implements engine.Fleet.
func (w *World) Tenants(ctx context.Context) iter.Seq2[engine.Tenant, error] {
	return listed(ctx, &w.mu, func() []engine.Tenant {
		weights := w.weights()
		list := make([]engine.Tenant, len(w.want.Tenants))
		for i, id := range w.want.Tenants {
			list[i] = engine.Tenant{ID: id, Weight: weights[i], Pin: w.inForce.Pins[id]}
			if w.Meter != nil {
				list[i].PriorRequests, list[i].PriorErrors = w.Meter.Prior(id, time.Now())
			}
		}
		return list
	})
}

// CountTenants is how many tenants Tenants lists.
func (w *World) CountTenants() int { return len(w.want.Tenants) }

// weights are those of the tenants, in their order: what each sent of late. As long as none
// sent anything, or where nobody counts, all are alike.
func (w *World) weights() []float64 {
	weights := make([]float64, len(w.want.Tenants))
	for i := range weights {
		weights[i] = 1
	}
	if w.Meter != nil {
		sent := w.Meter.Sent(time.Now())
		for i, id := range w.want.Tenants {
			weights[i] += float64(sent[id])
		}
	}
	return weights
}

// listed reads a list with the lock, and gives it out without.
func listed[T any](ctx context.Context, mu interface {
	Lock()
	Unlock()
}, read func() []T,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := ctx.Err(); err != nil {
			var none T
			yield(none, err)
			return
		}
		mu.Lock()
		items := read()
		mu.Unlock()
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}
