package sql_test

import (
	"path/filepath"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/sql"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/storetest"
)

// openFile opens a store until the test is over.
func openFile(t testing.TB, path string, o sql.Options) *sql.Store {
	t.Helper()
	s, err := sql.OpenSQLite(t.Context(), path, o)
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

func TestJournalsInSQLite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a store?#%.db")
	enginetest.Journals(t, func() engine.Journals { return openFile(t, path, sql.Options{Outbox: true}) })
}

func TestStoresInSQLite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	storetest.Stores(t, func(t *testing.T) store.Store { return openFile(t, path, sql.Options{Outbox: true}) })
}
