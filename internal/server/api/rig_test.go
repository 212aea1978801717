package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/simulated"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/api"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/servertest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// base is where the world of most tests is.
const base = "/v1/environments/Production/plugins/shop"

// rig is a server that stands still, and what it is asked by hand.
type rig struct {
	*servertest.Rig
	t testing.TB
	h http.Handler
}

func still(t testing.TB, change func(*api.Options), specs ...simulated.Spec) *rig {
	t.Helper()
	if specs == nil {
		specs = []simulated.Spec{servertest.Fleet(engine.Production, "shop"), servertest.Fleet(engine.Staging, "shop")}
	}
	dir := t.TempDir()
	s, w := servertest.Open(t, dir, specs...)
	r := servertest.Still(t, dir, s, w, change)
	return &rig{r, t, r.HTTP.Config.Handler}
}

// call asks as somebody, with headers as NAME: VALUE. A body has a content type, unless one is
// among the headers.
func (r *rig) call(who, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	q := httptest.NewRequest(method, path, strings.NewReader(body))
	if who != "" {
		q.Header.Set("Authorization", "Bearer "+who)
	}
	if body != "" {
		q.Header.Set("Content-Type", fleetcontract.JSON)
	}
	for _, one := range headers {
		name, value, _ := strings.Cut(one, ": ")
		q.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	r.h.ServeHTTP(rec, q)
	return rec
}

// want asks for what is answered with a status.
func (r *rig) want(status int, who, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	rec := r.call(who, method, path, body, headers...)
	if rec.Code != status {
		r.t.Fatalf("%s %s %.200s: %d, want %d\n%s", method, path, body, rec.Code, status, rec.Body)
	}
	return rec
}

// refusal is a request, and what is wrong with it.
type refusal struct {
	reason                          fleetcontract.Reason
	who, method, path, body, header string
	says                            string
}

// refused asks what is refused.
func (r *rig) refused(c refusal) contract.Problem {
	r.t.Helper()
	var headers []string
	if c.header != "" {
		headers = append(headers, c.header)
	}
	return r.problem(r.call(c.who, c.method, c.path, c.body, headers...), c)
}

// problem is what an answer says that is none.
func (r *rig) problem(rec *httptest.ResponseRecorder, c refusal) contract.Problem {
	r.t.Helper()
	got := read[contract.Problem](r.t, rec.Body)
	status := contract.StatusOf(c.reason)
	if rec.Code != status || got.Reason != c.reason || got.Status != status || rec.Header().Get("Content-Type") != fleetcontract.ProblemJSON {
		r.t.Errorf("%s %s %s %.120s: %d %+v, want %s", c.who, c.method, c.path, c.body, rec.Code, got, c.reason)
	}
	if got.Title == "" || got.At.IsZero() || !strings.Contains(got.Detail, c.says) || rec.Header().Get("X-Request-Id") == "" {
		r.t.Errorf("%s %s %.120s: %q is not in %+v", c.method, c.path, c.body, c.says, got)
	}
	if retry := rec.Header().Get("Retry-After") != ""; retry != (c.reason == fleetcontract.Busy || c.reason == fleetcontract.Unavailable) {
		r.t.Errorf("%s %s: Retry-After %v with %s", c.method, c.path, retry, c.reason)
	}
	return got
}

func read[T any](t testing.TB, from io.Reader) T {
	t.Helper()
	var v T
	if err := json.NewDecoder(from).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func text(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// begin writes a rollout into the store that nobody walks, as a copy of what is kept elsewhere.
func (r *rig) begin(t *testing.T, id string, e engine.Environment, plugin string, ordinal int64, at time.Time, events ...engine.Event) {
	t.Helper()
	j, err := r.Store.Start(t.Context(), enginetest.Plan(t, id, e, plugin), store.Start{Ordinal: ordinal, By: "olga", At: at})
	if err != nil {
		t.Fatal(err)
	}
	for i, one := range events {
		_, _, state, err := engine.LoadState(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		one.Seq, one.At, one.Stage = int64(i), at.Add(time.Duration(i)*time.Second), state.Stage
		if err := enginetest.Append(t, j, one); err != nil {
			t.Fatal(err)
		}
	}
}
