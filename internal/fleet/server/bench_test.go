package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/journal/file"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// large is a rig with so many instances and tenants, and limits of the contract.
func large(b *testing.B, instances, tenants int, js engine.Journals) *rig {
	b.Helper()
	return newRig(b, func(r *rig, cfg *simulator.Config, w *server.World) {
		cfg.Instances, cfg.Tenants = instances, tenants
		r.options.Limits = contract.Limits{}
		if js != nil {
			w.Journals, r.journals = js, js
		}
	})
}

// ask makes the same request again and again.
func (r *rig) ask(b *testing.B, method, path, body string) {
	b.Helper()
	size := 0
	for b.Loop() {
		req := httptest.NewRequest(method, path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", contract.JSON)
		rec := httptest.NewRecorder()
		r.ServeHTTP(rec, req)
		if rec.Code != http.StatusOK {
			b.Fatal(rec.Code, rec.Body)
		}
		size = rec.Body.Len()
	}
	b.ReportMetric(float64(size), "B/answer")
}

// BenchmarkCondition looks at fleets of several sizes, through the handler and without it.
func BenchmarkCondition(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000} {
		r := large(b, n, 150, nil)
		p := r.plan(b, "r1", "1.6.0")
		s := r.begin(b, p)
		body := text(contract.Watch{Candidate: "1.6.0", Targets: s.Targets, Instances: engine.Range{To: n}, Failures: 3, Since: r.world.Now().Add(-time.Minute)})
		b.Run(fmt.Sprintf("handler-%d", n), func(b *testing.B) { r.ask(b, "POST", base+"/rollouts/r1/condition", body) })
		b.Run(fmt.Sprintf("world-%d", n), func(b *testing.B) {
			watch := engine.Watch{Rollout: "r1", Candidate: "1.6.0", Instances: p.Instances, Failures: 3, Since: r.world.Now().Add(-time.Minute)}
			for b.Loop() {
				if _, err := r.world.Look(b.Context(), watch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPage reads the second page of 1,000 of 100,000 tenants.
func BenchmarkPage(b *testing.B) {
	r := large(b, 10, 100_000, nil)
	first := read[contract.Page[contract.Tenant]](b, r.want(b, 200, "GET", base+"/tenants", ""))
	r.ask(b, "GET", base+"/tenants?cursor="+first.Next, "")
}

// BenchmarkAppend writes events to journals in memory, and on a disk.
func BenchmarkAppend(b *testing.B) {
	for name, js := range map[string]engine.Journals{"memory": nil, "disk": file.Open(b.TempDir())} {
		b.Run(name, func(b *testing.B) {
			r := large(b, 10, 150, js)
			p := r.plan(b, "r"+text(b.N), "1.6.0")
			r.begin(b, p)
			kinds := []engine.EventKind{engine.Paused, engine.Resumed}
			for n := int64(0); b.Loop(); n++ {
				if rec := r.append(b, p, engine.Event{Seq: n, At: r.world.Now(), Kind: kinds[n%2], By: "anna"}); rec.Code != http.StatusCreated {
					b.Fatal(rec.Code, rec.Body)
				}
			}
		})
	}
}
