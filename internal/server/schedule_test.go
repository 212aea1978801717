package server

import (
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestPoked has a rollout walked again at once for what others wrote while a worker had it, and
// not for what the worker wrote itself.
func TestPoked(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	later := now.Add(time.Minute)
	for _, c := range []struct {
		name    string
		pokes   []int64 // while a worker has it; 0: nobody knows how many events there are
		acted   int64   // events that the worker acted on; -1: it panicked
		atOnce  bool
		dropped bool // of one that has ended
	}{
		{"nothing", nil, 7, false, true},
		{"its own events", []int64{6, 7}, 7, false, true},
		{"an event of another server", []int64{6, 8}, 7, true, false},
		{"somebody here", []int64{0}, 7, true, false},
		{"its own, and somebody here", []int64{7, 0, 6}, 7, true, false},
		{"a panic", []int64{6}, -1, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSchedule(&Options{Now: func() time.Time { return now }})
			for _, ends := range []bool{false, true} {
				s.add("r1", engine.Production, "p", false)
				e := s.give(t.Context())
				for _, events := range c.pokes {
					s.poke("r1", events)
				}
				if ends {
					s.drop(e, c.acted)
					if gone := s.entries["r1"] == nil; gone != c.dropped {
						t.Errorf("it is gone: %v", gone)
					}
					return
				}
				s.back(e, later, c.acted)
				if at := e.due.Equal(now); at != c.atOnce {
					t.Errorf("it is due at once: %v", at)
				}
				s.drop(e, c.acted)
				s.heap = nil
			}
		})
	}
}
