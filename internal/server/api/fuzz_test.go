package api_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// FuzzBodies sends any body to whatever takes one: it is taken, or a problem of the list says
// why not, and never that the server has a fault.
func FuzzBodies(f *testing.F) {
	paths := []string{base + "/plan", base + "/rollouts", "/v1/rollouts/r1/signals", "/v1/tokens", "/v1/rollouts/r1/owner"}
	for i, body := range []string{
		`{"deployment": {"pluginId": "shop", "environment": "Production", "version": "1.1.0", "strategy": "Canary", "canaryConfig": {"stages": [5, 100]}}, "expect": "0"}`,
		`{"restores": "r1"}`, `{"signal": "pause", "stage": "install", "by": "a", "cause": "retry", "reason": "\u0000\ud800"}`,
		`{"name": "a", "grants": [{"role": "read", "environments": ["Production"]}], "expires": "2100-01-01T00:00:00Z"}`, `{"owner": "a", "previous": ""}`,
	} {
		f.Add(i, []byte(body))
	}
	r := still(f, nil)
	plan := planOf(f, "r1")
	if _, err := r.Store.Start(f.Context(), plan, store.Start{Ordinal: 1, At: time.Now()}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, at int, body []byte) {
		if at < 0 || at >= len(paths) {
			return
		}
		method := "POST"
		if at == len(paths)-1 {
			method = "PUT"
		}
		rec := r.call("admin", method, paths[at], string(body), "Content-Type: application/json", "Idempotency-Key: "+fmt.Sprintf("%x", body[:min(len(body), 50)]))
		if !json.Valid(rec.Body.Bytes()) || rec.Code >= 500 {
			t.Errorf("%s: %d %s", paths[at], rec.Code, rec.Body)
		}
		if rec.Code >= 400 {
			if p := read[contract.Problem](t, rec.Body); contract.StatusOf(p.Reason) != rec.Code {
				t.Errorf("%d with %s", rec.Code, p.Reason)
			}
		}
	})
}

// planOf is a plan of the world of most tests.
func planOf(f *testing.F, id string) engine.Plan {
	f.Helper()
	fleet := enginetest.NewFleet(engine.Production, "shop", 3, 20, "1.5.0", 150)
	plan, err := engine.Compile(id, engine.Spec{PluginID: "shop", Environment: engine.Production, Version: "1.6.0"}, fleet.Snapshot())
	if err != nil {
		f.Fatal(err)
	}
	return plan
}

// FuzzQueries reads lists with any cursor, text and number.
func FuzzQueries(f *testing.F) {
	for _, s := range []string{"", "0 r1", "9223372036854775807 r1", "-9223372036854775808 ", "1777884000000000000 Staging-stripe-7", "x", " ", "1 \xff\x00"} {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte(s)), s, "10", "5")
	}
	f.Add("===", "%", "-1", "9223372036854775808")
	r := still(f, nil)
	f.Fuzz(func(t *testing.T, cursor, text, limit, since string) {
		q := url.Values{"cursor": {cursor}, "q": {text}, "plugin": {text}, "environment": {text, "Production"}, "limit": {limit}, "since": {since}}
		for _, path := range []string{"/v1/rollouts?" + q.Encode(), "/v1/audit?below=" + url.QueryEscape(since) + "&limit=" + url.QueryEscape(limit), "/v1/rollouts/" + url.PathEscape("x"+text)} {
			if rec := r.call("admin", "GET", path, ""); rec.Code >= 500 || !json.Valid(rec.Body.Bytes()) {
				t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
			}
		}
	})
}
