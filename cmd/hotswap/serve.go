package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/simulated"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// serveFlags are the flags of serve.
type serveFlags struct {
	config   string
	only     bool // check, and serve nothing
	scenario string
	scale    int
	state    string
	listening
	log logFlags
}

func serveCommand(c *console) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve --scenario FILE | --config FILE",
		Short: "Serve rollouts, or a simulated fleet, over HTTP",
		Long: `With --config, serve rollouts: start them, walk all of them at once, hear what people
say to them, and answer the API, the page and a Prometheus. What was begun is gone on
with after the next start, however the last one ended. With --check nothing is served:
all that is wrong with the configuration, and with the files and variables that it names,
is said, or what it would serve. Nobody is asked, no fleet and no store: a server that
starts asks each fleet once, and logs a warning for one that does not answer.
docs/hotswap.schema.json has all that can be in it. The flags below are for --scenario.

With --scenario, serve the fleet of a scenario by the fleet API, for a client to roll out
to it as to a real one: the provider, hotswap conformance, or curl. The fleet lives in
real time, also while nobody asks. Of the scenario, the deployment says of which plugin
and environment it is; signals, crashes and what is expected play no part.

With --time-scale, a second is so many seconds of the fleet's life: it installs,
starts, fails and takes traffic as much faster, while all times and lengths of the API
are real ones. A policy of ten minutes is tried with ten seconds at a time scale of 60.

Beside it there is a sandbox, which GET /v1 names; its time scale is always 60. The
counters of all instances are at /metrics, for a Prometheus.

Without --state all is forgotten when the command ends. With it, what was answered
outlives the process, however it dies, and the next one on the same folder goes on;
meanwhile the fleet lives on. The first run writes a token to the folder, and later ones
take it.

Exit codes: 0 it was told to end, 2 the command line, a file or the folder is wrong, or
the address is taken.`,
		Example: `  hotswap serve --config hotswap.yaml --check
  hotswap serve --config hotswap.yaml
  hotswap serve --scenario examples/scenarios/guide-canary.yaml
  hotswap serve --scenario canary.yaml --time-scale 60 --state fleet --listen 127.0.0.1:8080`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case f.config != "" && f.only:
				return checkConfig(c, f.config)
			case f.config != "":
				return serveConfig(cmd.Context(), c, f.config)
			}
			return serve(cmd.Context(), c, &f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.scenario, "scenario", "", "scenario whose fleet is served")
	flags.IntVar(&f.scale, "time-scale", 1, fmt.Sprintf("seconds of the fleet's life for each second, 1 to %d", simulated.MostScale))
	flags.StringVar(&f.state, "state", "", "folder that the fleet is kept in (default: one that is removed at the end)")
	f.listening.add(cmd)
	f.log.add(cmd)
	flags.StringVar(&f.config, "config", "", "configuration of a server of rollouts, - for the standard input")
	flags.BoolVar(&f.only, "check", false, "say all that is wrong with the configuration, or what it would serve, and serve nothing; nobody is asked")
	cmd.MarkFlagsOneRequired("scenario", "config")
	cmd.MarkFlagsMutuallyExclusive("scenario", "config")
	return cmd
}

// serve serves until ctx is done.
func serve(ctx context.Context, c *console, f *serveFlags) (err error) {
	own, err := f.spec(c)
	if err == nil {
		err = f.check()
	}
	if err != nil {
		return err
	}
	dir, remove, err := f.folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	l, err := f.listen(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }() // which the server has done, if it came to that
	clock := new(walker.Time)
	state, err := simulated.Open(ctx, dir, clock.Now, walker.Pause, own, simulated.Sandbox())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	token, err := f.token(dir)
	if err != nil {
		return err
	}
	log := f.log.logger(c.err)
	if !f.local() && f.cert == "" {
		log.Warn("tokens and answers travel in the open: give --tls-cert-file and --tls-key-file", "listen", f.address)
	}
	_, _ = fmt.Fprintf(c.out, "serving %s in %s at %s, token in %s\n", own.Plugin, own.Environment, f.url(l), token)
	var ending atomic.Bool
	return f.run(ctx, l, handler(state, clock.Now, token, log, &ending), log, func() { ending.Store(true) })
}

// spec is the fleet of the scenario.
func (f *serveFlags) spec(c *console) (simulated.Spec, error) {
	read := scenario.ReadFleet
	if f.scenario == "-" {
		read = c.read
	}
	s, err := read(f.scenario)
	if err != nil {
		return simulated.Spec{}, err
	}
	if f.scale < 1 || f.scale > simulated.MostScale {
		return simulated.Spec{}, fmt.Errorf("--time-scale: %d is not in 1..%d", f.scale, simulated.MostScale)
	}
	return simulated.Spec{Environment: s.Deployment.Environment, Plugin: s.Deployment.PluginID, Config: s.Config(s.Seed), Scale: f.scale}, nil
}

// mostTargets is how many lines the list of targets of the largest simulated fleet has.
const mostTargets = 1_500_000

// handler answers for the fleets of a state.
func handler(state *simulated.State, now func() time.Time, token tokenFile, log *slog.Logger, ending *atomic.Bool) http.Handler {
	o := server.Options{
		Token: token.read, Now: now, Software: "hotswap " + version(), Log: log, Sandbox: simulated.SandboxOf(simulated.Sandbox()),
		Metrics: simulated.Metrics(log, state.Places...), Limits: contract.Limits{Targets: mostTargets},
		Ready: func() error {
			if ending.Load() {
				return errors.New("the server ends")
			}
			return nil
		},
	}
	worlds := make([]server.World, len(state.Places))
	for i, p := range state.Places {
		worlds[i] = p.World()
	}
	return server.New(o, worlds...)
}

// folder is where the state is kept, and how to remove it in the end.
func (f *serveFlags) folder() (dir string, remove func() error, err error) {
	if f.state != "" {
		dir, err = filepath.Abs(f.state)
		return dir, func() error { return nil }, err
	}
	dir, err = os.MkdirTemp("", "hotswap-serve-")
	return dir, func() error { return os.RemoveAll(dir) }, err
}

// Times that a connection is given.
const (
	headerTime = 10 * time.Second
	bodyTime   = 5 * time.Minute // a list of a million tenants over a slow line
	idleTime   = 2 * time.Minute
	graceTime  = 10 * time.Second // for what is under way when the server ends
)

// run serves until ctx is done, and then ends what is under way.
func (f *listening) run(ctx context.Context, l listener, h http.Handler, log *slog.Logger, ending func()) error {
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, WriteTimeout: bodyTime, IdleTimeout: idleTime, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn), TLSConfig: f.tls(),
	}
	ended := make(chan error, 1)
	go func() {
		if f.cert != "" {
			ended <- s.ServeTLS(l, f.cert, f.key)
			return
		}
		ended <- s.Serve(l)
	}()
	log.Info("serving", "address", l.Addr().String())
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	ending()
	log.Info("ending: what is under way is answered", "at most", graceTime)
	grace, cancel := walker.Grace(ctx, graceTime)
	defer cancel()
	return s.Shutdown(grace)
}
