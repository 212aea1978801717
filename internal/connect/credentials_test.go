package connect

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/config"
)

// echo answers with a header of the request.
func echo(header string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Header.Get(header)) }
}

func TestCredentials(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, header, want string
		edit               func(*config.HTTPClientConfig)
	}{
		{"nothing", "Authorization", "", func(*config.HTTPClientConfig) {}},
		{"basic", "Authorization", "Basic bWU6aHVzaA==", func(h *config.HTTPClientConfig) {
			h.BasicAuth = &config.BasicAuth{Username: "me", Password: "hush"}
		}},
		{"a token", "Authorization", "Bearer hush", func(h *config.HTTPClientConfig) {
			h.Authorization = &config.Authorization{Credentials: "hush"}
		}},
		{"a token of another type, from a file", "Authorization", "ApiKey from-file", func(h *config.HTTPClientConfig) {
			h.Authorization = &config.Authorization{Type: "ApiKey", CredentialsFile: file}
		}},
		{"a header from a secret", "X-Scope-Orgid", "hush", func(h *config.HTTPClientConfig) {
			h.HTTPHeaders = &config.Headers{Headers: map[string]config.Header{"X-Scope-OrgID": {Secrets: []config.Secret{"hush"}}}}
		}},
		{"a header from a file", "X-Key", "from-file", func(h *config.HTTPClientConfig) {
			h.HTTPHeaders = &config.Headers{Headers: map[string]config.Header{"X-Key": {Files: []string{file}}}}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, echo(tc.header))
			got, err := get(t, reach(t, s.URL, func(s *Settings) { tc.edit(&s.HTTP) }))
			if err != nil || got != tc.want {
				t.Errorf("want %q, got %q, %v", tc.want, got, err)
			}
		})
	}
}

func TestATokenFileIsReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	c := reach(t, serve(t, echo("Authorization")).URL, func(s *Settings) {
		s.HTTP.Authorization = &config.Authorization{CredentialsFile: file}
	})
	var f *Fault
	if _, err := get(t, c); !errors.As(err, &f) || f.Kind != NoSecret || f.Sent || !strings.Contains(err.Error(), file) {
		t.Errorf("without the file: %v", err)
	}
	for _, token := range []string{"first", "second"} {
		if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := get(t, c); got != "Bearer "+token {
			t.Errorf("want %s, got %q, %v", token, got, err)
		}
	}
}

// issuer gives tokens, and counts how many it gave.
func issuer(t *testing.T, secret string, given *int, answer func(w http.ResponseWriter, n int)) *httptest.Server {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != secret && r.FormValue("client_secret") != secret {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, `{"error":"invalid_client","error_description":"%s is wrong"}`, r.FormValue("client_secret"))
			return
		}
		*given++
		answer(w, *given)
	})
}

func TestOAuth2(t *testing.T) {
	given := 0
	tokens := issuer(t, "right", &given, func(w http.ResponseWriter, n int) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"access_token":"t%d","token_type":"bearer","expires_in":3600}`, n)
	})
	fleet := serve(t, echo("Authorization"))
	file := filepath.Join(t.TempDir(), "secret")
	write := func(secret string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("wrong-hush")
	c := reach(t, fleet.URL, func(s *Settings) {
		s.HTTP.OAuth2 = &config.OAuth2{ClientID: "me", ClientSecretFile: file, TokenURL: tokens.URL + "/token"}
	})
	var f *Fault
	_, err := get(t, c)
	if !errors.As(err, &f) || f.Kind != NoSecret || f.Sent || !strings.Contains(err.Error(), "401") || !strings.Contains(err.Error(), "invalid_client") {
		t.Errorf("a wrong secret: %v", err)
	}
	if strings.Contains(fmt.Sprint(err), "wrong-hush") {
		t.Errorf("a secret is told: %v", err)
	}
	write("right")
	for range 3 {
		if got, err := get(t, c); got != "Bearer t1" {
			t.Errorf("want the first token, got %q, %v", got, err)
		}
	}
}

func TestOAuth2SecretsStayWithTheIssuer(t *testing.T) {
	stolen := false
	thief := serve(t, func(http.ResponseWriter, *http.Request) { stolen = true })
	given := 0
	tokens := issuer(t, "right", &given, func(w http.ResponseWriter, _ int) {
		w.Header().Set("Location", thief.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	c := reach(t, serve(t, echo("Authorization")).URL, func(s *Settings) {
		s.HTTP.OAuth2 = &config.OAuth2{ClientID: "me", ClientSecret: "right", TokenURL: tokens.URL}
	})
	if _, err := get(t, c); err == nil || !strings.Contains(err.Error(), "307") {
		t.Errorf("got %v", err)
	}
	if stolen {
		t.Error("the secret went elsewhere")
	}
}

func TestOAuth2WaitsNoLongerThanAnyRequest(t *testing.T) {
	hold := make(chan struct{})
	tokens := serve(t, func(http.ResponseWriter, *http.Request) { <-hold })
	defer close(hold)
	c := reach(t, serve(t, echo("Authorization")).URL, func(s *Settings) {
		s.Timeout = 100 * time.Millisecond
		s.HTTP.OAuth2 = &config.OAuth2{ClientID: "me", ClientSecret: "right", TokenURL: tokens.URL}
	})
	var f *Fault
	if _, err := get(t, c); !errors.As(err, &f) || f.Kind != TimedOut {
		t.Errorf("got %v", err)
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewTLSServer(echo("X"))
	defer s.Close()
	s.Config.ErrorLog = nil
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		of   config.TLSConfig
		kind Kind
		says string
	}{
		{"its own CA", config.TLSConfig{CAFile: ca}, "", ""},
		{"none", config.TLSConfig{}, Untrusted, "is signed by itself"},
		{"another name", config.TLSConfig{CAFile: ca, ServerName: "elsewhere.test"}, Untrusted, `another name than "elsewhere.test"`},
		{"not checked", config.TLSConfig{InsecureSkipVerify: true}, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := get(t, reach(t, s.URL, func(s *Settings) { s.HTTP.TLSConfig = tc.of }))
			var f *Fault
			if errors.As(err, &f) != (tc.kind != "") || f != nil && (f.Kind != tc.kind || f.Sent || !strings.Contains(err.Error(), tc.says)) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := New(Settings{Path: "fleet", Address: s.URL, HTTP: config.HTTPClientConfig{TLSConfig: config.TLSConfig{CAFile: ca + "x"}}}); err == nil || !strings.Contains(err.Error(), "fleet: ") {
		t.Errorf("a CA that is not there: %v", err)
	}
}

func TestProxy(t *testing.T) {
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "by proxy to "+r.URL.Host) })
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	by := func(s *Settings) { s.AllowHTTP, s.HTTP.ProxyURL = true, config.URL{URL: u} }
	if got, err := get(t, reach(t, "http://fleet.example.com", by)); got != "by proxy to fleet.example.com" {
		t.Errorf("got %q, %v", got, err)
	}
	var f *Fault
	if _, err := get(t, reach(t, "https://fleet.example.com", by)); !errors.As(err, &f) {
		t.Errorf("a proxy that does not connect: %v", err)
	}
	proxy.Close()
	if _, err := get(t, reach(t, "https://fleet.example.com", by)); !errors.As(err, &f) || f.Kind != Proxy {
		t.Errorf("a proxy that is away: %v", err)
	}
}

func TestRedirects(t *testing.T) {
	reached := ""
	other := serve(t, func(_ http.ResponseWriter, r *http.Request) { reached = r.Header.Get("Authorization") + "!" })
	var s *httptest.Server
	s = serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/other":
			http.Redirect(w, r, other.URL+"/in?session=hush", http.StatusTemporaryRedirect)
		case "/here":
			http.Redirect(w, r, s.URL+"/end", http.StatusTemporaryRedirect)
		case "/found":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusTemporaryRedirect)
		default:
			_, _ = io.WriteString(w, r.Method+" "+r.Header.Get("Authorization"))
		}
	})
	c := reach(t, s.URL, func(s *Settings) { s.HTTP.Authorization = &config.Authorization{Credentials: "secret-token"} })
	if got, err := get(t, c, "here"); got != "GET Bearer secret-token" {
		t.Errorf("on the same host: %q, %v", got, err)
	}
	for _, tc := range []struct{ method, path, says string }{
		{http.MethodGet, "other", "a redirect that is not followed: to " + other.URL + "/in"},
		{http.MethodPost, "found", "which makes a GET of it"},
		{http.MethodGet, "loop", "the 6th one"},
	} {
		var f *Fault
		err := fails(c, request(t, tc.method, c.URL(tc.path)))
		if !errors.As(err, &f) || f.Kind != Elsewhere || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v", tc.path, err)
		}
		if text := fmt.Sprint(err); strings.Contains(text, "hush") || strings.Contains(text, "secret-token") {
			t.Errorf("a secret is told: %s", text)
		}
	}
	if reached != "" {
		t.Errorf("the other host got %q", reached)
	}
	plain := serve(t, echo("Authorization"))
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusTemporaryRedirect))
	defer secure.Close()
	_, err := get(t, reach(t, secure.URL, func(s *Settings) { s.HTTP.TLSConfig.InsecureSkipVerify = true }))
	if err == nil || !strings.Contains(err.Error(), "from https to http://") {
		t.Errorf("from https to http: %v", err)
	}
}
