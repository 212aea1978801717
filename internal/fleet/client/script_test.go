package client_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// script is a fleet that answers what a test says, in turn; the last answer stays.
type script struct {
	t       *testing.T
	mu      sync.Mutex
	answers map[string][]answer // by method and path below the world
	asked   []string            // what came
	bodies  []string
}

type answer struct {
	status int
	after  string // Retry-After
	body   any
}

const below = "/v1/environments/Production/plugins/gateway"

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	what := r.Method + " " + strings.TrimPrefix(r.URL.Path, below)
	if r.URL.RawQuery != "" {
		what += "?" + r.URL.RawQuery
	}
	from := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		var err error
		if from, err = gzip.NewReader(r.Body); err != nil {
			s.t.Error(err)
		}
	}
	body, _ := io.ReadAll(from)
	s.asked, s.bodies = append(s.asked, what), append(s.bodies, string(body))
	key := r.Method + " " + strings.TrimPrefix(r.URL.Path, below)
	list := s.answers[key]
	if len(list) == 0 {
		if key == "GET /v1" {
			list = []answer{{200, "", contract.Service{Contract: "1.0", Encodings: []string{"gzip"}, Limits: contract.Limits{Page: 2}}}}
		} else {
			list = []answer{problem(contract.NotFound, "")}
		}
	}
	if len(list) > 1 {
		s.answers[key] = list[1:]
	}
	a := list[0]
	media := contract.JSON
	if a.status >= 400 {
		media = contract.ProblemJSON
	}
	if a.after != "" {
		w.Header().Set("Retry-After", a.after)
	}
	if text, ok := a.body.(string); ok {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, text)
		return
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(timed(a.body))
}

// timed is a body with the fleet's time in it, as every answer has it.
func timed(body any) any {
	text, err := json.Marshal(body)
	var fields map[string]any
	if err != nil || json.Unmarshal(text, &fields) != nil || fields["untimed"] != nil {
		return body
	}
	fields["at"] = "2026-01-02T03:04:05Z"
	return fields
}

func problem(r contract.Reason, detail string) answer {
	return answer{contract.StatusOf(r), "", contract.Problem{Title: "no", Status: contract.StatusOf(r), Reason: r, Detail: detail}}
}

// fleet is a client of a script, and the script.
func fleet(t *testing.T, answers map[string][]answer) (*client.World, *script) {
	t.Helper()
	s := &script{t: t, answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c, err := client.New(connect.Settings{Path: "fleet", Address: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c.World(engine.Production, "gateway"), s
}
