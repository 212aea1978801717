package api

import (
	"maps"
	"net/http"

	"github.com/hotswap-io/terraform-provider-hotswap/docs"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// routes answer the paths of the API, and those beside it.
func (a *api) routes() http.Handler {
	mux := http.NewServeMux()
	for at, do := range a.open() {
		mux.Handle(at, a.unasked(do))
	}
	for at, p := range a.paths() {
		mux.Handle(at, a.answer(p))
	}
	mux.Handle("/v1/", a.answer(nil))
	if a.Page != nil {
		mux.Handle("/", a.Page)
	} else {
		mux.Handle("/", a.answer(nil))
	}
	return mux
}

// open are the paths that anybody may ask for.
func (a *api) open() map[string]func(*call) error {
	return map[string]func(*call) error{
		"/healthz": func(x *call) error { return x.Taken(http.StatusOK) },
		"/readyz":  a.ready,
	}
}

// paths are those of the API, each with its methods: what docs/server-api.yaml has, and no more.
func (a *api) paths() map[string]path {
	all := map[string]path{
		"/v1": get("getService", "", a.getService),
		"/v1/openapi.yaml": get("getAPI", "", func(x *call) error {
			x.Send(http.StatusOK, "application/yaml", docs.ServerAPI)
			return nil
		}),
		"/v1/self":         get("getSelf", "", a.getSelf),
		"/v1/environments": get("listEnvironments", access.Read, a.listEnvironments),
		"/v1/audit":        get("listAudits", access.Admin, a.listAudits),
		"/v1/tokens": {
			http.MethodGet:  {name: "listTokens", role: access.Admin, do: a.listTokens},
			http.MethodPost: {name: "addToken", role: access.Admin, do: a.addToken, acts: "token.add"},
		},
		"/v1/tokens/{token}": {http.MethodDelete: {name: "removeToken", role: access.Admin, do: a.removeToken, acts: "token.remove"}},
	}
	if a.Metrics != nil {
		all["/metrics"] = get("metrics", access.Read, func(x *call) error {
			a.Metrics.ServeHTTP(x.To, x.Request)
			return nil
		})
	}
	maps.Copy(all, a.rolloutPaths())
	maps.Copy(all, a.fleetPaths())
	return all
}

// get is a path that is only read.
func get(name string, role access.Role, do func(*call) error) path {
	return path{http.MethodGet: {name: name, role: role, do: do}}
}

// rolloutPaths are the paths of rollouts, wherever they are. Which environment a rollout is in
// is only known when it was read: the role is asked for then.
func (a *api) rolloutPaths() map[string]path {
	const rollout = "/v1/rollouts/{rollout}"
	return map[string]path{
		"/v1/rollouts":         {http.MethodGet: {name: "findRollouts", role: access.Read, do: a.findRollouts, waits: true}},
		"/v1/rollouts/changes": {http.MethodGet: {name: "streamChanges", role: access.Read, do: a.streamChanges, waits: true}},
		rollout:                get("showRollout", access.Read, a.showRollout),
		rollout + "/events":    {http.MethodGet: {name: "waitForEvents", role: access.Read, do: a.waitForEvents, waits: true}},
		rollout + "/targets":   get("listTargets", access.Read, a.listTargets),
		rollout + "/owner":     {http.MethodPut: {name: "ownRollout", role: access.Operate, do: a.ownRollout, acts: "own"}},
		rollout + "/signals":   {http.MethodPost: {name: "signal", role: access.Operate, do: a.signal, acts: "signal"}},
	}
}

// fleetPaths are the paths below a world: those of the fleet's contract that only read, and
// plans and starts.
func (a *api) fleetPaths() map[string]path {
	const plugin = "/v1/environments/{environment}/plugins/{plugin}"
	read := func(x *call) error {
		a.reading.ServeHTTP(x.To, x.Request)
		return nil
	}
	return map[string]path{
		plugin:                get("getFleet", access.Read, read),
		plugin + "/instances": get("listInstances", access.Read, read),
		plugin + "/tenants":   get("listTenants", access.Read, read),
		plugin + "/targets/{digest}": {
			http.MethodGet: {name: "getTargets", role: access.Read, do: read},
			http.MethodPut: {name: "putTargets", role: access.Read, do: read},
		},
		plugin + "/measurements": {http.MethodPost: {name: "measure", role: access.Read, do: read}},
		plugin + "/plan":         {http.MethodPost: {name: "planRollout", role: access.Read, do: a.planRollout}},
		plugin + "/rollouts": {
			http.MethodGet:  {name: "listRollouts", role: access.Read, do: read},
			http.MethodPost: {name: "startRollout", role: access.Operate, do: a.startRollout, acts: "start"},
		},
		plugin + "/rollouts/{rollout}":           get("getRollout", access.Read, read),
		plugin + "/rollouts/{rollout}/events":    get("listEvents", access.Read, read),
		plugin + "/rollouts/{rollout}/condition": {http.MethodPost: {name: "getCondition", role: access.Read, do: read}},
	}
}

// unasked answers a path that anybody may ask for.
func (a *api) unasked(do func(*call) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &call{Exchange: &exchange.Exchange{Request: r, To: w, Clock: a.Now}}
		run, err := exchange.Method(r, map[string]func(*call) error{http.MethodGet: do})
		if err == nil {
			err = run(x)
		}
		if err != nil {
			x.Fail(err)
		}
	})
}

// ready says whether requests should come.
func (a *api) ready(x *call) error {
	if a.Ready != nil {
		if err := a.Ready(x.Context()); err != nil {
			return exchange.Refuse(fleetcontract.Unavailable, "%v", err)
		}
	}
	return x.Taken(http.StatusOK)
}

// getService says what the API is like.
func (a *api) getService(x *call) error {
	return x.Answer(http.StatusOK, contract.Service{
		At: x.At(), API: contract.Version, Contract: fleetcontract.Version, Software: a.Software, Name: a.Server.Holder, Encodings: []string{"gzip"},
	})
}

// getSelf says who asks.
func (a *api) getSelf(x *call) error {
	return x.Answer(http.StatusOK, contract.Actor{
		At: x.At(), Name: x.actor.Name, Grants: grantsOf(x.actor.Grants), Anonymous: x.actor.Means == access.ByNothing,
	})
}

func grantsOf(grants []access.Grant) []contract.Grant {
	told := []contract.Grant{}
	for _, g := range grants {
		one := contract.Grant{Role: string(g.Role)}
		for _, e := range g.Environments {
			one.Environments = append(one.Environments, string(e))
		}
		told = append(told, one)
	}
	return told
}

// listEnvironments lists those that whoever asks may look at.
func (a *api) listEnvironments(x *call) error {
	answer := contract.Environments{At: x.At(), Items: []contract.Environment{}}
	for _, e := range a.Server.Worlds.Environments() {
		one := contract.Environment{Name: string(e.Name), Kind: string(e.Kind), Plugins: append([]string{}, e.Plugins...), Fleet: e.Fleet}
		for _, role := range []access.Role{access.Read, access.Operate, access.Admin} {
			if x.actor.May(role, e.Name) {
				one.Roles = append(one.Roles, string(role))
			}
		}
		if one.Roles != nil {
			answer.Items = append(answer.Items, one)
		}
	}
	return x.Answer(http.StatusOK, answer)
}
