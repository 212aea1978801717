package fleet_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
)

// counted counts requests and their bytes.
type counted struct {
	http.Handler
	mu       sync.Mutex
	requests []string
	sent     int64 // bytes of the last request's body
	got      int64 // and of its answer
}

func (c *counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	c.Handler.ServeHTTP(answer, r)
	c.requests, c.sent, c.got = append(c.requests, r.Method+" "+r.URL.Path[strings.LastIndex(r.URL.Path, "/"):]), int64(len(body)), int64(answer.Body.Len())
	pass(w, answer)
}

// large is a fleet of many instances and tenants behind the contract, and a plan for it.
func large(t testing.TB, instances, tenants int) (*client.World, *counted, engine.Plan, *enginetest.Fleet, string) {
	t.Helper()
	f := enginetest.NewFleet(engine.Production, "gateway", instances, tenants, "1.5.0", 150)
	plan, err := engine.Compile("r1", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "1.6.0"}, f.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	h := &counted{Handler: server.New(server.Options{Token: func() (string, error) { return secret, nil }, Now: f.Clock}, server.World{
		Environment: engine.Production, Plugin: "gateway", Fleet: f, Meter: f, Journals: engine.NewMemoryJournals(), Now: f.Clock,
	})}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return reach(t, s.URL).World(engine.Production, "gateway"), h, plan, f, s.URL
}

// TestSizes has a fleet of 10,000 instances and 100,000 tenants: a change of all is one
// request, and a look is about a kilobyte.
func TestSizes(t *testing.T) {
	far, h, plan, f, _ := large(t, 10_000, 100_000)
	ctx := t.Context()
	if _, err := far.Begin(ctx, plan); err != nil {
		t.Fatal(err)
	}
	all := engine.Targets{Instances: plan.Instances, Tenants: plan.Tenants}
	install := plan.Stages[0].Changes[0]
	h.requests = nil
	err := far.Make(ctx, engine.Order{
		Rollout: plan.Rollout, Ordinal: 1, Seq: 3, Candidate: plan.Candidate, Change: install, Targets: all,
		Instances: plan.Instances[install.Instances.From:install.Instances.To],
	})
	if err != nil || len(h.requests) != 1 || h.sent > 1000 || install.Instances.Len() != 10_000 {
		t.Errorf("a change of %d instances: %v with %d bytes, %v", install.Instances.Len(), h.requests, h.sent, err)
	}
	f.Advance(f.Now.Add(time.Hour))
	h.requests = nil
	c, err := far.Look(ctx, engine.Watch{Rollout: plan.Rollout, Candidate: plan.Candidate, Targets: all, Instances: plan.Instances, Failures: 3, Since: f.Now})
	if err != nil || c.Watched != 10_000 || len(h.requests) != 1 || h.sent+h.got > 1500 {
		t.Errorf("a look at %d instances: %v with %d and %d bytes, %v", c.Watched, h.requests, h.sent, h.got, err)
	}
	t.Logf("a look: %d bytes there, %d back", h.sent, h.got)
}

// TestPagesTakeNoMemory reads 100,000 tenants and holds no more than a few pages of them.
func TestPagesTakeNoMemory(t *testing.T) {
	const tenants = 100_000
	pages := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contract.JSON)
		if r.URL.Path == "/v1" {
			_ = json.NewEncoder(w).Encode(contract.Service{At: enginetest.Start, Contract: contract.Version})
			return
		}
		from := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("cursor"), &from)
		p := contract.Page[contract.Tenant]{At: enginetest.Start}
		for i := from; i < min(from+contract.DefaultPage, tenants); i++ {
			p.Items = append(p.Items, contract.Tenant{ID: fmt.Sprintf("tenant-%07d", i), Weight: 1, PriorRequests: 12345, PriorErrors: 12})
		}
		if from+contract.DefaultPage < tenants {
			p.Next = fmt.Sprint(from + contract.DefaultPage)
		}
		pages++
		_ = json.NewEncoder(w).Encode(p)
	}))
	t.Cleanup(s.Close)
	far := reach(t, s.URL).World(engine.Production, "gateway")
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n, most := 0, uint64(0)
	for _, err := range far.Tenants(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%10_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc-min(before.HeapAlloc, now.HeapAlloc))
		}
	}
	if n != tenants || pages != tenants/contract.DefaultPage || most > 4<<20 {
		t.Errorf("%d tenants on %d pages, and %d bytes held", n, pages, most)
	}
	t.Logf("%d tenants on %d pages, at most %d KB held at a time", n, pages, most>>10)
}

// lookBare is a look as a bare loop does it: the same request to the same server, and the
// answer read into the same struct.
func lookBare(c *http.Client, url string, body []byte) error {
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	req.Header.Set("Content-Type", contract.JSON)
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	var got contract.Condition
	return json.Unmarshal(data, &got)
}

// looks are both ways to look at a fleet of 10,000 instances.
func looks(t testing.TB) (bare, far func() error) {
	world, _, plan, _, url := large(t, 10_000, 1000)
	ctx := t.Context()
	if _, err := world.Begin(ctx, plan); err != nil {
		t.Fatal(err)
	}
	all := engine.Targets{Instances: plan.Instances, Tenants: plan.Tenants}
	watch := engine.Watch{Rollout: plan.Rollout, Candidate: plan.Candidate, Targets: all, Failures: 3}
	body, err := json.Marshal(contract.Watch{Candidate: plan.Candidate, Failures: 3})
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{}
	return func() error {
			return lookBare(c, url+"/v1/environments/Production/plugins/gateway/rollouts/r1/condition", body)
		}, func() error {
			_, err := world.Look(ctx, watch)
			return err
		}
}

// TestLookIsAsFastAsABareLoop compares them, round by round.
func TestLookIsAsFastAsABareLoop(t *testing.T) {
	bare, far := looks(t)
	const rounds, each = 15, 40
	var ratios []float64
	for range rounds {
		ratios = append(ratios, took(t, each, far)/took(t, each, bare))
	}
	slices.Sort(ratios)
	t.Logf("a look takes %.2f times what a bare loop does (median of %d rounds, %.2f to %.2f)", ratios[rounds/2], rounds, ratios[0], ratios[rounds-1])
	if ratios[rounds/2] > 1.5 { // the goal is 1.2; machines are noisy
		t.Errorf("it is %.2f times as slow", ratios[rounds/2])
	}
}

func took(t *testing.T, n int, f func() error) float64 {
	t.Helper()
	began := time.Now()
	for range n {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
	return float64(time.Since(began))
}

func BenchmarkLook(b *testing.B) {
	bare, far := looks(b)
	for name, look := range map[string]func() error{"bare": bare, "client": far} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := look(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
