package postgresql

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Settings say which servers a fleet has, and how they are asked.
type Settings struct {
	Path    string // of these settings, for problems; as in environments.Staging.postgresql
	Servers []Server
	// Control is the database in which orders are kept; nil: that of the first server's URL.
	Control *Server
	// Include and Exclude are patterns of databases, as of [path.Match]. Include nil: all.
	Include, Exclude []string
	Resolution       time.Duration // between two looks at a server; 0: 5 s
	LockTimeout      time.Duration // how long an update waits for a lock; 0: 5 s
	StatementTimeout time.Duration // how long an update may take; 0: 60 s
	// Statements is a pattern of LIKE of the statements whose time pg_stat_statements has; "":
	// no time is measured.
	Statements string
}

// Server is how a server is reached.
type Server struct {
	Name         string
	URL          string // as libpq has it, without a password
	PasswordFile string // read anew for each connection; "": as libpq finds one
}

// The usual settings, and their bounds.
const (
	UsualResolution       = 5 * time.Second
	UsualLockTimeout      = 5 * time.Second
	UsualStatementTimeout = time.Minute
	LeastResolution       = time.Second
	MostTime              = time.Hour
	MostServers           = 1000
)

// usual are s with what it does not say.
func (s Settings) usual() Settings {
	for _, d := range []struct {
		of    *time.Duration
		usual time.Duration
	}{{&s.Resolution, UsualResolution}, {&s.LockTimeout, UsualLockTimeout}, {&s.StatementTimeout, UsualStatementTimeout}} {
		if *d.of == 0 {
			*d.of = d.usual
		}
	}
	return s
}

// namePattern has names of servers: they stand before a slash in names of tenants.
var namePattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)

// Check finds all that is wrong, without reaching anybody or reading a file.
func (s Settings) Check() (ps engine.Problems) {
	add := func(path, rule string, args ...any) {
		ps = append(ps, engine.Problem{Path: s.Path + "." + path, Rule: fmt.Sprintf(rule, args...)})
	}
	if n := len(s.Servers); n == 0 || n > MostServers {
		add("servers", "has %d servers, and a fleet has 1 to %d", n, MostServers)
	}
	s.checkServers(add)
	s.checkPatterns(add)
	between := func(name string, d, least time.Duration) {
		if d < least || d > MostTime {
			add(name, "%s is not in %s..%s", engine.Spoken(d), engine.Spoken(least), engine.Spoken(MostTime))
		}
	}
	u := s.usual()
	between("resolution", u.Resolution, LeastResolution)
	between("lock_timeout", u.LockTimeout, time.Millisecond)
	between("statement_timeout", u.StatementTimeout, time.Millisecond)
	return ps
}

// checkServers finds what is wrong with how servers are called and reached.
func (s *Settings) checkServers(add func(path, rule string, args ...any)) {
	seen := map[string]bool{}
	for i, of := range s.Servers {
		at := fmt.Sprintf("servers[%d]", i)
		if !namePattern.MatchString(of.Name) {
			add(at+".name", "is not 1..63 letters, digits, '.', '_' or '-' that begin and end with a letter or digit")
		}
		if seen[of.Name] {
			add(at+".name", "%q is there twice", engine.Shortened(of.Name))
		}
		seen[of.Name] = true
		if why := of.wrong(); why != "" {
			add(at+".url", "%s", why)
		}
	}
	if s.Control != nil {
		if why := s.Control.wrong(); why != "" {
			add("control.url", "%s", why)
		}
	}
}

// checkPatterns finds patterns that are none.
func (s *Settings) checkPatterns(add func(path, rule string, args ...any)) {
	for name, patterns := range map[string][]string{"include": s.Include, "exclude": s.Exclude} {
		for i, p := range patterns {
			if _, err := path.Match(p, ""); err != nil || p == "" {
				add(fmt.Sprintf("databases.%s[%d]", name, i), "is no pattern like tenant_*")
			}
		}
	}
}

// wrong says what is wrong with how a server is reached; "": nothing. The text itself is not in it.
func (s *Server) wrong() string {
	if s.URL == "" {
		return "is missing: it is like postgres://hotswap@db.example.com:5432/postgres"
	}
	if !strings.HasPrefix(s.URL, "postgres://") && !strings.HasPrefix(s.URL, "postgresql://") {
		return "is not like postgres://hotswap@db.example.com:5432/postgres"
	}
	if hasPassword(s.URL) {
		return "has a password in it: put it into a file, and name that in password_file"
	}
	if _, err := pgx.ParseConfig(s.URL); err != nil {
		return "cannot be read as libpq reads it: " + causeOf(err)
	}
	return ""
}

// passwordInURL finds user:password@ and password= in a URL.
var passwordInURL = regexp.MustCompile(`^[a-z]+://[^/@?]*:[^/@?]*@|[?&](ssl)?password=`)

func hasPassword(url string) bool { return passwordInURL.MatchString(url) }

// takes says whether a database may be a tenant.
func (s *Settings) takes(database string) bool {
	matches := func(patterns []string) bool {
		for _, p := range patterns {
			if ok, _ := path.Match(p, database); ok {
				return true
			}
		}
		return false
	}
	return (len(s.Include) == 0 || matches(s.Include)) && !matches(s.Exclude)
}

// Clock is the time, and how it is waited for.
type Clock struct {
	Now  func() time.Time
	Wait func(ctx context.Context, d time.Duration) error
}
