package api_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/docs"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/api"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

func zipped(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(s))
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestBodies sends gzip, gzip that grows, and more than is known.
func TestBodies(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	r.want(http.StatusOK, "reader", "POST", base+"/plan", zipped(t, production(t)), "Content-Encoding: gzip")
	r.want(http.StatusOK, "reader", "POST", base+"/plan", strings.Replace(production(t), "{", `{"colour": {"new": [1, 2]},`, 1))
	bomb := zipped(t, `{"restores": "`+strings.Repeat("x", 256<<20)+`"}`)
	for _, path := range []string{base + "/plan", base + "/rollouts"} {
		r.refused(refusal{reason: fleetcontract.TooLarge, who: "operator", method: "POST", path: path, body: bomb, header: "Content-Encoding: gzip", says: "1048576"})
	}
	r.refused(refusal{reason: fleetcontract.InvalidRequest, who: "operator", method: "POST", path: base + "/plan", body: zipped(t, production(t))[:40], header: "Content-Encoding: gzip", says: "cannot be read"})
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	r.refused(refusal{reason: fleetcontract.InvalidRequest, who: "operator", method: "POST", path: base + "/plan", body: `{"deployment": ` + deep + `}`})
	rec := r.want(http.StatusOK, "reader", "GET", "/v1/openapi.yaml", "")
	if !bytes.Equal(rec.Body.Bytes(), docs.ServerAPI) || rec.Header().Get("Content-Type") != "application/yaml" {
		t.Error("the document that is served is not the published one")
	}
	rec = r.want(http.StatusOK, "reader", "GET", "/v1/openapi.yaml", "", "Accept-Encoding: gzip")
	if z, err := gzip.NewReader(rec.Body); rec.Header().Get("Content-Encoding") != "gzip" || err != nil || z == nil {
		t.Errorf("%v, %v", rec.Header(), err)
	}
}

// TestMethods asks with methods that paths do not have, and on paths that lead elsewhere.
func TestMethods(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	r.begin(t, "r1", engine.Production, "shop", 1, time.Now())
	for path, allow := range map[string]string{
		"/v1": "GET", "/v1/tokens": "GET, POST", "/v1/tokens/a": "DELETE", "/v1/rollouts/r1/signals": "POST", base + "/rollouts": "GET, POST",
		base + "/rollouts/r1": "GET", base + "/targets/a": "GET, PUT", "/healthz": "GET", "/v1/rollouts": "GET",
	} {
		rec := r.call("admin", "PATCH", path, "")
		if got := read[contract.Problem](t, rec.Body); rec.Code != http.StatusMethodNotAllowed || got.Status != rec.Code || got.Reason != fleetcontract.InvalidRequest || rec.Header().Get("Allow") != allow {
			t.Errorf("%s: %d, allow %q, %+v", path, rec.Code, rec.Header().Get("Allow"), got)
		}
	}
	for _, path := range []string{"/v1", "/v1/rollouts/r1", "/healthz", "/readyz", base, "/v1/rollouts?wait=1&since=100000"} {
		r.want(http.StatusOK, "admin", "HEAD", path, "")
	}
	for _, path := range []string{"/v1/", "/v1//rollouts", "/v1/./self", "/v1/../v1/self", "//v1", "/v1/rollouts/", "/v1/self/", "/v2", "/v1/rollouts/r1/nothing", "/v1/environments/Production", "/%2e%2e/v1/self"} {
		r.refused(refusal{reason: fleetcontract.NotFound, who: "admin", method: "GET", path: path})
		r.refused(refusal{reason: fleetcontract.Unauthenticated, method: "GET", path: path})
	}
	for _, c := range []struct {
		id   string
		back bool
	}{{"mine-1", true}, {strings.Repeat("x", 128), true}, {strings.Repeat("x", 129), false}, {"a b", false}, {"\xff", false}, {"", false}} {
		if got := r.call("admin", "GET", "/v1", "", "X-Request-Id: "+c.id).Header().Get("X-Request-Id"); got == "" || (got == c.id) != c.back {
			t.Errorf("request %q is told to be %q", c.id, got)
		}
	}
}

// TestBusy has more requests at once than are taken: those that wait are counted apart.
func TestBusy(t *testing.T) {
	t.Parallel()
	asked, let := make(chan struct{}), make(chan struct{})
	r := still(t, func(o *api.Options) {
		o.AtOnce = 1
		o.Follow = func(operation string, next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				if operation == "getSelf" {
					asked <- struct{}{}
					<-let
				}
				next.ServeHTTP(w, q)
			})
		}
	})
	done := make(chan *httptest.ResponseRecorder)
	go func() { done <- r.call("admin", "GET", "/v1/self", "") }()
	<-asked
	r.refused(refusal{reason: fleetcontract.Busy, who: "admin", method: "GET", path: "/v1", says: "1 requests are under way"})
	r.want(http.StatusOK, "", "GET", "/healthz", "")
	r.want(http.StatusOK, "admin", "GET", "/v1/rollouts", "") // it may wait, and is counted apart
	let <- struct{}{}
	if rec := <-done; rec.Code != http.StatusOK {
		t.Errorf("the one under way: %d", rec.Code)
	}
	r.want(http.StatusOK, "admin", "GET", "/v1", "")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 10 {
		go func() {
			for ctx.Err() == nil { // one of them may find the place taken that is only looked at
				q := httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/rollouts?wait=50&since=100000", http.NoBody)
				q.Header.Set("Authorization", "Bearer reader")
				r.h.ServeHTTP(httptest.NewRecorder(), q)
			}
		}()
	}
	for end := time.Now().Add(soon); r.call("admin", "GET", "/v1/rollouts", "").Code != http.StatusTooManyRequests; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("any number may wait")
		}
	}
	r.want(http.StatusOK, "admin", "GET", "/v1", "")
}

// TestPanic has a handler panic: it is answered, logged, and gives its place back.
func TestPanic(t *testing.T) {
	t.Parallel()
	fails := true
	r := still(t, func(o *api.Options) {
		o.AtOnce = 1
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if fails {
				panic("a fuse blew")
			}
			w.Header().Set("Content-Type", "text/plain")
		})
	})
	p := r.refused(refusal{reason: fleetcontract.Internal, who: "admin", method: "GET", path: "/metrics", says: "its log has more"})
	if strings.Contains(text(t, p), "fuse") || !strings.Contains(r.Faults(), "a fuse blew") {
		t.Errorf("told: %+v\nlogged: %s", p, r.Faults())
	}
	fails = false
	r.want(http.StatusOK, "admin", "GET", "/metrics", "")
}

// TestSecrets makes a token, comes with it, and removes it: it is in the one answer, and
// nowhere else.
func TestSecrets(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	gate, err := access.New(access.Settings{}, r.Store, r.Server.Now)
	if err != nil {
		t.Fatal(err)
	}
	own := still(t, func(o *api.Options) { o.Server, o.Gate = r.Server, either{o.Gate, gate} })
	made := read[contract.MadeToken](t, own.want(http.StatusCreated, "admin", "POST", "/v1/tokens", `{"name": "ci", "grants": [{"role": "operate"}], "expires": "2100-01-01T00:00:00Z"}`).Body)
	if !access.Formed(made.Token.Token) || made.Name != "ci" || made.MadeBy != "admin" {
		t.Errorf("%+v", made)
	}
	secret := made.Token.Token
	self := read[contract.Actor](t, own.want(http.StatusOK, secret, "GET", "/v1/self", "").Body)
	if !strings.Contains(self.Name, "ci") || len(self.Grants) != 1 || self.Grants[0].Role != "operate" {
		t.Errorf("%+v", self)
	}
	own.want(http.StatusCreated, secret, "POST", base+"/rollouts", production(t))
	for _, path := range []string{"/v1/tokens", "/v1/audit", "/v1/self", "/v1/rollouts", "/v1/nothing"} {
		who := "admin"
		if path == "/v1/self" || path == "/v1/nothing" {
			who = secret
		}
		if rec := own.call(who, "GET", path, ""); strings.Contains(rec.Body.String(), secret[:20]) {
			t.Errorf("%s tells the token: %s", path, rec.Body)
		}
	}
	own.want(http.StatusOK, "admin", "DELETE", "/v1/tokens/"+made.ID, "")
	if p := own.refused(refusal{reason: fleetcontract.Unauthenticated, who: secret, method: "GET", path: "/v1/self"}); strings.Contains(text(t, p), secret[:20]) {
		t.Errorf("%+v", p)
	}
	if logged := own.Log() + r.Log(); strings.Contains(logged, secret[:20]) {
		t.Error("the log has the token")
	}
}

// either is one gate, or another one.
type either struct{ first, second api.Gate }

// Authenticate implements api.Gate.
func (e either) Authenticate(q *http.Request) (*access.Actor, error) {
	if a, err := e.first.Authenticate(q); err == nil {
		return a, nil
	}
	return e.second.Authenticate(q)
}
