package sql_test

import (
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/pgtest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/sql"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/storetest"
)

// openDatabase opens a store until the test is over.
func openDatabase(t testing.TB, dsn string, o sql.Options) *sql.Store {
	t.Helper()
	s, err := sql.OpenPostgres(t.Context(), dsn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// inTurn is a few stores on one database, one after another: each has connections of its own.
func inTurn(t testing.TB, dsn string) func() *sql.Store {
	t.Helper()
	stores := make([]*sql.Store, 4)
	for i := range stores {
		stores[i] = openDatabase(t, dsn, sql.Options{Outbox: true})
	}
	next := 0
	return func() *sql.Store {
		next++
		return stores[next%len(stores)]
	}
}

func TestPostgres(t *testing.T) {
	c := pgtest.Start(t)
	t.Run("journals", func(t *testing.T) {
		next := inTurn(t, c.Database())
		enginetest.Journals(t, func() engine.Journals { return next() })
	})
	t.Run("stores", func(t *testing.T) {
		next := inTurn(t, c.Database())
		storetest.Stores(t, func(*testing.T) store.Store { return next() })
	})
	t.Run("errors", func(t *testing.T) {
		dsn := c.Database()
		s := openDatabase(t, dsn, sql.Options{})
		if err := s.Backup(t.Context(), filepath.Join(t.TempDir(), "copy")); err == nil || !strings.Contains(err.Error(), "pg_dump") {
			t.Errorf("Backup: %v", err)
		}
		if err := s.Exec(t.Context(), `INSERT INTO hotswap_schema (version, at) VALUES (9, 0)`); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ dsn, says string }{
			{dsn, "version 9"},
			{strings.Replace(dsn, "/test", "/missing", 1), "missing"},
			{"postgres://127.0.0.1:1/x?password=secret", "127.0.0.1:1"},
			{"postgres://:secret@127.0.0.1:x/y", "127.0.0.1"},
		} {
			_, err := sql.OpenPostgres(t.Context(), c.dsn, sql.Options{})
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
				t.Errorf("it says nothing of %s, or too much: %v", c.says, err)
			}
		}
	})
	t.Run("open at once", func(t *testing.T) {
		dsn := c.Database()
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				s, err := sql.OpenPostgres(t.Context(), dsn, sql.Options{})
				if err == nil {
					err = errors.Join(s.Ready(t.Context()), s.Close())
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
}
