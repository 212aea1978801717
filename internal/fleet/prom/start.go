package prom

import (
	"context"
	"fmt"
)

// starts are when instances began to count for versions, as they were told last.
type starts struct {
	at int64              // when they are asked for
	of map[startKey]int64 // nil: they were not yet
}

// startKey is an instance by its name, or all of those that are scraped together: series that are
// counted by tenant have no label of the instance, and are those of a target.
type startKey struct{ instance, target, version string }

// began is when the instance of a series began to count for its version, in Unix ms; 0:
// nobody says so. Where a series does not say of which of the instances of its target it is, it
// may be as old as the oldest of them.
func (m *Meter) began(ctx context.Context, st *state) (int64, error) {
	sel, asked := m.queries[queryStart]
	if !asked {
		return 0, nil
	}
	if m.starts.of == nil {
		got, err := m.src.values(ctx, sel, m.starts.at)
		if err != nil {
			return 0, fmt.Errorf("%s.queries.%s: %w", m.set.Path, queryStart, err)
		}
		m.starts.learn(&m.set.Labels, got)
	}
	if !st.named {
		if at := m.starts.of[startKey{target: st.target, version: st.at.version}]; at != 0 {
			return at, nil
		}
	}
	return m.starts.of[startKey{instance: st.instance, version: st.at.version}], nil
}

// learn notes what was told.
func (s *starts) learn(l *Labels, got []series) {
	s.of = make(map[startKey]int64, 2*len(got))
	for i := range got {
		told := &got[i]
		if told.Value == nil {
			continue
		}
		at, version, instance := int64(told.Value.v*1000), told.Metric[l.Version], l.instanceOf(told.Metric)
		s.of[startKey{instance: instance, version: version}] = at
		all := startKey{target: targetOf(told.Metric, instance), version: version}
		if least, others := s.of[all]; !others || at < least {
			s.of[all] = at
		}
	}
}
