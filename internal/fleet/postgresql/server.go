package postgresql

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// server is one as it was seen last.
type server struct {
	Server
	f *Fleet

	polling sync.Mutex // of conn, and of what is counted
	conn    *pgx.Conn  // nil: it is to be dialled

	kick chan struct{} // there may be something to carry out

	mu        sync.Mutex
	reached   bool // it answered the last probe
	failures  int  // probes in a row that it did not answer
	why       string
	seen      *census // nil: never
	scanned   time.Time
	before    map[string]counters // by polling and mu
	reset     map[string]time.Time
	weighed   map[string]counters
	weighedAt time.Time
	altered   map[string]int // how often a database was seen to have another version
	own       map[string]counters
	clearing  map[string]clearing // databases that were just updated
	timed     bool                // its statements are timed
}

// census is what there is on a server. It is never changed.
type census struct {
	versions  map[string]string // of databases that have the extension
	blind     map[string]string // why databases could not be asked
	available []string          // versions whose files are there, sorted
	ways      map[way]bool      // that there is an update path for
}

// way is an update from one version to another.
type way struct{ from, to string }

func newServer(f *Fleet, s Server) *server {
	return &server{
		Server: s, f: f, before: map[string]counters{}, reset: map[string]time.Time{}, kick: make(chan struct{}, 1),
		altered: map[string]int{}, own: map[string]counters{}, clearing: map[string]clearing{}, why: "was not asked yet",
	}
}

// wake has the server's worker look for something to carry out.
func (s *server) wake() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// census is what was seen last; nil: nothing ever.
func (s *server) census() *census {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// well says whether the last probe was answered, how many were not in a row, and why.
func (s *server) well() (ok bool, failures int, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reached, s.failures, s.why
}

// probed notes what came of a probe.
func (s *server) probed(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.reached, s.failures, s.why = true, 0, ""
		return
	}
	s.reached, s.why = false, said(err)
	s.failures++
}

// ask calls something with the connection that is kept.
func (s *server) ask(ctx context.Context, do func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := walker.Within(ctx, probeTime)
	defer cancel()
	if s.conn != nil && s.conn.IsClosed() {
		s.conn = nil
	}
	if s.conn == nil {
		conn, err := s.dial(ctx, "")
		if err != nil {
			return err
		}
		s.conn = conn
	}
	err := do(ctx, s.conn)
	if err != nil && away(err) { // whatever it is, another one is better
		hangUp(s.conn)
		s.conn = nil
	}
	return err
}

// survey reads what there is on the server, database by database.
func (s *server) survey(ctx context.Context) error {
	var names []string
	c := &census{versions: map[string]string{}, blind: map[string]string{}, ways: map[way]bool{}}
	s.polling.Lock()
	err := s.ask(ctx, func(ctx context.Context, conn *pgx.Conn) (err error) {
		if names, err = texts(ctx, conn, "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate"); err != nil {
			return err
		}
		return s.files(ctx, conn, c)
	})
	s.polling.Unlock()
	if err != nil {
		return &AwayError{s.Name, said(err)}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !s.f.set.takes(name) })
	s.mu.Lock()
	altered := map[string]int{}
	for _, name := range names {
		altered[name] = s.altered[name]
	}
	s.mu.Unlock()
	var mu sync.Mutex
	each(names, atOnce, func(name string) {
		version, err := s.version(ctx, name)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil && isState(err, stateNoDatabase): // it was dropped meanwhile
		case err != nil:
			c.blind[name] = said(err)
		case version != "":
			c.versions[name] = version
		}
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	s.took(c, altered)
	return nil
}

// took takes a census, but for databases that were updated while it was made.
func (s *server) took(c *census, altered map[string]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, n := range s.altered {
		if s.seen != nil && n != altered[name] {
			c.versions[name] = s.seen.versions[name]
		}
	}
	for name := range c.blind {
		if s.seen != nil && s.seen.versions[name] != "" { // as it was seen last
			c.versions[name] = s.seen.versions[name]
		}
	}
	s.seen, s.scanned = c, s.f.clock.Now()
}

// files reads which versions there are on the server, and the ways between them.
func (s *server) files(ctx context.Context, conn *pgx.Conn, c *census) (err error) {
	c.available, err = texts(ctx, conn, "SELECT DISTINCT version FROM pg_available_extension_versions WHERE name = $1 ORDER BY 1", s.f.extension)
	if err != nil || len(c.available) == 0 {
		return err
	}
	slices.Sort(c.available)
	rows, err := conn.Query(ctx, "SELECT source, target FROM pg_extension_update_paths($1) WHERE path IS NOT NULL", s.f.extension)
	if err != nil {
		return err
	}
	var w way
	_, err = pgx.ForEachRow(rows, []any{&w.from, &w.to}, func() error {
		c.ways[w] = true
		return nil
	})
	return err
}

// version is that of the extension in a database; "": it has none.
func (s *server) version(ctx context.Context, database string) (version string, err error) {
	conn, err := s.dial(ctx, database)
	if err != nil {
		return "", err
	}
	defer hangUp(conn)
	ctx, cancel := walker.Within(ctx, probeTime)
	defer cancel()
	s.owe(database, counters{commits: 2}) // to connect is one, too
	err = conn.QueryRow(ctx, versionQuery, s.f.extension).Scan(&version)
	return version, err
}

// versionQuery has one row, whatever there is.
const versionQuery = "SELECT coalesce((SELECT extversion FROM pg_extension WHERE extname = $1), '')"

// has notes the version of a database, which was just seen.
func (s *server) has(database, version string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.altered[database]++
	if s.seen == nil {
		return
	}
	c := *s.seen
	c.versions = make(map[string]string, len(s.seen.versions)+1)
	for name, v := range s.seen.versions {
		c.versions[name] = v
	}
	if c.versions[database] = version; version == "" {
		delete(c.versions, database)
	}
	s.seen = &c
}

// blindness says which databases could not be asked, and why; "": all could be.
func (c *census) blindness(server string) string {
	if len(c.blind) == 0 {
		return ""
	}
	var names []string
	for name := range c.blind {
		names = append(names, name)
	}
	slices.Sort(names)
	text := fmt.Sprintf("database %s: %s", tenant(server, names[0]), c.blind[names[0]])
	if n := len(names) - 1; n > 0 {
		text += fmt.Sprintf(" (and %d more: %s)", n, strings.Join(names[1:min(len(names), 6)], ", "))
	}
	return text
}

// texts reads a column.
func texts(ctx context.Context, conn *pgx.Conn, query string, args ...any) ([]string, error) {
	rows, err := conn.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// atOnce is how many databases of a server are asked or updated at a time.
const atOnce = 4

// each calls f with all items, n at a time.
func each[T any](items []T, n int, f func(T)) {
	var all sync.WaitGroup
	room := make(chan struct{}, n)
	for _, item := range items {
		room <- struct{}{}
		all.Go(func() {
			defer func() { <-room }()
			f(item)
		})
	}
	all.Wait()
}
