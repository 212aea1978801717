package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/predict"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Learn has instances replaced, all at once and in batches, there and back, while clients send: how
// long a machine takes to start that many processes beside all that it does otherwise is what
// predictions have to be told of it.
func (r *Rig) Learn(ctx context.Context) error {
	if err := r.SetFaults(ctx); err != nil {
		return err
	}
	r.replaced = map[engine.Strategy][]predict.Replaced{}
	for _, s := range []engine.Strategy{engine.Direct, engine.Direct, engine.Rolling, engine.Rolling} {
		from, err := r.Serving(ctx)
		if err != nil {
			return err
		}
		version := other(from)
		took, err := r.replacing(ctx, PolicyOf(s), from, version)
		if err == nil && len(took) == 0 {
			err = errors.New("nobody saw an instance replaced")
		}
		if err != nil {
			return fmt.Errorf("learning how long %s takes to start: %w", version, err)
		}
		r.replaced[s] = append(r.replaced[s], took...)
	}
	return nil
}

// replacing rolls a good version out, and says how long it took each time that instances were
// replaced, as the rollout sees it that waits for them.
func (r *Rig) replacing(ctx context.Context, p Policy, from, version string) (took []predict.Replaced, err error) {
	w, done, err := r.fleet()
	if err != nil {
		return nil, err
	}
	defer done()
	head, err := w.Describe(ctx)
	if err != nil {
		return nil, err
	}
	id, err := r.Begin(ctx, p, version)
	if err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() {
		played, err := r.End(ctx, id, from, version)
		if err == nil && played.Outcome != "succeeded" {
			err = fmt.Errorf("a good version was %s: %s", played.Outcome, played.Story)
		}
		ended <- err
	}()
	var one replacement
	for watch := (engine.Watch{Rollout: id, Candidate: version, Slot: serving(&head)}); ; {
		select {
		case err := <-ended:
			return took, err
		case <-time.After(oftenSeen):
		}
		c, err := w.Look(ctx, watch)
		if err != nil {
			return nil, errors.Join(err, <-ended)
		}
		if all, over := one.see(&c, time.Now()); over {
			took = append(took, all)
		}
	}
}

// oftenSeen is the time between looks at instances that are replaced.
const oftenSeen = 50 * time.Millisecond

// serving is the slot that gets the requests.
func serving(head *engine.Head) string {
	for _, r := range head.Routes {
		if r.Percent > 0 {
			return r.Slot
		}
	}
	return ""
}

// replacement is one of instances together, while it goes on.
type replacement struct {
	began time.Time // zero: none is under way
	had   int       // instances that served the version before
	took  predict.Replaced
}

// see takes a look, and says how long it took where it is over.
func (r *replacement) see(c *engine.Condition, now time.Time) (took predict.Replaced, over bool) {
	busy := c.Pending > 0 || c.Ready < c.Watched || c.Unproven > 0
	if r.began.IsZero() {
		if busy {
			*r = replacement{began: now, had: c.Exposed.Instances}
		}
		return took, false
	}
	since := now.Sub(r.began).Seconds()
	if r.took.First == 0 && c.Exposed.Instances > r.had {
		r.took.First = since
	}
	if busy {
		return took, false
	}
	took = predict.Replaced{First: cmp.Or(r.took.First, since), Last: since}
	*r = replacement{}
	return took, true
}

// other is a good version that does not serve.
func other(serves string) string {
	if serves == good {
		return Installed
	}
	return good
}

// starting is how many seconds a slot of as many instances takes to come up; 0: nobody knows.
func (r *Rig) starting() (most float64) {
	for _, one := range r.replaced[engine.Direct] {
		most = max(most, one.Last)
	}
	return most
}
