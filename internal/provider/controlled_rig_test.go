package provider

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/simulated"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/servertest"
)

// The tests of this rig play Terraform beside a rollout server in this process, whose fleets live
// fast. All memory worlds behind a server, as HOTSWAP_TEST_OVER_HTTP has them behind the
// contract, would not do: the server walks by this machine's clock and not by theirs, and what
// those tests ask of an apply that walks is not so where somebody else does.

// underServer is a rollout server and what is between it and the provider.
type underServer struct {
	*servertest.Rig
	t   *testing.T
	url string
	// lose drops the answers of requests that it holds for, after they were carried out.
	lose func(r *http.Request) bool
	// fail are how many of the next requests fail before they come through.
	fail atomic.Int64
	sent atomic.Int64 // how many requests came through
}

// newControlled serves stripe: 1.0.0 runs, 1.1.0 is good and 2.0.0 is bad.
func newControlled(t *testing.T) *underServer {
	t.Helper()
	return controlledOver(t, servertest.Fleet(engine.Production, "stripe"))
}

// controlledOver serves a fleet of stripe.
func controlledOver(t *testing.T, fleet simulated.Spec) *underServer {
	t.Helper()
	c := &underServer{Rig: servertest.Start(t, t.TempDir(), fleet), t: t}
	to, err := url.Parse(c.HTTP.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.fail.Add(-1) >= 0 {
			http.Error(w, "not now", http.StatusBadGateway)
			return
		}
		c.sent.Add(1)
		if c.lose != nil && c.lose(r) {
			proxy.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler) // which closes the connection
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	c.url = s.URL
	return c
}

// core plays Terraform; more goes into the provider's block.
func (c *underServer) core(more map[string]any) *core {
	c.t.Helper()
	own := &core{t: c.t, server: providerserver.NewProtocol6(New("test")())()}
	block := map[string]any{"controller": map[string]any{"endpoint": c.url, "token": "operator"}}
	for name, v := range more {
		block[name] = v
	}
	own.start(block)
	return own
}

// began is how many rollouts began.
func (c *underServer) began() int {
	c.t.Helper()
	page, err := c.Client("reader").Rollouts(context.Background(), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return len(page.Items)
}

// said is how often an event is in the first rollout.
func (c *underServer) said(kind engine.EventKind) (n int) {
	c.t.Helper()
	events, err := c.Client("reader").Events(context.Background(), firstRollout, -1, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	for i := range events {
		if events[i].Kind == kind {
			n++
		}
	}
	return n
}

// fast is a canary of a second for each stage.
func fast(version string, more ...map[string]any) map[string]any {
	return deployment(version, append([]map[string]any{{
		"strategy": "Canary", "canary": map[string]any{"stages": []any{25, 100}, "evaluation_period": "1s"},
		"analysis": map[string]any{"min_requests": 50, "min_tenants": 1},
	}}, more...)...)
}

// slow is fast with time to interfere.
func slow(version string, more ...map[string]any) map[string]any {
	bakes := map[string]any{"canary": map[string]any{"stages": []any{25, 100}, "evaluation_period": "1m"}}
	return fast(version, append([]map[string]any{bakes}, more...)...)
}

// settle refreshes until nothing goes on any more.
func (c *underServer) settle(own *core) {
	c.t.Helper()
	for range 300 {
		expectGood(c.t, own.refresh())
		if s := own.get("status"); s != "progressing" && s != "rolling_back" {
			return
		}
		pause(hour / 36000)
	}
	c.t.Fatal("it goes on")
}
