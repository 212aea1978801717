package server

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// World is one plugin in one environment, and whoever answers for it.
type World struct {
	Environment engine.Environment
	Plugin      string
	Fleet       engine.Fleet
	Meter       engine.Meter // nil: measurements are answered with 501
	// Ledger keeps rollouts, as the texts that they are; Journals do so where there is none,
	// by what they say, and take those of this program alone. Both nil: rollouts are answered
	// with 501.
	Ledger   *Ledger
	Journals engine.Journals
	// Keeper keeps what belongs to the journals and is not in them, and the newest order;
	// nil: in memory.
	Keeper Keeper
	// Now is the fleet's clock, which every answer tells. It is not called within Do.
	Now func() time.Time
	// Do calls what is given to it, one call at a time: that of a fleet and a meter that
	// are not safe for concurrent use. nil: they are.
	Do func(func())
}

// Options are what all worlds of a handler share.
type Options struct {
	// Token tells the token that requests have to bear, each time anew; "" is no token:
	// nobody has it. nil: nobody is asked for one, because something in front of the
	// handler asks.
	Token func() (string, error)
	// Now is the clock of answers that are of no world, and of what is kept for a while.
	Now      func() time.Time
	Sandbox  *contract.Sandbox // nil: there is none
	Limits   contract.Limits   // see contract.Limits.Or
	Software string            // name and version, for people
	Log      *slog.Logger      // nil: nothing is logged
	// Ready says why requests should not come yet, or any more; nil: they always may.
	Ready func() error
	// Metrics answers GET /metrics; nil: there is no such path.
	Metrics http.Handler
	// AtOnce is how many requests may be under way, the others are busy; 0: 128.
	AtOnce int
}

// usualAtOnce is how many requests are answered at once: above what one client asks for
// by far, and below what a machine cannot do.
const usualAtOnce = 128

// server is what handlers have in common.
type server struct {
	Options
	world func(ctx context.Context, a address) (*world, error) // nil: there is none
	shelf *shelf
	slots chan struct{} // one for each request that is under way
}

// address is where a world is found.
type address struct{ environment, plugin string }

// New is a handler for worlds, each of another environment or plugin.
func New(o Options, worlds ...World) http.Handler {
	s := newServer(o)
	there := map[address]*world{}
	for _, w := range worlds {
		there[address{string(w.Environment), w.Plugin}] = newWorld(w, s.Options)
	}
	s.world = func(_ context.Context, a address) (*world, error) { return there[a], nil }
	return exchange.Identified(s.Now, s.Log, compressed(s.guarded(s.routes())))
}

// Reading is a handler for all of the contract that only reads, and for lists of targets, which
// reading refers to. find is asked for a world when a request comes for it; its errors are
// answered as problems. Whatever stands in front of the handler says who may come, and logs.
func Reading(o Options, find func(ctx context.Context, environment, plugin string) (*World, error)) http.Handler {
	s := newServer(o)
	s.world = (&found{find: find, options: s.Options, known: map[address]*world{}}).world
	mux := http.NewServeMux()
	path := func(path string, m methods) { mux.Handle(path, s.serve(m)) }
	s.reading(path)
	path(rollout, methods{http.MethodGet: s.in((*world).getRollout)})
	path(rollout+"/events", methods{http.MethodGet: s.in((*world).listEvents)})
	return mux
}

func newServer(o Options) *server {
	o.Limits = o.Limits.Or()
	if o.AtOnce <= 0 {
		o.AtOnce = usualAtOnce
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &server{Options: o, shelf: newShelf(o.Now), slots: make(chan struct{}, o.AtOnce)}
}

// compressed compresses what is worth it.
func compressed(next http.Handler) http.Handler {
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(1 << 10))
	if err != nil {
		panic("server: " + err.Error()) // of the option above, which is the same each time
	}
	return compress(next)
}

// find is the world of the path.
func (s *server) find(x *call) (*world, error) {
	a := address{x.PathValue("environment"), x.PathValue("plugin")}
	w, err := s.world(x.Context(), a)
	if err == nil && w == nil {
		err = exchange.Refuse(contract.UnknownPlugin, "there is no plugin %q in an environment %q here", a.plugin, a.environment)
	}
	return w, err
}

// routes are the paths of the contract, each with its methods.
func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	open := func(path string, m methods) { mux.Handle(path, s.serve(m)) }
	asked := func(path string, m methods) { mux.Handle(path, s.authenticated(s.serve(m))) }
	open("/healthz", methods{http.MethodGet: s.health})
	open("/readyz", methods{http.MethodGet: s.readiness})
	asked("/v1", methods{http.MethodGet: s.getService})
	asked("/v1/openapi.yaml", methods{http.MethodGet: s.getContract})
	s.reading(asked)
	asked(rollout, methods{http.MethodPut: s.in((*world).beginRollout), http.MethodGet: s.in((*world).getRollout)})
	asked(rollout+"/events", methods{http.MethodGet: s.in((*world).listEvents), http.MethodPost: s.in((*world).appendEvent)})
	asked(rollout+"/owner", methods{http.MethodPut: s.in((*world).putOwner)})
	asked(rollout+"/lease", methods{http.MethodPut: s.in((*world).putLease), http.MethodDelete: s.in((*world).deleteLease)})
	asked(rollout+"/orders/{seq}", methods{http.MethodPut: s.in((*world).putOrder)})
	if s.Metrics != nil {
		asked("/metrics", methods{http.MethodGet: func(x *call) error {
			s.Metrics.ServeHTTP(x.To, x.Request)
			return nil
		}})
	}
	asked("/", nil)
	return mux
}

// The paths below a world, and below one of its rollouts.
const (
	plugin  = "/v1/environments/{environment}/plugins/{plugin}"
	rollout = plugin + "/rollouts/{rollout}"
)

// reading are the paths that change nothing.
func (s *server) reading(path func(string, methods)) {
	path(plugin, methods{http.MethodGet: s.in((*world).getFleet)})
	path(plugin+"/instances", methods{http.MethodGet: s.in((*world).listInstances)})
	path(plugin+"/tenants", methods{http.MethodGet: s.in((*world).listTenants)})
	path(plugin+"/targets/{digest}", methods{http.MethodPut: s.in((*world).putTargets), http.MethodGet: s.in((*world).getTargets)})
	path(plugin+"/measurements", methods{http.MethodPost: s.in((*world).measure)})
	path(plugin+"/rollouts", methods{http.MethodGet: s.in((*world).listRollouts)})
	path(rollout+"/condition", methods{http.MethodPost: s.in((*world).getCondition)})
}
