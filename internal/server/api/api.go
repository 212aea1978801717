package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	fleetserver "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// Gate says who comes. *access.Gate is one.
type Gate interface {
	// Authenticate is who a request comes from. The error says why nobody.
	Authenticate(r *http.Request) (*access.Actor, error)
}

// Options are what a handler is made of.
type Options struct {
	Server *server.Server
	Gate   Gate
	Now    func() time.Time // of this machine
	// Wait waits on this machine.
	Wait     func(context.Context, time.Duration) error
	Software string // name and version, for people
	Log      *slog.Logger
	// Page answers what is no API: the page, and who logs in to it; nil: there is none.
	Page http.Handler
	// Metrics answers GET /metrics; nil: there is no such path.
	Metrics http.Handler
	// Follow is called around each request of an operation; nil: it is not.
	Follow func(operation string, next http.Handler) http.Handler
	// Ready says why requests should not come now.
	Ready func(context.Context) error
	// AtOnce is how many requests may be under way, the others are busy; 0: 256. Those that
	// wait for something to happen are counted apart: ten times as many.
	AtOnce int
}

// api answers.
type api struct {
	Options
	reading http.Handler
	slots   chan struct{}
	waiting chan struct{}
}

const usualAtOnce = 256

// New is a handler of all of the API, and of the page beside it.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.AtOnce <= 0 {
		o.AtOnce = usualAtOnce
	}
	a := &api{Options: o, slots: make(chan struct{}, o.AtOnce), waiting: make(chan struct{}, 10*o.AtOnce)}
	a.reading = fleetserver.Reading(fleetserver.Options{Now: o.Now, Log: o.Log, Software: o.Software}, a.world)
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(1<<10), gzhttp.ExceptContentTypes([]string{eventStream}))
	if err != nil {
		panic("api: " + err.Error()) // of the options above, which are the same each time
	}
	routes, crooked := a.routes(), a.answer(nil)
	straight := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if exchange.Straight(r.URL.Path) {
			routes.ServeHTTP(w, r)
		} else {
			crooked.ServeHTTP(w, r)
		}
	})
	protected := http.NewCrossOriginProtection()
	protected.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange.Exchange{Request: r, To: w, Clock: o.Now}
		x.Fail(exchange.Refuse(fleetcontract.Forbidden, "the request comes from a page of another origin"))
	}))
	return exchange.Identified(o.Now, o.Log, compress(exchange.Recovering(o.Now, o.Log, protected.Handler(straight))))
}

// call is a request, who makes it, and its answer.
type call struct {
	*exchange.Exchange
	actor *access.Actor
	line  *store.Audit // what the audit log will have of it; nil: nothing, or it is written
}

// path is what a path does by method, each with the role that it takes.
type path map[string]operation

// operation is what one method of a path does.
type operation struct {
	name string
	role access.Role
	do   func(*call) error
	// waits says that it may take as long as nothing happens.
	waits bool
	// acts is what the audit log calls it, also where it is refused; "": it changes nothing.
	acts string
}

// answer answers a path. Who may is asked before anything else, and before it is said what
// there is: what nobody may see is not there.
func (a *api) answer(p path) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &call{Exchange: &exchange.Exchange{Request: r, To: w, Clock: a.Now}}
		if err := a.do(x, p); err != nil {
			a.fail(x, err)
		}
	})
}

// fail answers with what went wrong. What names files and hosts is for the log alone.
func (a *api) fail(x *call, err error) {
	var gate *access.UnavailableError
	var kept *store.UnavailableError
	if errors.As(err, &gate) {
		a.Log.Error("who comes cannot be found out", "error", gate.Err, "request_id", exchange.RequestID(x.Request))
	} else if errors.As(err, &kept) {
		a.Log.Error("the store can be neither read nor written", "error", kept.Err, "request_id", exchange.RequestID(x.Request))
	}
	x.Fail(titled(err))
}

func (a *api) do(x *call, p path) error {
	actor, err := a.Gate.Authenticate(x.Request)
	if err != nil {
		return err
	}
	x.actor = actor
	op, err := exchange.Method(x.Request, p)
	if err != nil {
		return err
	}
	slots := a.slots
	if op.waits {
		slots = a.waiting
	}
	select {
	case slots <- struct{}{}:
	default:
		return exchange.Refuse(fleetcontract.Busy, "%d requests are under way, and more are not taken", cap(slots))
	}
	defer func() { <-slots }()
	return a.followed(x, op)
}

// followed does an operation around which somebody looks.
func (a *api) followed(x *call, op operation) error {
	if a.Follow == nil {
		return a.allowed(x, op)
	}
	a.Follow(op.name, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x.To, x.Request = w, r
		if err := a.allowed(x, op); err != nil {
			a.fail(x, err)
		}
	})).ServeHTTP(x.To, x.Request)
	return nil
}

// allowed does what is asked where the actor may, in the environment of the path.
func (a *api) allowed(x *call, op operation) error {
	if op.acts != "" {
		x.begin(op.acts)
	}
	err := x.may(op.role, x.PathValue("environment"))
	if err == nil {
		err = op.do(x)
	}
	if err != nil {
		a.acted(x, err)
	}
	return err
}

// may says why the actor may not.
func (x *call) may(role access.Role, environment string) error {
	if role == "" || x.actor.May(role, engineEnvironment(environment)) {
		return nil
	}
	where := ""
	if environment != "" {
		where = " in " + environment
	}
	return exchange.Refuse(fleetcontract.Forbidden, "%s does not have the role %s%s", x.actor.Name, role, where)
}

// world is a world to read.
func (a *api) world(ctx context.Context, environment, plugin string) (*fleetserver.World, error) {
	w, err := a.Server.Worlds.World(engineEnvironment(environment), plugin)
	if err != nil {
		return nil, failed(err)
	}
	return &fleetserver.World{
		Environment: engineEnvironment(environment), Plugin: plugin, Fleet: completed{w}, Meter: completed{w}, Journals: a.Server.Journals(w), Now: w.Now,
	}, ctx.Err()
}
