package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

const (
	token = "not-to-be-told"
	base  = "/v1/environments/Production/plugins/gateway"
)

// rig is a handler over a simulated world, and over worlds that lack what can be lacking.
type rig struct {
	http.Handler
	world    *simulator.World
	mu       sync.Mutex
	journals engine.Journals
	keeper   server.Keeper
	options  server.Options
	now      time.Duration // beyond the world's, of what is kept for a while
}

func newRig(t testing.TB, change func(*rig, *simulator.Config, *server.World)) *rig {
	t.Helper()
	r := &rig{journals: engine.NewMemoryJournals(), keeper: server.NewMemory()}
	cfg := simulator.DefaultConfig()
	cfg.Installed = map[string]string{"gateway": "1.5.0"}
	w := server.World{Environment: engine.Production, Plugin: "gateway", Journals: r.journals, Keeper: r.keeper}
	r.options = server.Options{Token: func() (string, error) { return token, nil }, Software: "test", Limits: contract.Limits{Page: 7, Body: 1 << 16, Targets: 400}}
	if change != nil {
		change(r, &cfg, &w)
	}
	var err error
	if r.world, err = simulator.NewWorld(cfg, engine.Production, "gateway"); err != nil {
		t.Fatal(err)
	}
	r.world.RunUntil(r.world.Now().Add(10 * time.Minute))
	if w.Fleet == nil {
		w.Fleet, w.Meter = r.world, r.world
	}
	w.Now, w.Do = r.world.Now, func(f func()) {
		r.mu.Lock()
		defer r.mu.Unlock()
		f()
	}
	r.options.Now = func() time.Time { return r.world.Now().Add(r.now) }
	poor := server.World{Environment: engine.QA, Plugin: "poor", Fleet: w.Fleet, Now: w.Now, Do: w.Do}
	r.Handler = server.New(r.options, w, poor)
	return r
}

// call asks, with headers as NAME: VALUE. A body has a content type, unless one is among
// the headers.
func (r *rig) call(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		req.Header.Set("Content-Type", contract.JSON)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	r.ServeHTTP(rec, req)
	record(exchanged{method, path, req.Header, []byte(body), rec.Code, rec.Header(), rec.Body.Bytes()})
	return rec
}

// want asks, and fails where the answer has another status.
func (r *rig) want(t testing.TB, status int, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	rec := r.call(method, path, body, headers...)
	if rec.Code != status {
		t.Fatalf("%s %s: %d, want %d\n%s", method, path, rec.Code, status, rec.Body)
	}
	return rec
}

// read is the JSON of an answer.
func read[T any](t testing.TB, rec *httptest.ResponseRecorder) (v T) {
	t.Helper()
	if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v\n%s", err, rec.Body)
	}
	return v
}

// text is v in JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// plan compiles a plan for the rig's world.
func (r *rig) plan(t testing.TB, rollout, version string) *engine.Plan {
	t.Helper()
	p, err := engine.Compile(rollout, engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: version}, r.world.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	return &p
}

// start is how a plan begins, and its list of targets.
func start(p *engine.Plan) (contract.Start, string) {
	list := contract.EncodeTargets(engine.Targets{Instances: p.Instances, Tenants: p.Tenants})
	s := engine.NewState()
	return contract.Start{
		Plan: string(engine.EncodePlan(p)), Digest: p.Digest, Targets: contract.DigestOf(list), Head: engine.HeadOf(p, &s, 0, time.Time{}),
		Deployment: json.RawMessage(`{"pluginId":"gateway","environment":"Production","version":"` + p.Candidate + `"}`),
	}, string(list)
}

const once = "If-None-Match: *"

// begin uploads the targets of a plan and begins it.
func (r *rig) begin(t testing.TB, p *engine.Plan) contract.Start {
	t.Helper()
	s, list := start(p)
	if rec := r.call("PUT", base+"/targets/"+s.Targets, list, "Content-Type: "+contract.NDJSON); rec.Code != 201 && rec.Code != 200 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	r.want(t, 201, "PUT", base+"/rollouts/"+p.Rollout, text(s), once)
	return s
}

// append writes an event.
func (r *rig) append(t testing.TB, p *engine.Plan, e engine.Event) *httptest.ResponseRecorder {
	t.Helper()
	head := engine.RolloutHead{Rollout: p.Rollout, Environment: engine.Production, Plugin: "gateway", Phase: engine.PhaseProgressing, Events: e.Seq + 1, Outcome: e.Outcome}
	return r.call("POST", base+"/rollouts/"+p.Rollout+"/events", text(contract.Append{Event: text(e), Head: head}), `If-Match: "`+text(e.Seq)+`"`)
}

// finish has a rollout end, whatever it did before.
func (r *rig) finish(t testing.TB, p *engine.Plan, outcome engine.Outcome) {
	t.Helper()
	j, err := r.journals.Open(t.Context(), p.Rollout)
	if err == nil {
		head := engine.RolloutHead{Ordinal: j.Ordinal(), Rollout: p.Rollout, Environment: engine.Production, Plugin: "gateway", Phase: engine.Phase(outcome), Outcome: outcome}
		err = j.Append(t.Context(), engine.Event{At: r.world.Now(), Kind: engine.Finished, Outcome: outcome}, head)
	}
	if err != nil {
		t.Fatal(err)
	}
}
