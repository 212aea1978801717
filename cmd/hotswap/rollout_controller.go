package main

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// controller is a place where a server walks the rollouts.
type controller struct {
	api   *client.Client
	flags string // see site
}

var _ site = (*controller)(nil)

// Plan implements site.
func (c *controller) Plan(ctx context.Context, a *asked) (*contract.Plan, error) {
	return c.api.Plan(ctx, engine.Environment(a.environment), a.plugin, a.Ask)
}

// Begun implements site: a server leaves none.
func (c *controller) Begun(context.Context, *asked) (string, error) { return "", nil }

// Start implements site.
func (c *controller) Start(ctx context.Context, a *asked) (*contract.Rollout, error) {
	return c.api.Start(ctx, engine.Environment(a.environment), a.plugin, a.key, a.Ask)
}

// mostListed is how many rollouts a server lists at a time.
const mostListed = 500

// List implements site.
func (c *controller) List(ctx context.Context, q *query) (all []contract.Rollout, now time.Time, err error) {
	v := url.Values{"environment": q.environments, "phase": q.phases, "outcome": q.outcomes}
	if q.plugin != "" {
		v.Set("plugin", q.plugin)
	}
	if q.unfinished {
		v.Set("unfinished", "true")
	}
	for {
		v.Set("limit", strconv.Itoa(min(mostListed, q.limit-len(all))))
		page, err := c.api.Rollouts(ctx, v)
		if err != nil {
			return nil, now, err
		}
		all = append(all, page.Items...)
		if page.Next == "" || len(all) >= q.limit {
			return all, page.At, nil
		}
		v.Set("cursor", page.Next)
	}
}

// Show implements site.
func (c *controller) Show(ctx context.Context, id string, glimpse bool) (*contract.Detail, error) {
	return c.api.Show(ctx, id, glimpse)
}

// Events implements site.
func (c *controller) Events(ctx context.Context, id string, after int64, wait time.Duration) ([]engine.Event, error) {
	return c.api.Events(ctx, id, after, wait)
}

// Signal implements site.
func (c *controller) Signal(ctx context.Context, id string, s contract.Signal) error {
	_, err := c.api.Signal(ctx, id, s)
	return err
}

// Attended implements site.
func (c *controller) Attended() bool { return true }

// Flags implements site.
func (c *controller) Flags() string { return c.flags }

// Walk implements site.
func (c *controller) Walk(context.Context, string, func(*contract.Detail)) error {
	return errors.New("the server walks its rollouts itself")
}

// Environments implements site.
func (c *controller) Environments(ctx context.Context) ([]contract.Environment, error) {
	return c.api.Environments(ctx)
}

// Close implements site.
func (c *controller) Close() { c.api.Close() }
