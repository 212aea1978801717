package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/api"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// TestRoles asks for each operation in each environment as each of those who may something.
func TestRoles(t *testing.T) {
	t.Parallel()
	r := still(t, func(o *api.Options) {
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/plain") })
	})
	r.Actors["nobody"] = access.Actor{Name: "nina"}
	r.Actors["mixed"] = access.Actor{Name: "mia", Grants: []access.Grant{{Role: access.Read}, {Role: access.Operate, Environments: []engine.Environment{engine.Staging}}}}
	r.begin(t, "prod", engine.Production, "shop", 1, time.Now())
	r.begin(t, "stag", engine.Staging, "shop", 1, time.Now())
	list := "{\"tenant\":\"t\"}\n"
	targets := "/targets/" + fleetcontract.DigestOf([]byte(list))
	question := `{"version": "1.1.0", "from": "2025-01-01T00:00:00Z", "to": "2025-01-01T00:10:00Z"}`
	// who may, of E in Production and in Staging: "" everybody who is known
	for _, c := range []struct {
		operation, path, body string
		role                  access.Role
	}{
		{"GET", "/v1", "", ""},
		{"GET", "/v1/self", "", ""},
		{"GET", "/v1/openapi.yaml", "", ""},
		{"GET", "/v1/environments", "", access.Read},
		{"GET", "/v1/rollouts", "", access.Read},
		{"GET", "/metrics", "", access.Read},
		{"GET", "/v1/audit", "", access.Admin},
		{"GET", "/v1/tokens", "", access.Admin},
		{"POST", "/v1/tokens", `{"name": "a", "grants": [{"role": "read"}]}`, access.Admin},
		{"DELETE", "/v1/tokens/none", "", access.Admin},
		{"GET", "E", "", access.Read},
		{"GET", "E/instances", "", access.Read},
		{"GET", "E/tenants", "", access.Read},
		{"PUT", "E" + targets, list, access.Read},
		{"GET", "E" + targets, "", access.Read},
		{"POST", "E/measurements", question, access.Read},
		{"POST", "E/plan", "ASK", access.Read},
		{"GET", "E/rollouts", "", access.Read},
		{"GET", "E/rollouts/R", "", access.Read},
		{"GET", "E/rollouts/R/events", "", access.Read},
		{"POST", "E/rollouts/R/condition", `{"candidate": "1.1.0"}`, access.Read},
		{"POST", "E/rollouts", "ASK", access.Operate},
		{"GET", "/v1/rollouts/R", "", access.Read},
		{"GET", "/v1/rollouts/R/events", "", access.Read},
		{"GET", "/v1/rollouts/R/targets", "", access.Read},
		{"PUT", "/v1/rollouts/R/owner", `{"owner": "a", "previous": "b"}`, access.Operate},
		{"POST", "/v1/rollouts/R/signals", `{"signal": "promote"}`, access.Operate},
	} {
		for _, e := range []engine.Environment{engine.Production, engine.Staging} {
			id, ask := map[engine.Environment]string{engine.Production: "prod", engine.Staging: "stag"}[e], map[engine.Environment]string{engine.Production: production(t), engine.Staging: staging(t)}[e]
			path := strings.Replace(strings.Replace(c.path, "E", "/v1/environments/"+string(e)+"/plugins/shop", 1), "/R", "/"+id, 1)
			var headers []string
			if c.body == list {
				headers = append(headers, "Content-Type: application/x-ndjson")
			}
			for who, actor := range r.Actors {
				where := e
				if path == c.path {
					where = "" // of no environment
				}
				rec := r.call(who, c.operation, path, strings.Replace(c.body, "ASK", ask, 1), headers...)
				var p contract.Problem
				_ = json.Unmarshal(rec.Body.Bytes(), &p) // what is no problem has no reason
				may := c.role == "" || actor.May(c.role, where)
				sees := actor.May(access.Read, where)
				ofOne := strings.HasPrefix(c.path, "/v1/rollouts/R")
				switch {
				case may && (p.Reason == fleetcontract.Forbidden || p.Reason == fleetcontract.UnknownRollout || rec.Code >= 500):
					t.Errorf("%s may not %s %s: %d %s", who, c.operation, path, rec.Code, rec.Body)
				case !may && ofOne && !sees && actor.May(c.role, ""): // elsewhere they may: here it is not there
					r.problem(rec, refusal{reason: fleetcontract.UnknownRollout, who: who, method: c.operation, path: path})
				case !may:
					r.problem(rec, refusal{reason: fleetcontract.Forbidden, who: who, method: c.operation, path: path})
				}
				if !sees && where != "" && !slices.Contains([]string{"", "Staging"}, string(where)) && strings.Contains(strings.ReplaceAll(rec.Body.String(), "in Production", ""), "Production") {
					t.Errorf("%s hears of Production: %s %s: %s", who, c.operation, path, rec.Body)
				}
			}
		}
	}
}

// TestNothingOfOthers reads all that somebody may who may look at one environment: nothing of
// it is about another one.
func TestNothingOfOthers(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	for i, id := range []string{"secret-1", "secret-2", "secret-3"} {
		r.begin(t, id, engine.Production, []string{"shop", "vault", "cellar"}[i], 1, time.Now())
	}
	r.begin(t, "mine", engine.Staging, "shop", 1, time.Now())
	staging := "/v1/environments/Staging/plugins/shop"
	for _, path := range []string{
		"/v1", "/v1/self", "/v1/environments", "/v1/rollouts", "/v1/rollouts?environment=Production", "/v1/rollouts?environment=Production&environment=Staging",
		"/v1/rollouts?q=secret", "/v1/rollouts?q=vault", "/v1/rollouts?plugin=vault", "/v1/rollouts?phase=progressing&unfinished=true", "/v1/rollouts/mine",
		"/v1/rollouts/mine/events", "/v1/rollouts/mine/targets", "/v1/rollouts/secret-1", "/v1/rollouts/secret-1/events?wait=1", "/v1/rollouts/secret-1/targets",
		staging, staging + "/rollouts", staging + "/rollouts/secret-1", staging + "/rollouts/secret-1/events", "/v1/audit", "/v1/tokens",
	} {
		rec := r.call("staging", "GET", path, "")
		told := strings.ReplaceAll(rec.Body.String(), "secret-1: there is no such rollout", "")
		for _, word := range []string{"Production", "secret", "vault", "cellar"} {
			if strings.Contains(told, word) {
				t.Errorf("%s tells of %s: %d %s", path, word, rec.Code, rec.Body)
			}
		}
	}
	// a guess that is right is answered as one that is wrong
	for _, what := range []string{"", "/events", "/targets"} {
		right, wrong := r.call("staging", "GET", "/v1/rollouts/secret-1"+what, ""), r.call("staging", "GET", "/v1/rollouts/secret-9"+what, "")
		at := func(s string) string {
			before, _, _ := strings.Cut(s, `"at"`)
			return before
		}
		if right.Code != wrong.Code || at(strings.ReplaceAll(right.Body.String(), "secret-1", "")) != at(strings.ReplaceAll(wrong.Body.String(), "secret-9", "")) {
			t.Errorf("%s: %s, and what is not there: %s", what, right.Body, wrong.Body)
		}
	}
}
