package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/pgtest"
)

// TestGuideOfPostgreSQL follows the guide "Roll out PostgreSQL extensions" as it is written, from
// its servers to the end: its role, its configuration and all of its commands.
func TestGuideOfPostgreSQL(t *testing.T) {
	pgtest.Programs(t) // or there is nothing to test
	if _, err := exec.LookPath("psql"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no psql: apt-get install --no-install-recommends postgresql-client")
		}
		t.Skip("SKIPPED, NOTHING WAS TESTED: there is no psql")
	}
	r := newReader(t, "templates/guides/postgresql.md.tmpl")
	first := freeInARow(t, 3)
	r.env = append(r.env, fmt.Sprintf("FIRST_PORT=%d", first))
	t.Cleanup(func() {
		if _, err := os.Stat(filepath.Join(r.dir, "pg", "where")); err == nil {
			r.does("examples/postgresql/servers.sh stop pg")
		}
	})
	blocks := r.fenced("console")
	r.does(blocks[0])
	script, err := os.ReadFile(filepath.Join(r.dir, "examples/postgresql/servers.sh"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(r.fenced("sql")[0]) {
		if line = strings.TrimSpace(strings.Replace(line, "from-a-secret-store", `$(cat "$dir/pg.password")`, 1)); !strings.Contains(string(script), line) {
			t.Errorf("servers.sh does not do %s", line)
		}
	}
	config := r.fenced("yaml")[0]
	for i := range 3 {
		config = strings.Replace(config, fmt.Sprintf("127.0.0.1:%d/", 5433+i), fmt.Sprintf("127.0.0.1:%d/", first+i), 1)
	}
	for name, text := range map[string]string{"hotswap.yaml": config, "good.json": r.fenced("json")[0]} {
		if err := os.WriteFile(filepath.Join(r.dir, "pg", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.does(blocks[1])
	stop := r.serves("pg/hotswap.yaml")
	blocks = r.fenced("console")
	r.does(blocks[2])
	r.has(first, "30 on 1.6.0")
	r.does(blocks[3])
	r.has(first, "30 on 1.6.0")
	said := r.does(blocks[4])
	const final = "final: there is no update path from 1.8.0 back to 1.6.0 on pg-1, pg-2, pg-3; a rollback cannot undo stages 10% to 100%"
	if !strings.Contains(said, final) || !strings.Contains(r.guide, final) {
		t.Error(said)
	}
	stop()
	r.does(blocks[5])
	if _, err := os.Stat(filepath.Join(r.dir, "pg")); !os.IsNotExist(err) {
		t.Errorf("pg is still there: %v", err)
	}
}

// freeInARow is the first of some ports in a row that nobody listens on.
func freeInARow(t *testing.T, n int) int {
	t.Helper()
next:
	for first := 20_000 + os.Getpid()%20_000; first < 60_000; first += n {
		for port := first; port < first+n; port++ {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				continue next
			}
			_ = l.Close()
		}
		return first
	}
	t.Fatal("no ports are free")
	return 0
}

// has counts the databases of the servers by the version that they have, as the guide's role.
func (r *reader) has(first int, want string) {
	r.t.Helper()
	password, err := os.ReadFile(filepath.Join(r.dir, "pg", "pg.password"))
	if err != nil {
		r.t.Fatal(err)
	}
	n := map[string]int{}
	for tenant := range 30 {
		url := fmt.Sprintf("postgres://hotswap:%s@127.0.0.1:%d/tenant_%02d?sslmode=disable", strings.TrimSpace(string(password)), first+tenant/10, tenant+1)
		conn, err := pgx.Connect(context.Background(), url)
		if err != nil {
			r.t.Fatal(err)
		}
		var version string
		if err := conn.QueryRow(context.Background(), "SELECT extversion FROM pg_extension WHERE extname = 'hotswap_pay'").Scan(&version); err != nil {
			r.t.Fatal(err)
		}
		_ = conn.Close(context.Background())
		n[version]++
	}
	if got := fmt.Sprint(n); got != fmt.Sprintf("map[%s:30]", strings.TrimPrefix(want, "30 on ")) {
		r.t.Errorf("%s, and %s is wanted", got, want)
	}
}
