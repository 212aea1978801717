package sql_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/pgtest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/sql"
)

// plan compiles a plan for benchmarks.
func plan(b *testing.B, id string, env engine.Environment, plugin string) engine.Plan {
	b.Helper()
	f := enginetest.NewFleet(env, plugin, 3, 20, "1.5.0", 150)
	p, err := engine.Compile(id, engine.Spec{PluginID: plugin, Environment: env, Version: "1.6.0"}, f.Snapshot())
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// each runs a benchmark on both databases, which do all for the data to outlive the machine.
func each(b *testing.B, run func(b *testing.B, s *sql.Store)) {
	b.Run("sqlite", func(b *testing.B) {
		run(b, openFile(b, filepath.Join(b.TempDir(), "store.db"), sql.Options{Outbox: true}))
	})
	b.Run("postgres", func(b *testing.B) {
		run(b, openDatabase(b, pgtest.Start(b, "fsync=on").Database(), sql.Options{Outbox: true}))
	})
}

// BenchmarkAppend writes events, one after another, and of 8 rollouts at a time.
func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 8} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			each(b, func(b *testing.B, s *sql.Store) {
				ctx, js := b.Context(), make(chan engine.Journal, writers)
				for w := range writers {
					id := fmt.Sprintf("r%d", w)
					js <- fill(b, s, plan(b, id, engine.QA, id), 0)
				}
				b.SetParallelism(writers) // at least so many
				var left atomic.Int64
				left.Store(int64(writers))
				b.ResetTimer()
				b.RunParallel(func(pb *testing.PB) {
					if left.Add(-1) < 0 {
						return
					}
					j := <-js
					for seq := int64(0); pb.Next(); seq++ {
						if err := write(ctx, j, seq); err != nil {
							b.Error(err)
							return
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			})
		})
	}
}

// BenchmarkEvents asks for what is new where nothing is.
func BenchmarkEvents(b *testing.B) {
	each(b, func(b *testing.B, s *sql.Store) {
		j := fill(b, s, plan(b, "r1", engine.QA, "gateway"), 100)
		for b.Loop() {
			if events, err := j.Events(b.Context(), 99); err != nil || len(events) != 0 {
				b.Fatal(events, err)
			}
		}
	})
}

// many fills a store with rollouts of 500 plugins in three environments, all but 1,000 of
// which have ended.
func many(b *testing.B, s *sql.Store, n int) {
	b.Helper()
	query := `INSERT INTO rollouts (id, environment, plugin, ordinal, baseline, candidate, restores,
		phase, outcome, unfinished, stage, strategy, stages, began, wake, events, search,
		request, deployment, started_by, walked, started_at, owner, holder, lease_until, change, changed)
		SELECT 'rollout-' || i, CASE i % 3 WHEN 0 THEN ? WHEN 1 THEN ? ELSE ? END, 'plugin-' || (i % 500), i, '1.5.0', '1.6.0', '',
		CASE WHEN i > 99000 THEN 'progressing' WHEN i % 100 = 0 THEN 'rolled_back' ELSE 'succeeded' END,
		CASE WHEN i > 99000 THEN '' WHEN i % 100 = 0 THEN 'rolled_back' ELSE 'succeeded' END, CASE WHEN i > 99000 THEN 1 ELSE 0 END,
		'full', 'canary', '["full"]', 1, 0, 40, 'rollout-' || i || ' plugin-' || (i % 500) || ' 1.5.0 1.6.0',
		'', NULL, 'token ci', 1, i, '', '', 0, i, i FROM `
	if s.IsFile() {
		query = fmt.Sprintf(`WITH RECURSIVE g (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < %d) `, n) + query + `g`
	} else {
		query += fmt.Sprintf(`generate_series(1, %d) AS g (i)`, n)
	}
	if err := s.Exec(b.Context(), query, string(engine.Production), string(engine.Staging), string(engine.QA)); err != nil {
		b.Fatal(err)
	}
	if err := s.Exec(b.Context(), `ANALYZE rollouts`); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkFind looks among 100,000 rollouts.
func BenchmarkFind(b *testing.B) {
	queries := []struct {
		name  string
		query store.Query
	}{
		{"all", store.Query{}},
		{"environment", store.Query{Environments: []engine.Environment{engine.QA}}},
		{"environments", store.Query{Environments: []engine.Environment{engine.QA, engine.Production}}},
		{"plugin", store.Query{Plugin: "plugin-77"}},
		{"outcome", store.Query{Outcomes: []engine.Outcome{engine.RolledBack}}},
		{"phases", store.Query{Phases: []engine.Phase{engine.PhaseHeld, engine.PhasePaused}}},
		{"in flight", store.Query{InFlight: true}},
		{"text found", store.Query{Text: "plugin-77"}},
		{"text not found", store.Query{Text: "nothing"}},
		{"below", store.Query{Below: store.Cursor{At: time.Unix(0, 50_000), ID: "r"}}},
		{"since", store.Query{Since: 99_990}},
	}
	each(b, func(b *testing.B, s *sql.Store) {
		many(b, s, 100_000)
		for _, q := range queries {
			b.Run(q.name, func(b *testing.B) {
				for b.Loop() {
					if _, err := s.Find(b.Context(), q.query); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run("list", func(b *testing.B) {
			for b.Loop() {
				if _, err := s.List(b.Context(), engine.QA, "plugin-77", engine.Filter{Limit: 10}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("walked 1000", func(b *testing.B) {
			for b.Loop() {
				if rs, err := s.Walked(b.Context()); err != nil || len(rs) != 1000 {
					b.Fatal(len(rs), err)
				}
			}
		})
	})
}
