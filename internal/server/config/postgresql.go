package config

import (
	"fmt"
	"net/url"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/postgresql"
)

// PostgreSQLFleet are servers whose databases are tenants:
//
//	environments:
//	  Staging:
//	    plugins: [pay]
//	    postgresql:
//	      servers:
//	        - {name: pg-1, url: "postgres://hotswap@127.0.0.1:5433/postgres", password_file: pg.password}
//	        - {name: pg-2, url: "postgres://hotswap@db2.example.com/postgres?sslmode=verify-full", password_file: pg.password}
//	      databases: {include: ["tenant_*"], exclude: ["tenant_test*"]}
//	      resolution: 5s
type PostgreSQLFleet struct {
	// The servers, which are the instances.
	Servers []PostgreSQLServer `yaml:"servers"`
	// Database in which orders are kept, so that they outlive the server and are seen by others. Default: that of the first one's url.
	Control *PostgreSQLControl `yaml:"control"`
	// Which databases are tenants, of those that have the extension. Default: all.
	Databases PostgreSQLDatabases `yaml:"databases"`
	// Time between two looks at a server, which probe its health and read its counters, 1s to 1h; default 5s.
	Resolution engine.Duration `yaml:"resolution"`
	// How long an update waits for locks, up to 1h; default 5s.
	LockTimeout engine.Duration `yaml:"lock_timeout"`
	// How long an update may take, up to 1h; default 1m.
	StatementTimeout engine.Duration `yaml:"statement_timeout"`
	// Statements that are the plugin's work, as a pattern of LIKE, whose time is read off pg_stat_statements. Default: none, no time is measured.
	Statements string `yaml:"statements"`
}

// SetDefaults implements [yamlfile.Defaulted].
func (p *PostgreSQLFleet) SetDefaults() {
	p.Resolution, p.LockTimeout = engine.Duration(postgresql.UsualResolution), engine.Duration(postgresql.UsualLockTimeout)
	p.StatementTimeout = engine.Duration(postgresql.UsualStatementTimeout)
}

// PostgreSQLServer is an instance.
type PostgreSQLServer struct {
	Name         string `yaml:"name"`          // what it is called; tenants are name/database
	URL          string `yaml:"url"`           // as libpq has it, of a database that is there, without a password; TLS is its sslmode
	PasswordFile Path   `yaml:"password_file"` // file with the password, read anew for each connection; default: as libpq finds one
}

// PostgreSQLControl is the database in which orders are kept.
type PostgreSQLControl struct {
	URL          string `yaml:"url"`           // as libpq has it, without a password
	PasswordFile Path   `yaml:"password_file"` // file with the password, read anew for each connection; default: as libpq finds one
}

// PostgreSQLDatabases choose databases by their names: * is anything, ? one character.
type PostgreSQLDatabases struct {
	Include []string `yaml:"include"` // patterns of which a name has to match one; default: all do
	Exclude []string `yaml:"exclude"` // patterns that it must not match; default: none
}

// PostgreSQL are the servers of an environment; ok is false where it has none.
func (c *Config) PostgreSQL(name engine.Environment) (s postgresql.Settings, ok bool) {
	p := c.Environments[string(name)].PostgreSQL
	if p == nil {
		return s, false
	}
	s = postgresql.Settings{
		Path: form.Keyed("environments", string(name)) + ".postgresql", Include: p.Databases.Include, Exclude: p.Databases.Exclude, Statements: p.Statements,
		Resolution: time.Duration(p.Resolution), LockTimeout: time.Duration(p.LockTimeout), StatementTimeout: time.Duration(p.StatementTimeout),
	}
	for _, of := range p.Servers {
		s.Servers = append(s.Servers, postgresql.Server{Name: of.Name, URL: of.URL, PasswordFile: string(of.PasswordFile)})
	}
	if p.Control != nil {
		s.Control = &postgresql.Server{URL: p.Control.URL, PasswordFile: string(p.Control.PasswordFile)}
	}
	return s, true
}

// postgresql checks servers of PostgreSQL.
func (c *checker) postgresql(path string, name engine.Environment, e Environment) {
	s, ok := c.PostgreSQL(name)
	if !ok {
		return
	}
	if len(e.Plugins) == 0 {
		c.wrong(path+".plugins", "is missing: with postgresql it names the extensions that are rolled out")
	}
	if e.Journal == KeptByFleet {
		c.wrong(path+".journal", "is fleet: servers of PostgreSQL keep no journals, the store does")
	}
	c.told(s.Check())
}

// openly warns of servers that others can listen to.
func (c *checker) openly(path string, p *PostgreSQLFleet) {
	for i, of := range p.Servers {
		u, err := url.Parse(of.URL)
		if err != nil || local(u.Hostname()) || u.Hostname() == "" {
			continue
		}
		switch u.Query().Get("sslmode") {
		case "require", "verify-ca", "verify-full":
		default:
			c.wrong(fmt.Sprintf("%s.servers[%d].url", path, i), "has no sslmode=verify-full: anybody on the way may read what is said, or answer for the server")
		}
	}
}
