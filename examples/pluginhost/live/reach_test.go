package live

import (
	"context"
	"time"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/measure"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
)

// first is a filter of the newest rollout.
func first() engine.Filter { return engine.Filter{Limit: 1} }

// fleet reaches the manager itself, and not by way of the server.
func (r *Rig) fleet() (w *fleet.World, done func(), err error) {
	s := connect.Settings{Path: "fleet", Address: "http://" + r.Stack.ManagerAt, HTTP: config.DefaultHTTPClientConfig, Timeout: 10 * time.Second}
	s.HTTP.Authorization = &config.Authorization{Type: "Bearer", CredentialsFile: r.Stack.TokenFile()}
	f, err := fleet.Open(fleet.Settings{API: s})
	if err != nil {
		return nil, nil, err
	}
	w, err = f.World(Environment, Plugin)
	return w, f.Close, err
}

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
