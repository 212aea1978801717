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

type startKey struct{ instance, version string }

// began is when the instance of a series began to count for its version, in Unix ms; 0:
// nobody says so.
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
		m.starts.of = make(map[startKey]int64, len(got))
		for i := range got {
			if s := &got[i]; s.Value != nil {
				m.starts.of[startKey{m.set.Labels.instanceOf(s.Metric), s.Metric[m.set.Labels.Version]}] = int64(s.Value.v * 1000)
			}
		}
	}
	return m.starts.of[startKey{st.instance, st.at.version}], nil
}
