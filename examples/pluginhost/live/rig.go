package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/catalogue"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/load"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/measure"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/predict"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/stack"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// The clients: how unlike the traffic of tenants is, what all of it follows from, how many
// requests may be out at once, and how long one may take.
const (
	spread  = 0.5
	seed    = 1
	mostOut = 3000
	patient = 10 * time.Second
)

// Options say what is put on the machine. They are those of the stack, and the load.
type Options struct {
	stack.Options
	Rate float64 // requests per second, of all tenants
}

// Rig is a host with clients that send requests, whatever becomes of them.
type Rig struct {
	Stack *stack.Stack
	Tally *measure.Tally
	o     Options

	versions []catalogue.Version
	replaced map[engine.Strategy][]predict.Replaced // how long instances took that were replaced together, each time
	faults   []wire.Fault
	stop     context.CancelFunc
	clients  sync.WaitGroup
	broken   error // why the clients stopped; read it after clients
	mu       sync.Mutex
	notSent  int64
	lost     map[string]int // requests that no version answered, by why
}

// Start starts everything, and has clients send requests. It is over when the host is ready.
// What was started is stopped again where that fails.
func Start(ctx context.Context, o Options) (r *Rig, err error) {
	o.Environment, o.Plugin, o.Version = string(Environment), Plugin, Installed
	r = &Rig{o: o, Tally: &measure.Tally{}, lost: map[string]int{}}
	if r.versions, err = catalogue.Read(o.Catalogue, Plugin); err != nil {
		return nil, err
	}
	if r.Stack, err = stack.New(o.Options); err != nil {
		return nil, err
	}
	if err = errors.Join(r.Stack.StartHost(ctx), r.Stack.StartServer(ctx), r.ready(ctx)); err != nil {
		return nil, errors.Join(err, r.Stack.Stop())
	}
	sending, stop := context.WithCancel(context.Background())
	r.stop = stop
	r.clients.Go(func() {
		to := load.Options{To: "http://" + r.Stack.RouterAt + "/pay", Tenants: o.Tenants, Spread: spread, Rate: o.Rate, Most: mostOut, Timeout: patient, Seed: seed}
		r.broken = load.Run(sending, to, r.add)
	})
	return r, nil
}

// ready waits until all instances are, as the manager says.
func (r *Rig) ready(ctx context.Context) error {
	w, done, err := r.fleet()
	if err != nil {
		return err
	}
	defer done()
	return until(ctx, time.Minute, func() (bool, error) {
		head, err := w.Describe(ctx)
		n := 0
		for _, v := range head.Versions {
			n += v.Ready
		}
		return err == nil && n == r.o.Instances, nil
	})
}

func (r *Rig) add(o load.Outcome) {
	if o.NotSent() {
		r.mu.Lock()
		r.notSent++
		r.mu.Unlock()
		return
	}
	if o.Failed() && o.Version == "" {
		r.mu.Lock()
		r.lost[why(&o)]++
		r.mu.Unlock()
	}
	r.Tally.Add(o.Tenant, o.Version, o.Failed())
}

// why is why a request was lost: the host's own word, or what the connection came to.
func why(o *load.Outcome) string {
	var at *net.OpError
	switch {
	case o.Reason != "":
		return o.Reason
	case errors.As(o.Err, &at):
		return at.Op + ": " + at.Err.Error()
	case o.Err != nil:
		return o.Err.Error()
	}
	return fmt.Sprintf("status %d", o.Status)
}

// Lost are the requests that no version answered since it was asked last, by why.
func (r *Rig) Lost() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	lost := r.lost
	r.lost = map[string]int{}
	return lost
}

// NotSent is how many requests were not sent because too many were out.
func (r *Rig) NotSent() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.notSent
}

// Close ends the clients and everything else.
func (r *Rig) Close() error {
	r.stop()
	r.clients.Wait()
	return errors.Join(r.broken, r.Stack.Stop())
}

// Settle waits until clients are served by all that runs, and then for a time: that is all
// that rollouts know of the time before them.
func (r *Rig) Settle(ctx context.Context, usual time.Duration) error {
	before, from := r.Tally.Counts(), time.Now()
	err := until(ctx, time.Minute, func() (bool, error) {
		return r.Tally.Counts().Since(before).Sent >= int64(r.o.Rate), nil
	})
	if err != nil {
		return fmt.Errorf("in %.0f s clients were answered %d times: %w", time.Since(from).Seconds(), r.Tally.Counts().Since(before).Sent, err)
	}
	return wait(ctx, usual)
}

// SetFaults has versions misbehave: these are all that do.
func (r *Rig) SetFaults(ctx context.Context, faults ...wire.Fault) error {
	r.faults = faults
	return r.Stack.SetFaults(ctx, faults)
}

// Head is how the fleet stands.
func (r *Rig) Head(ctx context.Context) (engine.Head, error) {
	return r.Stack.Client.Fleets.World(Environment, Plugin).Describe(ctx)
}

// Serving is the version that most instances serve.
func (r *Rig) Serving(ctx context.Context) (string, error) {
	head, err := r.Head(ctx)
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

// until asks again and again until something is so; an error ends that, too.
func until(ctx context.Context, most time.Duration, is func() (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, most, fmt.Errorf("it is not so after %s", most))
	defer cancel()
	for {
		if so, err := is(); so || err != nil {
			return err
		}
		if err := wait(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
