// Package launch puts a rollout server together as its configuration says, and runs it.
package launch

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/durable"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/filelock"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/api"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/config"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/notify"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/observe"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store/sql"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/worlds"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// Options are what a configuration does not say.
type Options struct {
	Version string // of the program
	Getenv  func(string) string
	Now     func() time.Time
	Wait    func(context.Context, time.Duration) error
	Log     *slog.Logger
	// Ending says that the server ends, and requests should not come.
	Ending func() bool
	// Page makes the page, of what logs people in; nil: there is none.
	Page func(login http.Handler, issuers []string) http.Handler
}

// Launched is a server that can run.
type Launched struct {
	// Handler answers requests.
	Handler http.Handler
	// FirstToken is the file with the token that was made because there was no way in; "": none was.
	FirstToken string

	options  Options
	lock     *filelock.File
	holder   string
	server   *server.Server
	store    *sql.Store
	worlds   *worlds.Worlds
	gate     *access.Gate
	notifier *notify.Notifier // nil: nobody is told
	metrics  *observe.Metrics
	traces   *observe.Traces
}

// folderMode is that of the folder of the state: it has tokens in it.
const folderMode = 0o700

// New opens all that a configuration speaks of. Nothing runs yet.
func New(ctx context.Context, c *config.Config, o Options) (l *Launched, err error) {
	l = &Launched{options: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
			l = nil
		}
	}()
	if err := l.occupy(c); err != nil {
		return l, err
	}
	sinks, err := sinksOf(c)
	if err != nil {
		return l, err
	}
	if l.store, err = openStore(ctx, c, &o, len(sinks.Sinks) > 0); err != nil {
		return l, err
	}
	l.metrics = observe.New(observe.Options{Now: o.Now, Version: o.Version, Log: o.Log})
	if l.traces, err = observe.NewTraces(ctx, observe.TraceOptions{Getenv: o.Getenv, Version: o.Version, Log: o.Log}); err != nil {
		return l, err
	}
	specs, err := specsOf(c, &o)
	if err == nil {
		l.worlds, err = worlds.Open(ctx, filepath.Join(c.State, "fleets"), o.Now, o.Wait, specs)
	}
	if err != nil {
		return l, err
	}
	if err := l.admit(ctx, c); err != nil {
		return l, err
	}
	return l, l.assemble(c, sinks)
}

// occupy takes the folder of the state, which is one server's at a time, and reads which
// server this is: the same one after a restart, and never another one on the same store.
func (l *Launched) occupy(c *config.Config) error {
	if err := os.MkdirAll(c.State, folderMode); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	lock, err := filelock.Try(filepath.Join(c.State, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, filelock.ErrHeld) {
		return fmt.Errorf("state: another server runs on %s: end it, or give this one a folder of its own", c.State)
	}
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	l.lock = lock
	name, err := c.ServerName()
	if err != nil {
		return err
	}
	file := filepath.Join(c.State, "server-id")
	id, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		id = []byte(rand.Text()[:8])
		err = durable.Write(file, id, 0o600)
	}
	l.holder = name + " " + strings.TrimSpace(string(id))
	return err
}

// storeFile is the SQLite file, in the folder of the state.
const storeFile = "hotswap.db"

// Backup writes a copy of the SQLite file in the folder of a state, while a server runs on it or
// none does. It refuses a path that is taken.
func Backup(ctx context.Context, state, path string) error {
	return sql.BackupFile(ctx, filepath.Join(state, storeFile), path)
}

// openStore opens the store.
func openStore(ctx context.Context, c *config.Config, o *Options, outbox bool) (*sql.Store, error) {
	how := sql.Options{Outbox: outbox, Keep: c.Server.KeepRollouts, Now: o.Now}
	dsn, err := c.DSN(o.Getenv)
	switch {
	case err != nil:
		return nil, err
	case dsn != "":
		return sql.OpenPostgres(ctx, dsn, how)
	default:
		return sql.OpenSQLite(ctx, filepath.Join(c.State, storeFile), how)
	}
}

// admit makes the gate, and a first token where there is no way in.
func (l *Launched) admit(ctx context.Context, c *config.Config) (err error) {
	if l.gate, err = access.New(c.AccessSettings(), l.store, l.options.Now); err != nil {
		return err
	}
	l.FirstToken, err = l.gate.Bootstrap(ctx, c.State)
	return err
}

// assemble puts what was opened together.
func (l *Launched) assemble(c *config.Config, sinks notify.Settings) error {
	o := &l.options
	kept := observe.Store(l.store, l.metrics, l.traces)
	l.server = server.New(server.Options{
		Store: kept, Worlds: &watchedWorlds{Worlds: l.worlds, by: l}, Holder: l.holder, Now: o.Now, Wait: o.Wait, Wall: walker.Wall, Jitter: jitter, Writer: rand.Text,
		Workers: c.Server.Workers, Log: o.Log, Watch: watcher{l.metrics, l.traces},
	})
	if len(sinks.Sinks) > 0 {
		var err error
		l.notifier, err = notify.New(sinks, kept, notify.Options{
			Now: o.Now, Source: cmp.Or(c.Server.ExternalURL, "urn:hotswap:"+url.PathEscape(l.holder)), Link: linkOf(c.Server.ExternalURL), UserAgent: "hotswap/" + o.Version,
			Log: o.Log, Watcher: l.metrics,
		})
		if err != nil {
			return err
		}
	}
	var page http.Handler
	if o.Page != nil {
		page = o.Page(l.gate.Login(nil), l.gate.LoginIssuers())
	}
	l.Handler = api.New(api.Options{
		Server: l.server, Gate: l.gate, Now: o.Now, Wait: o.Wait, Software: "hotswap " + o.Version, Log: o.Log, Page: page, Metrics: l.metrics.Handler(),
		Follow: func(operation string, next http.Handler) http.Handler {
			return l.traces.Request(operation, l.metrics.Request(operation, next))
		},
		Ready: l.ready,
	})
	return nil
}

// linkOf is the page of a rollout on a server that browsers find; nil: they do not.
func linkOf(external string) func(string) string {
	if external == "" {
		return nil
	}
	return func(rollout string) string { return external + "/#/rollouts/" + rollout }
}

// ready says why requests should not come.
func (l *Launched) ready(ctx context.Context) error {
	if l.options.Ending != nil && l.options.Ending() {
		return errors.New("the server ends")
	}
	return l.store.Ready(ctx)
}

// Walking is how many rollouts in flight the server has stepped since it runs.
func (l *Launched) Walking() int { return l.server.Walking() }

// surveyEvery is how often what the store has is counted.
const surveyEvery = 15 * time.Second

// Run walks rollouts and tells of them until ctx is done.
func (l *Launched) Run(ctx context.Context) error {
	var all sync.WaitGroup
	var failed error
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	all.Go(func() {
		defer cancel() // what cannot walk need not tell
		failed = l.server.Run(ctx)
	})
	if l.notifier != nil {
		all.Go(func() { _ = l.notifier.Run(ctx) }) // which is ctx's error
	}
	for _, e := range l.worlds.Environments() {
		all.Go(func() { l.greet(ctx, e) })
	}
	all.Go(func() {
		for ctx.Err() == nil {
			l.survey(ctx)
			_ = l.options.Wait(ctx, surveyEvery)
		}
	})
	all.Wait()
	return failed
}

// mostSurveyed is how many rollouts are counted that are unfinished.
const mostSurveyed = 100_000

// survey counts what the store has. Where it cannot, the figures stay as they were.
func (l *Launched) survey(ctx context.Context) {
	if open, err := l.store.Find(ctx, store.Query{InFlight: true, Limit: mostSurveyed}); err == nil {
		l.metrics.Survey(open)
	}
	if backlog, err := l.store.Pending(ctx); err == nil {
		l.metrics.Backlog(backlog)
	}
}

// Close closes all that was opened.
func (l *Launched) Close() error {
	var all error
	if l.gate != nil {
		l.gate.Close()
	}
	if l.traces != nil {
		ctx, cancel := walker.Within(context.Background(), 5*time.Second)
		defer cancel()
		all = l.traces.Close(ctx)
	}
	if l.worlds != nil {
		all = errors.Join(all, l.worlds.Close())
	}
	if l.store != nil {
		all = errors.Join(all, l.store.Close())
	}
	if l.lock != nil {
		all = errors.Join(all, l.lock.Close())
	}
	return all
}

// jitter shortens a wait by up to a half.
func jitter(d time.Duration) time.Duration {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(max(1, d/2))))
	if err != nil {
		return d
	}
	return d - time.Duration(n.Int64())
}
