package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/postgresql/pgfleet"
)

// TestGuideOfPostgreSQL follows the guide "Roll out PostgreSQL extensions" on three real servers:
// its role, its configuration and all of its commands.
func TestGuideOfPostgreSQL(t *testing.T) {
	servers := pgfleet.Start(t, 3, 10)
	r := newReader(t, "templates/guides/postgresql.md.tmpl")
	if err := os.Mkdir(filepath.Join(r.dir, "pg"), 0o700); err != nil {
		t.Fatal(err)
	}
	load := new(pgfleet.Load)
	config := r.fenced("yaml")[0]
	for i, s := range servers {
		s.Exec("postgres", "postgres", strings.Split(strings.TrimSpace(r.fenced("sql")[0]), "\n")...)
		url := fmt.Sprintf("postgres://hotswap@127.0.0.1:%d/postgres", 5433+i)
		if !strings.Contains(config, url) {
			t.Fatalf("the configuration has no %s", url)
		}
		config = strings.Replace(config, url, s.URL("hotswap", "postgres"), 1)
		s.Load(load, 100*time.Millisecond)
	}
	for name, text := range map[string]string{
		"hotswap.yaml": strings.Replace(config, "resolution: 5s", "resolution: 1s", 1), "pg.password": "from-a-secret-store\n", "good.json": r.fenced("json")[0],
	} {
		if err := os.WriteFile(filepath.Join(r.dir, "pg", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	has := func(want string) {
		t.Helper()
		if got := pgfleet.Has(servers); got != want {
			t.Errorf("%s, and %s is wanted", got, want)
		}
	}
	r.does(r.fenced("console")[0])
	r.serves("pg/hotswap.yaml")
	blocks := r.fenced("console")
	r.does(blocks[1])
	has("30 on 1.6.0")
	r.does(blocks[2])
	has("30 on 1.6.0")
	said := r.does(blocks[3])
	const final = "final: there is no update path from 1.8.0 back to 1.6.0 on pg-1, pg-2, pg-3; a rollback cannot undo stages 10% to 100%"
	if !strings.Contains(said, final) || !strings.Contains(r.guide, final) {
		t.Error(said)
	}
}
