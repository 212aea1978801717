package api

import (
	"net/http"

	"github.com/hotswap-io/terraform-provider-hotswap/docs"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// routes are the paths of the API, each with its methods.
func (a *api) routes() http.Handler {
	mux := http.NewServeMux()
	on := func(at string, p path) { mux.Handle(at, a.answer(p)) }
	open := func(at string, do func(*call) error) { mux.Handle(at, a.unasked(do)) }
	open("/healthz", func(x *call) error { return x.Taken(http.StatusOK) })
	open("/readyz", a.ready)
	get := func(name string, role access.Role, do func(*call) error) path {
		return path{http.MethodGet: {name: name, role: role, do: do}}
	}
	on("/v1", get("getService", "", a.getService))
	on("/v1/openapi.yaml", get("getAPI", "", func(x *call) error {
		x.Send(http.StatusOK, "application/yaml", docs.ServerAPI)
		return nil
	}))
	on("/v1/self", get("getSelf", "", a.getSelf))
	on("/v1/environments", get("listEnvironments", access.Read, a.listEnvironments))
	on("/v1/audit", get("listAudits", access.Admin, a.listAudits))
	on("/v1/tokens", path{
		http.MethodGet:  {name: "listTokens", role: access.Admin, do: a.listTokens},
		http.MethodPost: {name: "addToken", role: access.Admin, do: a.addToken},
	})
	on("/v1/tokens/{token}", path{http.MethodDelete: {name: "removeToken", role: access.Admin, do: a.removeToken}})
	a.rolloutRoutes(on, get)
	a.fleetRoutes(on, get)
	if a.Metrics != nil {
		on("/metrics", get("metrics", access.Read, func(x *call) error {
			a.Metrics.ServeHTTP(x.To, x.Request)
			return nil
		}))
	}
	on("/v1/", nil)
	if a.Page != nil {
		mux.Handle("/", a.Page)
	} else {
		on("/", nil)
	}
	return mux
}

// rolloutRoutes are the paths of rollouts, wherever they are. Which environment a rollout is in
// is only known when it was read: the role is asked for then.
func (a *api) rolloutRoutes(on func(string, path), get func(string, access.Role, func(*call) error) path) {
	on("/v1/rollouts", path{http.MethodGet: {name: "findRollouts", role: access.Read, do: a.findRollouts, waits: true}})
	on("/v1/rollouts/changes", path{http.MethodGet: {name: "streamChanges", role: access.Read, do: a.streamChanges, waits: true}})
	const rollout = "/v1/rollouts/{rollout}"
	on(rollout, get("showRollout", access.Read, a.showRollout))
	on(rollout+"/events", path{http.MethodGet: {name: "waitForEvents", role: access.Read, do: a.waitForEvents, waits: true}})
	on(rollout+"/targets", get("listTargets", access.Read, a.listTargets))
	on(rollout+"/owner", path{http.MethodPut: {name: "ownRollout", role: access.Operate, do: a.ownRollout}})
	on(rollout+"/signals", path{http.MethodPost: {name: "signal", role: access.Operate, do: a.signal}})
}

// fleetRoutes are the paths below a world: those of the fleet's contract that only read, and
// plans and starts.
func (a *api) fleetRoutes(on func(string, path), get func(string, access.Role, func(*call) error) path) {
	const plugin = "/v1/environments/{environment}/plugins/{plugin}"
	read := func(x *call) error {
		a.reading.ServeHTTP(x.To, x.Request)
		return nil
	}
	on(plugin, get("getFleet", access.Read, read))
	on(plugin+"/instances", get("listInstances", access.Read, read))
	on(plugin+"/tenants", get("listTenants", access.Read, read))
	on(plugin+"/targets/{digest}", path{
		http.MethodGet: {name: "getTargets", role: access.Read, do: read},
		http.MethodPut: {name: "putTargets", role: access.Read, do: read},
	})
	on(plugin+"/measurements", path{http.MethodPost: {name: "measure", role: access.Read, do: read}})
	on(plugin+"/plan", path{http.MethodPost: {name: "planRollout", role: access.Read, do: a.planRollout}})
	on(plugin+"/rollouts", path{
		http.MethodGet:  {name: "listRollouts", role: access.Read, do: read},
		http.MethodPost: {name: "startRollout", role: access.Operate, do: a.startRollout},
	})
	on(plugin+"/rollouts/{rollout}", get("getRollout", access.Read, read))
	on(plugin+"/rollouts/{rollout}/events", get("listEvents", access.Read, read))
	on(plugin+"/rollouts/{rollout}/condition", path{http.MethodPost: {name: "getCondition", role: access.Read, do: read}})
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
	return x.Answer(http.StatusOK, contract.Actor{At: x.At(), Name: x.actor.Name, Grants: grantsOf(x.actor.Grants)})
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
