package worlds

import (
	"context"
	"fmt"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
)

// Reach asks the fleet of an environment once, and whoever counts beside it, and calls missed for
// each that gives no answer: plugin is "" where that is the fleet as a whole. What is simulated is
// here.
func (w *Worlds) Reach(ctx context.Context, e server.Environment, missed func(plugin string, err error)) {
	if f := w.fleets[e.Name]; f != nil {
		if err := f.Reach(ctx); err != nil {
			missed("", err)
			return
		}
	}
	for _, plugin := range e.Plugins {
		if err := w.reach(ctx, e.Name, plugin); err != nil {
			missed(plugin, err)
		}
	}
}

// reach asks of one plugin.
func (w *Worlds) reach(ctx context.Context, e engine.Environment, plugin string) error {
	own, err := w.World(e, plugin)
	if err != nil {
		return err
	}
	if _, here := own.(*place); here {
		return nil
	}
	h, err := own.Describe(ctx)
	if err == nil {
		err = own.Complete(ctx, &engine.Snapshot{Head: h})
	}
	if x, ok := own.(*extension); ok && err == nil {
		err = x.silent(ctx)
	}
	return err
}

// silent says which servers do not answer, and why.
func (x *extension) silent(ctx context.Context) error {
	var ids []string
	for i, err := range x.Instances(ctx) {
		if err != nil {
			return err
		}
		if !i.Ready {
			ids = append(ids, i.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	c, err := x.Look(ctx, engine.Watch{Named: ids})
	if err != nil {
		return err
	}
	var why []string
	for _, a := range c.Ailing {
		why = append(why, a.Instance+": "+a.Reason)
	}
	slices.Sort(why)
	return fmt.Errorf("%s: %s", engine.Plural(len(ids), "server")+" did not answer", engine.Reasons(why))
}
