package live

import (
	"context"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/measure"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// first is a filter of the newest rollout.
func first() engine.Filter { return engine.Filter{Limit: 1} }

// measured reads the rollout of a way that began last, once it is over.
func (r *Rig) measured(ctx context.Context, way, from, version string) (*Played, error) {
	id, err := r.newest(ctx, way)
	if err != nil {
		return nil, err
	}
	if way == byServer {
		return r.End(ctx, id, from, version)
	}
	w, done, err := r.fleet()
	if err != nil {
		return nil, err
	}
	defer done()
	m, err := measure.OfJournal(ctx, w.Journals(), id)
	if err != nil {
		return nil, err
	}
	if err := wait(ctx, time.Second); err != nil { // what was under way at the end is told
		return nil, err
	}
	return &Played{Measured: *m, From: from, Failed: r.Tally.FailedBetween(version, m.Began, m.Ended), Lost: r.Tally.FailedBetween("", m.Began, m.Ended)}, nil
}
