package page_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/page"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func handler(issuers ...string) http.Handler {
	return page.New(page.Options{
		Login: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("login " + r.URL.Path)) }), Issuers: issuers,
		Now: func() time.Time { return noon },
	})
}

func ask(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r, w := httptest.NewRequest(method, path, http.NoBody), httptest.NewRecorder()
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	h.ServeHTTP(w, r)
	return w
}

// TestHeaders holds that every answer says what browsers may do with it.
func TestHeaders(t *testing.T) {
	t.Parallel()
	h := handler()
	for _, path := range []string{"/", "/login", "/nothing", "/assets/x/main.js"} {
		w := ask(h, http.MethodGet, path)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
				"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s: %q", path, name, got)
			}
		}
		if !strings.Contains(w.Header().Get("Permissions-Policy"), "camera=()") {
			t.Errorf("%s: Permissions-Policy: %q", path, w.Header().Get("Permissions-Policy"))
		}
	}
}

var assets = regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`)

// TestAssets holds that the page names all that it is made of, that each of it is there, kept
// for as long as it is the same, and not sent again.
func TestAssets(t *testing.T) {
	t.Parallel()
	h := handler()
	index := ask(h, http.MethodGet, "/")
	if index.Code != http.StatusOK || index.Header().Get("Cache-Control") != "no-cache" || index.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %v", index.Code, index.Header())
	}
	named, bytes := map[string]bool{}, index.Body.Len()
	for _, m := range assets.FindAllStringSubmatch(index.Body.String(), -1) {
		name := m[1][strings.LastIndex(m[1], "/")+1:]
		if named[name] {
			continue
		}
		named[name] = true
		w := ask(h, http.MethodGet, m[1])
		bytes += w.Body.Len()
		tag := w.Header().Get("ETag")
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || tag == "" {
			t.Errorf("%s: %d %v", m[1], w.Code, w.Header())
		}
		if again := ask(h, http.MethodGet, m[1], "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s again: %d", m[1], again.Code)
		}
		if other := ask(h, http.MethodGet, "/assets/0123456789abcdef/"+name); other.Code != http.StatusOK || other.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s by another program's digest: %d %v", name, other.Code, other.Header())
		}
	}
	files, err := fs.ReadDir(os.DirFS("assets"), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !named[f.Name()] && f.Name() != "index.html" {
			t.Errorf("the page does not name %s", f.Name())
		}
	}
	if len(named) != len(files)-1 || bytes > 200<<10 {
		t.Errorf("the page is made of %d files, %d bytes", len(named), bytes)
	}
}

// TestNothingElse holds that nothing else is there.
func TestNothingElse(t *testing.T) {
	t.Parallel()
	h := handler()
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/nothing", 404},
		{http.MethodGet, "/index.html", 404},
		{http.MethodGet, "/assets/main.js", 404},
		{http.MethodGet, "/assets/x/nothing.js", 404},
		{http.MethodGet, "/assets/x/index.html", 404},
		{http.MethodGet, "/login/elsewhere", 404},
		{http.MethodPost, "/", 405},
		{http.MethodDelete, "/assets/x/main.js", 405},
	} {
		w := ask(h, c.method, c.path)
		var problem struct {
			Status int    `json:"status"`
			Reason string `json:"reason"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || w.Code != c.status || problem.Status != c.status || problem.Reason == "" ||
			w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %d %s %s", c.method, c.path, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
	}
	for _, path := range []string{"/login", "/login/oidc", "/login/callback", "/logout"} {
		if w := ask(h, http.MethodPost, path); w.Body.String() != "login "+path {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
	if w := ask(h, http.MethodHead, "/"); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d, %d bytes", w.Code, w.Body.Len())
	}
}

// TestIssuers holds that the page knows by whom one can log in, whatever they are called.
func TestIssuers(t *testing.T) {
	t.Parallel()
	if body := ask(handler(), http.MethodGet, "/").Body.String(); !strings.Contains(body, `name="hotswap-issuers" content="[]"`) {
		t.Error(body)
	}
	body := ask(handler("github", `"><script>`), http.MethodGet, "/").Body.String()
	if strings.Contains(body, `"><script>`) || !strings.Contains(body, "github") {
		t.Error(body)
	}
}

// strict is what a strict policy does not allow, or what would make markup of texts.
var strict = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\('style'|<[^>]+ style=|<[^>]+ on[a-z]+=|javascript:|https?://[^w]`)

// TestStrict holds that no file has what the policy stops, nor what makes markup of texts, nor
// anything of elsewhere, and that none is long.
func TestStrict(t *testing.T) {
	t.Parallel()
	files, err := fs.ReadDir(os.DirFS("assets"), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile("assets/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if found := strict.FindString(string(text)); found != "" {
			t.Errorf("%s has %q", f.Name(), found)
		}
		if n := strings.Count(string(text), "\n"); n > 300 {
			t.Errorf("%s has %d lines", f.Name(), n)
		}
	}
}
