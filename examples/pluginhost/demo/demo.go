package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/catalogue"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/load"
	plugins "github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/predict"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/stack"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// The clients: how unlike the traffic of tenants is, the seed of it, and how many requests may be
// out at once.
const (
	spread  = 0.5
	seed    = 1
	mostOut = 2000
)

// demo is all of it while it runs.
type demo struct {
	o        *Options
	stack    *stack.Stack
	board    *board
	versions []catalogue.Version
	begun    time.Time
	life     context.Context //nolint:containedctx // of what is played: predictions outlive the requests that ask for them

	onRollouts int64 // requests that failed on versions of the story while they were rolled out

	mu     sync.Mutex
	faults []wire.Fault // that somebody gave from the page
}

// Run plays the demonstration until ctx is done, or, as a script, to its end: the error says
// what did not go as told. Whatever was started is stopped before it returns.
func Run(ctx context.Context, o Options) (err error) {
	if err := o.Check(); err != nil {
		return err
	}
	versions, err := catalogue.Read(o.Catalogue, plugin)
	if err != nil {
		return err
	}
	unlock, err := claim(&o)
	if err != nil {
		return err
	}
	defer unlock()
	page, err := listen(o.Port)
	if err != nil {
		return err
	}
	defer func() { _ = page.Close() }()
	s, err := stack.New(stack.Options{
		Host: o.Host, Hotswap: o.Hotswap, Prometheus: o.Prometheus, Catalogue: o.Catalogue, State: o.State,
		Environment: environment, Plugin: plugin, Version: installed, Instances: o.Instances, Tenants: o.Tenants,
	})
	if err != nil {
		return err
	}
	d := &demo{o: &o, stack: s, versions: versions, begun: time.Now()}
	defer func() {
		d.tell("stopping everything that was started")
		err = errors.Join(err, s.Stop())
		if !o.Keep {
			err = errors.Join(err, os.RemoveAll(o.State))
		}
	}()
	d.tell("the plugin is %s; its versions are %s", plugin, strings.Join(d.names(), ", "))
	err = d.start(ctx)
	if err == nil {
		err = d.play(ctx, page)
	}
	if ctx.Err() != nil && !o.Script {
		return nil // somebody has seen enough
	}
	return err
}

// start starts the host, who counts, and the server.
func (d *demo) start(ctx context.Context) error {
	if err := d.stack.StartHost(ctx); err != nil {
		return err
	}
	d.tell("%d instances of version %s run, as processes of their own, behind a router at %s", d.o.Instances, installed, d.stack.RouterAt)
	if d.stack.Prometheus != nil {
		d.tell("a Prometheus scrapes them every second, at http://%s", d.stack.PrometheusAt)
	} else {
		d.tell("there is no prometheus on this machine: the manager counts the requests itself")
	}
	if err := d.stack.StartServer(ctx); err != nil {
		return err
	}
	d.tell("a rollout server walks rollouts, at http://%s", d.stack.ServerAt)
	return nil
}

// play has clients send requests, shows the page, and tells the story or waits.
func (d *demo) play(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	d.life, d.board = ctx, newBoard(load.Names(d.o.Tenants))
	page, err := d.serve(l)
	if err != nil {
		return err
	}
	all.Go(func() {
		<-ctx.Done()
		_ = page.Close()
	})
	sending := make(chan error, 1)
	all.Go(func() {
		o := load.Options{To: "http://" + d.stack.RouterAt + "/pay", Tenants: d.o.Tenants, Spread: spread, Rate: d.o.Rate, Most: mostOut, Timeout: 10 * time.Second, Seed: seed}
		sending <- load.Run(ctx, o, func(out load.Outcome) { d.board.add(&out) })
	})
	all.Go(func() { d.follow(ctx) })
	d.tell("%d tenants send %g requests per second, whatever becomes of them", d.o.Tenants, d.o.Rate)
	if d.o.Script {
		return d.story(ctx)
	}
	d.tell("the page is at %s", page.address)
	select {
	case err := <-sending:
		if ctx.Err() == nil {
			return fmt.Errorf("the clients stopped: %w", err)
		}
	case <-ctx.Done():
	}
	return nil
}

// tell says something, and when.
func (d *demo) tell(format string, args ...any) {
	_, _ = fmt.Fprintf(d.o.Out, "%6.1f s  %s\n", time.Since(d.begun).Seconds(), fmt.Sprintf(format, args...))
}

// fault has a version misbehave. A fault of a version, or of a version and a tenant, takes the
// place of the one before; one that does nothing takes it away.
func (d *demo) fault(ctx context.Context, f wire.Fault) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []wire.Fault
	for _, have := range d.faults {
		if have.Version != f.Version || have.Tenant != f.Tenant {
			all = append(all, have)
		}
	}
	if f != (wire.Fault{Version: f.Version, Tenant: f.Tenant}) {
		all = append(all, f)
	}
	if err := d.stack.SetFaults(ctx, all); err != nil {
		return err
	}
	d.faults = all
	return nil
}

// serving is the version that serves before a rollout.
func (d *demo) serving(ctx context.Context) (string, error) {
	head, err := d.stack.Client.Fleets.World(environment, plugin).Describe(ctx)
	if err != nil {
		return "", err
	}
	most := engine.VersionCount{}
	for _, v := range head.Versions {
		if v.Instances > most.Instances {
			most = v
		}
	}
	return most.Version, nil
}

// predict asks the simulator what a rollout will come to.
func (d *demo) predict(ctx context.Context, rollout string, spec engine.Spec, serves string) {
	set := predict.Setting{
		Name: rollout, Instances: d.o.Instances, Spare: d.o.Instances, Tenants: d.o.Tenants, Rate: d.o.Rate,
		Installed: serves, Versions: map[string]predict.Version{serves: d.behaves(serves), spec.Version: d.behaves(spec.Version)}, Deployment: spec,
	}
	for _, w := range load.Weights(d.o.Tenants, spread, seed) {
		set.Weights = append(set.Weights, w*float64(d.o.Tenants))
	}
	set.Discovery = d.stack.Discovery()
	set.OneTenant, set.OneTenantRate = d.alone(spec.Version)
	d.board.expect(rollout, d.foretell(ctx, set, d.stack.Paces))
}

// How often a server that is away is asked again for its pace.
const (
	askAgain = time.Second
	askMost  = 2 * time.Minute // after which there is no prediction: what it was for is over
)

// foretell plays a setting, with the paces of this machine. Whoever tells those may be away, as
// the server is that was killed while a rollout began: it is asked again, and the page says so.
func (d *demo) foretell(ctx context.Context, set predict.Setting, paces func(context.Context) (predict.Paces, error)) expectation {
	limit, cancel := context.WithTimeout(ctx, askMost)
	defer cancel()
	none := func(err error) expectation {
		if ctx.Err() == nil {
			d.tell("no prediction of %s: %v", set.Name, err)
		}
		return expectation{Unexpected: err.Error(), final: true}
	}
	for {
		var err error
		if set.Paces, err = paces(limit); err == nil {
			break
		}
		if limit.Err() != nil {
			return none(err)
		}
		d.board.expect(set.Name, expectation{Unexpected: err.Error() + "; it is asked again"})
		if wait(limit, askAgain) != nil {
			return none(err)
		}
	}
	const runs = 200
	p, err := set.Play(ctx, runs, 1)
	if err != nil {
		return none(err)
	}
	return expectation{Expected: p, final: true}
}

// behaves is how a version does: as it is, or as somebody made it.
func (d *demo) behaves(version string) predict.Version {
	b := d.behaviours(version).All
	return predict.Version{ErrorRate: b.ErrorRate, P50: b.LatencyMS + 1, P99: 3*b.LatencyMS + 10}
}

// alone is the tenant that a version fails alone, and how often.
func (d *demo) alone(version string) (tenant string, rate float64) {
	for id, b := range d.behaviours(version).Tenants {
		tenant, rate = id, b.ErrorRate
	}
	return tenant, rate
}

func (d *demo) behaviours(version string) plugins.Behaviours {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.versions {
		if v := &d.versions[i]; v.Version == version {
			return v.Behaviours(d.faults)
		}
	}
	return plugins.Behaviours{}
}

// names are the versions that can be rolled out.
func (d *demo) names() []string {
	var names []string
	for i := range d.versions {
		names = append(names, d.versions[i].Version)
	}
	return names
}
