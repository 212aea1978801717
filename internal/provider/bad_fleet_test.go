package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/simulated"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// hush is a token that nothing may tell.
const hush = "a-token-that-is-secret"

// quickFleet is a handler of a fleet whose life is 60 times as fast, as change makes it.
func quickFleet(t *testing.T, change func(*simulator.Config, *server.World)) http.Handler {
	t.Helper()
	cfg := simulator.DefaultConfig()
	cfg.Installed = map[string]string{"stripe": "1.5.0"}
	change(&cfg, &server.World{})
	clock := new(walker.Time)
	state, err := simulated.Open(t.Context(), t.TempDir(), clock.Now, walker.Pause, simulated.Spec{Environment: engine.Production, Plugin: "stripe", Config: cfg, Scale: 60})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := state.Close(); err != nil {
			t.Error(err)
		}
	})
	w := state.Places[0].World()
	change(&cfg, &w)
	return server.New(server.Options{Now: clock.Now, Token: func() (string, error) { return hush, nil }}, w)
}

// usual leaves a fleet as it is.
func usual(*simulator.Config, *server.World) {}

// bent answers as h does, but for what bend makes of JSON answers to a path's end.
func bent(h http.Handler, end string, bend func(answer map[string]any)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Accept-Encoding")
		var whole httptest.ResponseRecorder
		whole.Body = &bytes.Buffer{}
		h.ServeHTTP(&whole, r)
		body := whole.Body.Bytes()
		var answer map[string]any
		if whole.Code == http.StatusOK && strings.HasSuffix(r.URL.Path, end) && json.Unmarshal(body, &answer) == nil {
			bend(answer)
			body, _ = json.Marshal(answer) // of what was JSON
		}
		for name, values := range whole.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(whole.Code)
		_, _ = w.Write(body)
	})
}

// refusing answers orders of a kind with a problem.
func refusing(h http.Handler, kind engine.ChangeKind, p contract.Problem) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a test's own
		r.Body = io.NopCloser(bytes.NewReader(body))
		var o contract.Order
		if strings.Contains(r.URL.Path, "/orders/") && json.Unmarshal(body, &o) == nil && o.Change.Kind == kind {
			w.Header().Set("Content-Type", contract.ProblemJSON)
			w.WriteHeader(p.Status)
			_ = json.NewEncoder(w).Encode(p)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// answering answers everything with the same.
func answering(status int, media, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// at serves h, and gives its address.
func at(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// atTLS serves h with a certificate that is signed by itself.
func atTLS(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that do not speak TLS are the point
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

// atNobody is an address where nothing listens.
func atNobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return "http://" + l.Addr().String()
}

// farCore is a core of the provider as it is, with a block.
func farCore(t *testing.T, provider map[string]any) *core {
	t.Helper()
	c := &core{t: t, server: providerserver.NewProtocol6(New("test")())()}
	c.start(provider)
	return c
}

// badFleets are fleets that are not what they should be, or not where. says is what a
// person has to be told: what was asked, what came, and what to do.
var badFleets = map[string]struct {
	endpoint func(t *testing.T) string
	token    string // hush
	apply    bool   // the plan does not show it
	with     settings
	says     []string
}{
	"a wrong path":   {endpoint: func(t *testing.T) string { return at(t, quickFleet(t, usual)) + "/api" }, says: []string{`GET ENDPOINT/v1: 404 not-found: there is no /api/v1`, `Check the endpoint: it is what comes before /v1`}},
	"nobody listens": {endpoint: atNobody, says: []string{`fleet: GET ENDPOINT/v1: `, `nothing listens there`, `Check the host and the port`}},
	"a page to log in": {endpoint: func(t *testing.T) string {
		return at(t, answering(200, "text/html", "<!doctype html><title>Sign in</title>"))
	}, says: []string{`GET ENDPOINT/v1: an HTML page came, titled "Sign in"`, `check the address`}},
	"another token":    {endpoint: func(t *testing.T) string { return at(t, quickFleet(t, usual)) }, token: "another", says: []string{`GET ENDPOINT/v1: it answered 401`, `credentials of the type Bearer were sent`, `Give it credentials that it knows`}},
	"signed by itself": {endpoint: func(t *testing.T) string { return atTLS(t, quickFleet(t, usual)) }, says: []string{`GET ENDPOINT/v1: its certificate`, `is signed by itself`, `as the CA`}},
	"http for https":   {endpoint: func(t *testing.T) string { return strings.Replace(atTLS(t, quickFleet(t, usual)), "https", "http", 1) }, says: []string{`GET ENDPOINT/v1: it speaks https where http was expected`, `Use an address with https://`}},
	"https for http":   {endpoint: func(t *testing.T) string { return strings.Replace(at(t, quickFleet(t, usual)), "http", "https", 1) }, says: []string{`GET ENDPOINT/v1: it speaks plain http where https was expected`, `Use an address with http://`}},
	"a newer contract": {endpoint: func(t *testing.T) string {
		return at(t, bent(quickFleet(t, usual), "/v1", func(a map[string]any) { a["contract"] = "7.0" }))
	}, says: []string{`ENDPOINT speaks contract 7.0, and this version speaks 1.0`, `use a newer version`}},
	"no contract": {endpoint: func(t *testing.T) string {
		return at(t, answering(200, "application/json", `{"at":"2026-01-01T00:00:00Z"}`))
	}, says: []string{`ENDPOINT answers`, `it names no contract`, `what comes before /v1`}},
	"other JSON": {endpoint: func(t *testing.T) string { return at(t, answering(200, "application/json", `[1]`)) }, says: []string{`GET ENDPOINT/v1: an answer that is not as the contract has it`, `Check that the address`}},
	"another plugin": {endpoint: func(t *testing.T) string {
		return at(t, bent(quickFleet(t, usual), "/plugins/stripe", func(a map[string]any) { a["plugin"] = "paypal" }))
	}, says: []string{`GET ENDPOINT/v1/environments/Production/plugins/stripe: the answer is about "paypal" in "Production", and "stripe" in "Production" was asked for`, `hotswap conformance`}},
	"an unknown plugin": {endpoint: func(t *testing.T) string { return at(t, quickFleet(t, usual)) }, with: settings{"plugin_id": "nobody"}, says: []string{`404 unknown-plugin: there is no plugin "nobody"`, `Check the plugin's id and the environment`}},
	"a journal that is none": {endpoint: func(t *testing.T) string {
		return at(t, quickFleet(t, func(_ *simulator.Config, w *server.World) { w.Ledger = nil }))
	}, says: []string{`GET ENDPOINT/v1/environments/Production/plugins/stripe/rollouts: its capabilities name journal, and it answers 501`, `hotswap conformance`}},
	"slots that cannot be provisioned": {apply: true, with: settings{"strategy": "BlueGreen"}, endpoint: func(t *testing.T) string {
		return at(t, refusing(quickFleet(t, usual), engine.Provision, contract.Problem{
			Title: "Rejected", Status: http.StatusUnprocessableEntity, Reason: contract.Refused, Detail: "there are no slots here",
		}))
	}, says: []string{`of 1.6.0: refused: there are no slots here`, `everything runs 1.5.0 as before`}},
	"instances in no order": {endpoint: func(t *testing.T) string {
		return at(t, bent(quickFleet(t, usual), "/instances", func(a map[string]any) { slices.Reverse(a["items"].([]any)) }))
	}, says: []string{`GET ENDPOINT/v1/environments/Production/plugins/stripe/instances: the instances are not sorted by id`, `hotswap conformance`}},
	"more ready than there are": {endpoint: func(t *testing.T) string {
		return at(t, bent(quickFleet(t, usual), "/plugins/stripe", func(a map[string]any) {
			a["versions"].([]any)[0].(map[string]any)["ready"] = 11
		}))
	}, says: []string{`11 of 10 instances of slot "blue" with version "1.5.0" are ready`, `hotswap conformance`}},
}

// TestBadFleets reads what a person is told of fleets that are not what they should be.
func TestBadFleets(t *testing.T) {
	for name, bad := range badFleets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			endpoint, token := bad.endpoint(t), hush
			if bad.token != "" {
				token = bad.token
			}
			c := farCore(t, map[string]any{"fleet": settings{"endpoint": endpoint, "token": token}})
			config := deployment("1.6.0", bad.with)
			planned, value := c.plan(config)
			diags := planned.Diagnostics
			if bad.apply {
				if text := errorsIn(diags); text != "" {
					t.Fatalf("the plan fails: %s", text)
				}
				diags = c.applyPlan(context.Background(), config, planned, value)
			}
			wantTold(t, spoken(diags), endpoint, token, bad.says)
		})
	}
}

// wantTold checks an error's text.
func wantTold(t *testing.T, text, endpoint, secret string, says []string) {
	t.Helper()
	t.Log(strings.ReplaceAll(text, endpoint, "ENDPOINT"))
	if strings.TrimSpace(text) == "" {
		t.Error("nothing is told")
	}
	for _, want := range says {
		if !strings.Contains(text, strings.ReplaceAll(want, "ENDPOINT", endpoint)) {
			t.Errorf("this is not told: %s", want)
		}
	}
	if strings.Contains(text, secret) {
		t.Error("the token is told")
	}
}

// TestBadPrometheus has a Grafana, and others, for a Prometheus.
func TestBadPrometheus(t *testing.T) {
	grafana := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/health" {
			answering(200, "application/json", `{"database":"ok","version":"11.0.0"}`).ServeHTTP(w, r)
			return
		}
		answering(404, "application/json", `{"message":"Not found"}`).ServeHTTP(w, r)
	})
	for name, bad := range map[string]struct {
		address func(t *testing.T) string
		says    []string
	}{
		"a Grafana": {address: func(t *testing.T) string { return at(t, grafana) }, says: []string{`Cannot ask the Prometheus`, `prometheus: POST ENDPOINT/api/v1/query: a Grafana answered`, `use the address of the Prometheus that is behind it`}},
		"a fleet":   {address: func(t *testing.T) string { return at(t, quickFleet(t, usual)) }, says: []string{`it answered 404 Not Found`, `Check that the address is that of a Prometheus`}},
		"one that has nothing": {
			address: func(t *testing.T) string {
				return at(t, answering(200, "application/json", `{"status":"success","data":{"resultType":"vector","result":[]}}`))
			},
			says: []string{
				`The Prometheus counts no requests`, `hotswap_plugin_requests_total{environment="Production",plugin="stripe"} selects no series`, "hotswap metrics check",
			},
		},
		"nobody listens": {address: atNobody, says: []string{`nothing listens there`, `Check the host and the port`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := bad.address(t)
			c := farCore(t, map[string]any{
				"fleet":      settings{"endpoint": at(t, quickFleet(t, usual)), "token": hush},
				"prometheus": settings{"address": address, "token": hush},
			})
			planned, _ := c.plan(deployment("1.6.0"))
			wantTold(t, spoken(planned.Diagnostics), address, hush, bad.says)
		})
	}
}
