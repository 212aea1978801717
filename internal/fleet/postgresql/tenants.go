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
	has := map[string]string{}
	all := []engine.Tenant{}
	for _, s := range f.servers {
		weights := s.weights()
		w := s.wanted(d)
		for database, v := range s.census().versions {
			t := engine.Tenant{ID: tenant(s.Name, database), Weight: weights(database), Pin: d.Pins[tenant(s.Name, database)]}
			if t.Pin == "" && v != w.Default && d.Asked[of(pinning, t.ID)] == nil && d.Asked[of(defaulting, s.Name)] == nil {
				t.Pin = v // by hand: it is somebody's own
			}
			has[t.ID] = v
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b engine.Tenant) int { return strings.Compare(a.ID, b.ID) })
	f.remember(all, has)
	return all, nil
}

// remember fills in what tenants did in the day before on the versions that they have, as it was
// known within weighEvery: plans that are made one after the other are alike. What says nothing of
// most of them, as after a rollout, is counted anew.
func (f *Fleet) remember(all []engine.Tenant, has map[string]string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, n := f.clock.Now(), 0
	if f.day != nil && now.Sub(f.dayAt) < weighEvery {
		n = fillDay(f.day, all, has)
	}
	if 2*n > len(all) {
		return
	}
	day := f.ledger.day(now)
	if n = fillDay(day, all, has); 2*n > len(all) {
		f.day, f.dayAt = day, now
	}
}

// fillDay says of how many tenants something is known.
func fillDay(day map[cellKey]counters, all []engine.Tenant, has map[string]string) (known int) {
	for i := range all {
		t := &all[i]
		n := day[cellKey{t.ID, has[t.ID]}]
		if t.PriorRequests, t.PriorErrors = n.commits+n.rollbacks, n.rollbacks; t.PriorRequests > 0 {
			known++
		}
	}
	return known
}
