package client_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// FuzzAnswers has every call of the ports answered with the same text: whatever it is, the
// call returns, and what it returns is checked by the engine without a panic.
func FuzzAnswers(f *testing.F) {
	for _, text := range []string{
		`{"at":"2026-01-02T03:04:05Z","contract":"1.0"}`,
		`{"at":"2026-01-02T03:04:05Z","contract":"1.0","items":[{"id":"a","rollout":"r","ordinal":1,"seq":0,"event":"{\"seq\":0,\"kind\":\"began\"}"}]}`,
		`{"at":"2026-01-02T03:04:05Z","contract":"1.0","ordinal":-1,"plan":"{}","digest":"x","targets":"y","candidate":{"requests":-5},"watched":1e9}`,
		`{"title":"no","status":409,"reason":"unfinished-rollout","unfinished":{}}`,
		`{"at":"0001-01-01T00:00:00Z"}`, `[]`, `null`, ``, "{\"at\":\"2026-01-02T03:04:05Z\",\"next\":\"\x00\"}",
	} {
		f.Add([]byte(text), 200)
		f.Add([]byte(text), 409)
	}
	var answer []byte
	status := 200
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1" && !bytes.Contains(answer, []byte("contract")) {
			w.Header().Set("Content-Type", contract.JSON)
			_, _ = w.Write([]byte(`{"at":"2026-01-02T03:04:05Z","contract":"1.0"}`))
			return
		}
		w.Header().Set("Content-Type", contract.JSON)
		if status >= 400 {
			w.Header().Set("Content-Type", contract.ProblemJSON)
		}
		w.WriteHeader(status)
		_, _ = w.Write(answer)
	}))
	f.Cleanup(s.Close)
	f.Fuzz(func(t *testing.T, text []byte, code int) {
		answer, status = text, 200+(code%4+4)%4*100
		if status == 300 {
			status = 503
		}
		c, err := client.NewWaiting(connect.Settings{Path: "fleet", Address: s.URL}, client.Waits{First: time.Microsecond, Longest: time.Microsecond})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		ctx, w := context.Background(), c.World(engine.Production, "gateway")
		_, _ = engine.ReadSnapshot(ctx, w)
		_ = w.Make(ctx, engine.Order{Rollout: "r"})
		_, _ = w.Look(ctx, engine.Watch{Rollout: "r"})
		_, _ = w.Measure(ctx, engine.Question{Rollout: "r", Candidate: engine.WantCounts})
		_, _ = w.List(ctx, engine.Production, "gateway", engine.Filter{Limit: 3})
		if j, err := w.Open(ctx, "r"); err == nil {
			_, _, _, _ = engine.LoadState(ctx, j)
		}
	})
}
