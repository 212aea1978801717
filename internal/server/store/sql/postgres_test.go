package sql_test

import (
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
}
