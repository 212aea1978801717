package provider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// fleetWorlds are the worlds of a real fleet.
type fleetWorlds struct{ fleet *fleet.Fleet }

func (f *fleetWorlds) peek(_ context.Context, e engine.Environment, plugin string) (view, error) {
	return f.world(e, plugin)
}

func (f *fleetWorlds) world(e engine.Environment, plugin string) (*fleetWorld, error) {
	w, err := f.fleet.World(e, plugin)
	if err != nil {
		return nil, err
	}
	return &fleetWorld{World: w, environment: e, plugin: plugin, holder: holder()}, nil
}

// waitsFor is how long it is at least until it is asked again whether a rollout is walked
// elsewhere.
const waitsFor = 5 * time.Second

// open waits while somebody else walks a rollout of the plugin.
func (f *fleetWorlds) open(ctx context.Context, e engine.Environment, plugin string) (world, error) {
	w, err := f.world(e, plugin)
	if err == nil {
		_, err = w.Describe(ctx) // which tells the fleet's time
	}
	if err != nil {
		return nil, err
	}
	for {
		other, err := w.attendedElsewhere(ctx)
		if err != nil {
			return nil, err
		}
		if other == nil {
			return w, nil
		}
		tflog.Info(ctx, "waiting: "+other.Error())
		until := w.Now().Add(waitsFor)
		if other.Until.Before(until) {
			until = other.Until
		}
		if err := w.Time.Sleep(ctx, until.Add(time.Second)); err != nil {
			return nil, fmt.Errorf("%w while waiting: %w", err, other)
		}
	}
}

// holder is who walks rollouts here, for others to read.
func holder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "a machine without a name"
	}
	return fmt.Sprintf("terraform on %s, process %d", host, os.Getpid())
}

// fleetWorld is the real fleet of a plugin in an environment.
type fleetWorld struct {
	*fleet.World

	environment engine.Environment
	plugin      string
	holder      string
}

// Now implements view.
func (w *fleetWorld) Now() time.Time { return w.Time.Now() }

// Clock implements world: nothing makes real time pass faster.
func (w *fleetWorld) Clock(bool) walker.Clock { return &w.Time }

// Patience implements world.
func (w *fleetWorld) Patience() time.Duration { return 15 * time.Minute }

// Close implements world.
func (w *fleetWorld) Close() error { return nil }

// Claims implements view: the fleet remembers them, or a file beside the journals.
func (w *fleetWorld) Claims() ownership {
	if folder := w.Folder(); folder != "" {
		return claimsFile{path: filepath.Join(folder, fmt.Sprintf("claims-%s-%s.json", w.environment, w.plugin))}
	}
	return claimsOf{fleetOwners{w.API}}
}

// attendedElsewhere is who walks the plugin's last rollout, if it is somebody else.
func (w *fleetWorld) attendedElsewhere(ctx context.Context) (*attendedError, error) {
	if w.Folder() != "" {
		return nil, nil
	}
	last, err := w.Journals().List(ctx, w.environment, w.plugin, engine.Filter{Limit: 1})
	if err != nil || len(last) == 0 || !last[0].Unfinished() {
		return nil, err
	}
	r, err := w.API.Rollout(ctx, last[0].Rollout)
	if err != nil || r.Lease == nil || r.Lease.Holder == w.holder || !r.Lease.Until.After(w.Now()) {
		return nil, ignoreNoJournal(err)
	}
	return &attendedError{r.Lease.Holder, r.Lease.Until}, nil
}

// Attend implements world.
func (w *fleetWorld) Attend(ctx context.Context, rollout string, until time.Time) error {
	if w.Folder() != "" {
		return nil
	}
	err := w.API.Lease(ctx, rollout, w.holder, until.Sub(w.Now()))
	var leased *client.LeasedError
	if errors.As(err, &leased) {
		return &attendedError{leased.Holder, leased.Until}
	}
	return err
}

// Leave implements world. Where it cannot be said, the lease passes by itself.
func (w *fleetWorld) Leave(ctx context.Context, rollout string) {
	if w.Folder() == "" {
		_ = w.API.Release(ctx, rollout, w.holder)
	}
}
