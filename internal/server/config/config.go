// Package config reads the configuration of a server of rollouts: strictly, with all that is
// wrong with it at once, and into the settings of those who do the work. It starts nothing.
package config

import (
	"os"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/yamlfile"
)

// Config is what a configuration says, with the defaults where it says nothing:
//
//	listen: 127.0.0.1:8700
//	state: /var/lib/hotswap
//	environments:
//	  Production:
//	    fleet:
//	      endpoint: https://fleet.example.com
//	      token_file: fleet.token
//	    prometheus:
//	      address: https://prometheus.example.com
//	  Staging:
//	    simulated:
//	      scenario: fleet.yaml
//	      time_scale: 60
//	access:
//	  tokens:
//	    - name: ci
//	      file: ci.token
//	      expires: 2027-06-30
//	      grants: [{role: operate, environments: [Staging]}, {role: read}]
type Config struct {
	// Address to listen on, as HOST:PORT. Beyond this machine it needs tls, or insecure_listen. Default 127.0.0.1:8700.
	Listen string `yaml:"listen"`
	// Listen beyond this machine without TLS, behind a proxy that speaks it. Tokens travel in the open on the way to here. Default false.
	InsecureListen bool `yaml:"insecure_listen"`
	// The server's certificate. Default: none, it speaks HTTP.
	TLS ServerTLS `yaml:"tls"`
	// Folder of the embedded store, the simulated fleets and the first token. Default /var/lib/hotswap.
	State string `yaml:"state"`
	// Where rollouts are remembered. Default: SQLite, in the folder of the state.
	Store StoreSettings `yaml:"store"`
	// The server itself.
	Server Server `yaml:"server"`
	// The fleets, by the environment that they are. At least one.
	Environments map[string]Environment `yaml:"environments"`
	// Who may come. Default: whoever has the first token, which is made at the first start.
	Access Access `yaml:"access"`
	// Who is told what happens. Default: nobody.
	Notifications yamlfile.Raw `yaml:"notifications"`
	// What is logged.
	Log Log `yaml:"log"`

	file   *yamlfile.File
	folder string
}

// SetDefaults implements [yamlfile.Defaulted].
func (c *Config) SetDefaults() {
	c.Listen, c.State = "127.0.0.1:8700", "/var/lib/hotswap"
	c.Server.SetDefaults()
	c.Access.SetDefaults()
	c.Log.SetDefaults()
}

// Path is a file, read relative to the folder of the configuration.
type Path string

// Variable is the name of an environment variable.
type Variable string

// ServerTLS is the server's certificate, and whose certificates its clients may have:
//
//	tls: {cert_file: server.crt, key_file: server.key, client_ca_file: clients.crt}
type ServerTLS struct {
	CertFile Path `yaml:"cert_file"` // certificate in PEM, with its chain
	KeyFile  Path `yaml:"key_file"`  // its key, in PEM
	// Certificates in PEM that client certificates are checked with. Default: none are asked for.
	ClientCAFile Path `yaml:"client_ca_file"`
}

// StoreSettings say where rollouts are remembered:
//
//	store: {postgresql: {dsn_file: /run/secrets/dsn}}
type StoreSettings struct {
	PostgreSQL *PostgreSQL `yaml:"postgresql"` // a PostgreSQL database, which several servers may share
}

// PostgreSQL is a database. Its address has a password in it, so that it is not here.
type PostgreSQL struct {
	DSNFile Path     `yaml:"dsn_file"` // file with the address, as in postgres://user:password@host/database; or dsn_env
	DSNEnv  Variable `yaml:"dsn_env"`  // environment variable with it
}

// Server is the server itself:
//
//	server: {name: eu-1, workers: 4, keep_rollouts: 200, external_url: https://hotswap.example.com}
type Server struct {
	Name         string `yaml:"name"`          // what it calls itself to others on the same store; default: the name of the machine
	Workers      int    `yaml:"workers"`       // how many rollouts it walks at a time, 1 to 1000; default 4
	KeepRollouts int    `yaml:"keep_rollouts"` // how many rollouts of a plugin that are over are kept, 1 to 1000000; default 200
	ExternalURL  string `yaml:"external_url"`  // where browsers find it, for links and logins; default: none
}

// SetDefaults implements [yamlfile.Defaulted].
func (s *Server) SetDefaults() { s.Workers, s.KeepRollouts = 4, 200 }

// Environment is a fleet: a real one, servers of PostgreSQL, or a simulated one.
type Environment struct {
	Kind engine.Environment `yaml:"kind"` // which of the four it is like; needed for a name of one's own
	// The API of a real fleet.
	Fleet *Fleet `yaml:"fleet"`
	// Who counts its traffic. Default: the fleet.
	Prometheus *Prometheus `yaml:"prometheus"`
	// Servers of PostgreSQL, whose extensions are the plugins. It needs plugins, which are their names.
	PostgreSQL *PostgreSQLFleet `yaml:"postgresql"`
	// A simulated fleet, kept in the folder of the state.
	Simulated *Simulated `yaml:"simulated"`
	// Who keeps the journals of its rollouts. Default: the fleet where it does, and else the store.
	Journal Keeper `yaml:"journal"`
	// Plugins that the page of the fleet shows before a rollout of theirs began. Default: none.
	Plugins []string `yaml:"plugins"`
}

// Keeper is who keeps journals.
type Keeper string

// The keepers.
const (
	KeptByFleet Keeper = "fleet"
	KeptByStore Keeper = "store"
)

// Simulated is a simulated fleet, which lives in real time.
type Simulated struct {
	Scenario  Path `yaml:"scenario"`   // scenario whose fleet it is
	TimeScale int  `yaml:"time_scale"` // seconds of the fleet's life for each second, 1 to 3600; default 1
}

// SetDefaults implements [yamlfile.Defaulted].
func (s *Simulated) SetDefaults() { s.TimeScale = 1 }

// Log says what is logged, and how:
//
//	log: {level: debug, format: json}
type Log struct {
	Level  Level  `yaml:"level"`  // least that is logged; default info
	Format Format `yaml:"format"` // default logfmt
}

// SetDefaults implements [yamlfile.Defaulted].
func (l *Log) SetDefaults() { l.Level, l.Format = "info", "logfmt" }

// Level is how much something matters, in the words of the log.
type Level string

// Format is the form of the log.
type Format string

// ServerName is what the server calls itself to others on the same store: what the
// configuration says, or the name of the machine.
func (c *Config) ServerName() (string, error) {
	if c.Server.Name != "" {
		return c.Server.Name, nil
	}
	return os.Hostname()
}
