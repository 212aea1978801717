// Package pgfleet has servers of PostgreSQL for tests of fleets: real ones, with an extension
// that is there in a good version, a bad one and one without a way back, with databases and
// clients that call it.
package pgfleet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	example "github.com/hotswap-io/terraform-provider-hotswap/examples/postgresql"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/pgtest"
)

// Extension is the plugin, that of the example. Its function pay_fee is what clients call; it has
// a table, which each update changes, so that updates need a lock.
const Extension = "hotswap_pay"

// Role is whom the servers are reached as: no superuser, the owner of the extension.
const Role = "app_owner"

// Password is the role's.
const Password = "a-password-that-is-a-secret"

// Server is one of a fleet.
type Server struct {
	*pgtest.Cluster
	Extensions string // the folder of its extensions' files
	databases  []string
	t          testing.TB
}

// Versions are those of the extension: 1.6.0 is as good as 1.5.0, 1.7.0 raises an error in
// three of ten calls, and 1.8.0 has no script that leads back.
var Versions = []string{"1.5.0", "1.6.0", "1.7.0", "1.8.0"}

// script is one of the example's files. Its function reads a table, as such functions do:
// PostgreSQL tells of transactions that touch none only when their session ends.
func (s *Server) script(name string) []byte {
	s.t.Helper()
	text, err := example.Extension.ReadFile("extension/" + name)
	if err != nil {
		s.t.Fatal(err)
	}
	return text
}

// install puts a file into the server's folder.
func (s *Server) install(name string, text []byte) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.Extensions, name), text, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// Install puts versions of the extension into a server's folder, the first of which can be
// created; Remove takes a file away again.
func (s *Server) Install(versions ...string) {
	s.t.Helper()
	all, err := example.Extension.ReadDir("extension")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, file := range all {
		parts := strings.Split(strings.TrimSuffix(file.Name(), ".sql"), "--")
		if !slices.ContainsFunc(parts[1:], func(v string) bool { return !slices.Contains(versions, v) }) {
			s.install(file.Name(), s.script(file.Name()))
		}
	}
}

// WayBack installs the script that leads back from 1.8.0.
func (s *Server) WayBack() {
	s.t.Helper()
	s.install(Extension+"--1.8.0--1.6.0.sql", s.script(Extension+"--1.5.0--1.6.0.sql"))
}

// Remove takes a file of the extension away.
func (s *Server) Remove(name string) {
	s.t.Helper()
	if err := os.Remove(filepath.Join(s.Extensions, name)); err != nil {
		s.t.Fatal(err)
	}
}

// Start starts servers at once, each with so many databases that have the extension in 1.5.0.
func Start(t testing.TB, servers, databases int, settings ...string) []*Server {
	t.Helper()
	all := make([]*Server, servers)
	for i := range all {
		programs, extensions := pgtest.Apart(t)
		s := &Server{Extensions: extensions, t: t}
		s.Install(Versions...)
		s.Cluster = pgtest.StartFrom(t, programs, append([]string{"autovacuum=off", "max_connections=60", "shared_buffers=16MB"}, settings...)...)
		for d := range databases {
			s.databases = append(s.databases, fmt.Sprintf("tenant_%02d", i*databases+d+1))
		}
		all[i] = s
	}
	var ready sync.WaitGroup
	for _, s := range all {
		ready.Go(func() { s.prepare() })
	}
	ready.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return all
}

// prepare makes the role and the databases, as a database administrator does.
func (s *Server) prepare() {
	s.Exec("postgres", "postgres", "SET password_encryption = 'scram-sha-256'", fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s'", Role, Password),
		"GRANT CREATE ON DATABASE postgres TO "+Role, "GRANT pg_read_all_stats TO "+Role)
	for _, name := range s.databases {
		s.Exec("postgres", "postgres", fmt.Sprintf("CREATE DATABASE %s OWNER %s STRATEGY file_copy", name, Role))
		s.Exec(Role, name, fmt.Sprintf("CREATE EXTENSION %s VERSION '1.5.0'", Extension))
	}
	s.secure()
}

// secure has the role show its password from now on.
func (s *Server) secure() {
	var file string
	s.query("postgres", "SHOW hba_file", &file)
	rules := "host all postgres 127.0.0.1/32 trust\nhost all app_owner,hotswap 127.0.0.1/32 scram-sha-256\nlocal all postgres trust\n"
	if file == "" {
		return
	}
	if err := os.WriteFile(file, []byte(rules), 0o600); err != nil {
		s.t.Error(err)
	}
	s.Exec("postgres", "postgres", "SELECT pg_reload_conf()")
}

// Databases are those of the server that have the extension.
func (s *Server) Databases() []string { return s.databases }

// connect connects as a role, with its password.
func (s *Server) connect(ctx context.Context, role, database string) (*pgx.Conn, error) {
	c, err := pgx.ParseConfig(s.URL(role, database))
	if err != nil {
		return nil, err
	}
	c.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	if role == Role {
		c.Password = Password
	}
	return pgx.ConnectConfig(ctx, c)
}

// Connect connects as a superuser, until the test ends.
func (s *Server) Connect(database string) *pgx.Conn {
	s.t.Helper()
	conn, err := s.connect(context.Background(), "postgres", database)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close(context.Background()) }) // the server may be gone
	return conn
}

// Exec carries statements out, as a role.
func (s *Server) Exec(role, database string, statements ...string) {
	s.t.Helper()
	conn, err := s.connect(context.Background(), role, database)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, text := range statements {
		if _, err := conn.Exec(context.Background(), text); err != nil {
			s.t.Errorf("%s: %v", text, err)
		}
	}
}

func (s *Server) query(database, text string, into any) {
	s.t.Helper()
	conn, err := s.connect(context.Background(), "postgres", database)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := conn.QueryRow(context.Background(), text).Scan(into); err != nil {
		s.t.Errorf("%s: %v", text, err)
	}
}

// Has counts the databases of servers by version.
func Has(all []*Server) string {
	n := map[string]int{}
	for _, s := range all {
		for _, name := range s.databases {
			var v string
			s.query(name, "SELECT coalesce((SELECT extversion FROM pg_extension WHERE extname = '"+Extension+"'), 'none')", &v)
			n[v]++
		}
	}
	var parts []string
	for _, v := range append([]string{"none"}, Versions...) {
		if n[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d on %s", n[v], v))
		}
	}
	return strings.Join(parts, ", ")
}
