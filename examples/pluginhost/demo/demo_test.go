package demo

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/load"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// TestClaim: a folder that is not a demonstration's is left alone, one that is another's is not
// shared, and what a killed one left is taken over.
func TestClaim(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	o := &Options{State: dir, Host: "/bin/true"}
	unlock, err := claim(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := claim(&Options{State: dir, Host: "/bin/true"}); err == nil || !strings.Contains(err.Error(), "another demonstration runs here") {
		t.Errorf("a second one: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "left"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	unlock()
	if unlock, err = claim(&Options{State: dir, Host: "/bin/true"}); err != nil {
		t.Fatalf("after one that was killed: %v", err)
	}
	unlock()
	if _, err := os.Stat(filepath.Join(dir, "left")); err == nil {
		t.Error("what the one before left is still there")
	}
	mine := t.TempDir()
	file := filepath.Join(mine, "thesis.tex")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := claim(&Options{State: mine}); err == nil || !strings.Contains(err.Error(), "there are other files in it") {
		t.Errorf("a folder with other files: %v", err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error("somebody's files are gone")
	}
}

// TestBadInput: everything that is wrong is said at once, and a port that is taken before
// anything is started.
func TestBadInput(t *testing.T) {
	o := Options{Port: -1, Instances: 1, Tenants: 1, Rate: 1, Hotswap: "no-such-hotswap", Prometheus: "no-such-prometheus"}
	err := o.Check()
	for _, flag := range []string{"--port", "--instances", "--tenants", "--rate", "--hotswap", "--prometheus", "--state", "--catalogue"} {
		if err == nil || !strings.Contains(err.Error(), flag+":") {
			t.Errorf("nothing is said of %s: %v", flag, err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, text, _ := net.SplitHostPort(l.Addr().String())
	port, _ := strconv.Atoi(text)
	if _, err := listen(port); err == nil || !strings.Contains(err.Error(), "choose another one with --port") {
		t.Errorf("a port that is taken: %v", err)
	}
}

// TestPageIsGuarded: only who came with the token sees the page, and may break things.
func TestPageIsGuarded(t *testing.T) {
	reached := 0
	s := httptest.NewServer(guarded("secret", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ })))
	defer s.Close()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	type answer struct {
		status   int
		location string
		cookies  []*http.Cookie
	}
	ask := func(path, token string) answer {
		r, err := http.NewRequest(http.MethodPost, s.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.AddCookie(&http.Cookie{Name: cookie, Value: token})
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		return answer{resp.StatusCode, resp.Header.Get("Location"), resp.Cookies()}
	}
	for _, bad := range [][2]string{{"/do", ""}, {"/do", "other"}, {"/do?token=secret", ""}, {"/?token=other", ""}} {
		if got := ask(bad[0], bad[1]); got.status != http.StatusUnauthorized {
			t.Errorf("%v: %d", bad, got.status)
		}
	}
	if reached > 0 {
		t.Fatal("somebody got in without the token")
	}
	came := ask("/?token=secret", "")
	c := came.cookies
	if came.status != http.StatusSeeOther || came.location != "/" || len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteStrictMode {
		t.Fatalf("%+v", came)
	}
	if ask("/do", c[0].Value); reached != 1 {
		t.Error("who has the cookie does not get in")
	}
}

// TestBoard: what failed because of a rollout is what its candidate failed from its beginning to
// its end; what nobody answered was lost; and each who looks is told of each failure once.
func TestBoard(t *testing.T) {
	b := newBoard(load.Names(3))
	answered := func(tenant, version string, status int) {
		b.add(&load.Outcome{Tenant: tenant, Version: version, Status: status, Latency: time.Millisecond})
	}
	answered("tenant-001", "1.6.0", 500) // before
	d := contract.Detail{}
	d.ID, d.Candidate = "r-1", "1.6.0"
	b.show(&d)
	_, seen := b.failsSince(0)
	answered("tenant-002", "1.6.0", 500)
	answered("tenant-002", "1.5.0", 500)
	answered("tenant-003", "", 0)
	b.add(&load.Outcome{Tenant: "tenant-003", Err: load.ErrNotSent})
	answered("tenant-003", "1.6.0", 200)
	if r, _ := b.current(); r.Failed != 1 || r.Lost != 0 {
		t.Errorf("%d failed, %d lost", r.Failed, r.Lost)
	}
	b.add(&load.Outcome{Tenant: "tenant-003", Status: 503, Reason: "nobody"})
	if r, _ := b.current(); r.Lost != 1 {
		t.Errorf("%d lost", r.Lost)
	}
	d.Outcome = "rolled_back"
	b.show(&d)
	answered("tenant-001", "1.6.0", 500) // after
	if r, _ := b.current(); r.Failed != 1 || r.Lost != 1 {
		t.Errorf("after the end: %d failed, %d lost", r.Failed, r.Lost)
	}
	tenants, next := b.failsSince(seen)
	if len(tenants) != 4 || tenants[0] != 1 || tenants[2] != 2 {
		t.Errorf("fails: %v", tenants)
	}
	if again, _ := b.failsSince(next); len(again) != 0 {
		t.Errorf("told twice: %v", again)
	}
	for range 5 * mostFails {
		answered("tenant-001", "1.5.0", 500)
	}
	if tenants, _ := b.failsSince(next); len(tenants) > 2*mostFails {
		t.Errorf("%d failures are kept", len(tenants))
	}
	if b.versions[b.serves[2]] != "1.6.0" || b.serves[0] != b.version("1.5.0") {
		t.Errorf("serves %v of %v", b.serves, b.versions)
	}
}
