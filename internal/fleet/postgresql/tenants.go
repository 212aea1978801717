package postgresql

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Tenants implements [engine.Fleet]. All databases are asked anew: a plan is made of this. A
// server that is away, or a database that cannot be asked, is an error.
func (f *Fleet) Tenants(ctx context.Context) iter.Seq2[engine.Tenant, error] {
	return func(yield func(engine.Tenant, error) bool) {
		all, err := f.tenants(ctx)
		if err != nil {
			yield(engine.Tenant{}, err)
			return
		}
		for _, t := range all {
			if !yield(t, nil) {
				return
			}
		}
	}
}

func (f *Fleet) tenants(ctx context.Context) ([]engine.Tenant, error) {
	if err := f.ready(ctx); err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var wrong []string
	each(f.servers, len(f.servers), func(s *server) {
		var why string
		if err := s.survey(ctx); err != nil {
			why = err.Error()
		} else {
			why = s.census().blindness(s.Name)
		}
		mu.Lock()
		defer mu.Unlock()
		if why != "" {
			wrong = append(wrong, why)
		}
	})
	slices.Sort(wrong)
	if err := errors.Join(ctx.Err(), unseen(wrong)); err != nil {
		return nil, err
	}
	d, err := f.control.load(ctx)
	if err != nil {
		return nil, err
	}
	now := f.clock.Now()
	all := []engine.Tenant{}
	for _, s := range f.servers {
		weights := s.weights()
		w := s.wanted(d)
		for database, v := range s.census().versions {
			t := engine.Tenant{ID: tenant(s.Name, database), Weight: weights(database), Pin: d.Pins[tenant(s.Name, database)]}
			if t.Pin == "" && v != w.Default && d.Asked[of(pinning, t.ID)] == nil && d.Asked[of(defaulting, s.Name)] == nil {
				t.Pin = v // by hand: it is somebody's own
			}
			t.PriorRequests, t.PriorErrors = f.ledger.prior(cellKey{t.ID, v}, now)
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b engine.Tenant) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}
