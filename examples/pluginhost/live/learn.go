package live

import (
	"context"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/predict"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Learn has all instances replaced at once, there and back, while clients send: how long a machine
// takes to start that many processes beside all that it does otherwise is what predictions have
// to be told of it.
func (r *Rig) Learn(ctx context.Context) error {
	if err := r.SetFaults(ctx); err != nil {
		return err
	}
	at := PolicyOf(engine.Direct)
	for range 2 {
		from, err := r.Serving(ctx)
		if err != nil {
			return err
		}
		version := other(from)
		id, err := r.Begin(ctx, at, version)
		if err != nil {
			return err
		}
		took, err := r.replacing(ctx, version)
		if err != nil {
			return fmt.Errorf("learning how long %s takes to start: %w", version, err)
		}
		if p, err := r.End(ctx, id, from, version); err != nil || p.Outcome != "succeeded" {
			return fmt.Errorf("learning how long %s takes to start: %+v, %w", version, p, err)
		}
		r.replaced = append(r.replaced, took)
	}
	return nil
}

// replacing waits until all instances serve another version, and says how long that took from
// when the first was asked to.
func (r *Rig) replacing(ctx context.Context, version string) (took predict.Replaced, err error) {
	w, done, err := r.fleet()
	if err != nil {
		return took, err
	}
	defer done()
	var began time.Time
	err = until(ctx, mostTook, func() (bool, error) {
		head, err := w.Describe(ctx)
		if err != nil {
			return false, err
		}
		ready, all := 0, 0
		for _, v := range head.Versions {
			all += v.Ready
			if v.Version == version {
				ready = v.Ready
			}
		}
		if began.IsZero() {
			if all < r.o.Instances || ready > 0 {
				began = time.Now()
			}
			return false, nil
		}
		took.Last = time.Since(began).Seconds()
		if ready > 0 && took.First == 0 {
			took.First = took.Last
		}
		return ready == r.o.Instances, nil
	})
	return took, err
}

// other is a good version that does not serve.
func other(serves string) string {
	if serves == good {
		return Installed
	}
	return good
}

// replacedBy is how long the instances took that a strategy replaces together: the machine has
// as many processes to start.
func (r *Rig) replacedBy(s engine.Strategy) (seen []predict.Replaced) {
	const least, batch = 0.4, 4 // the policy has batches of a quarter
	for _, one := range r.replaced {
		if s == engine.Rolling {
			one = predict.Replaced{First: max(least, one.First/batch), Last: max(least, one.Last/batch)}
		}
		seen = append(seen, one)
	}
	return seen
}

// starting is how many seconds a slot of as many instances takes to come up; 0: nobody knows.
func (r *Rig) starting() (most float64) {
	for _, one := range r.replaced {
		most = max(most, one.Last)
	}
	return most
}
