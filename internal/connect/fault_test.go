package connect

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// closedPort is an address where nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestWhatCameInstead(t *testing.T) {
	answers := func(status int, kind, text string) func(*testing.T) string {
		return func(t *testing.T) string {
			return serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", kind)
				w.WriteHeader(status)
				_, _ = io.WriteString(w, text)
			}).URL
		}
	}
	secure := func(t *testing.T) *httptest.Server {
		s := httptest.NewUnstartedServer(http.NotFoundHandler())
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	for _, tc := range []struct {
		name string
		at   func(t *testing.T) string
		kind Kind
		sent bool
		says []string
	}{
		{"nobody", func(t *testing.T) string { return "http://" + closedPort(t) }, NobodyThere, false, []string{"connection was refused", "Check the host and the port"}},
		{"no name", func(*testing.T) string { return "https://nothing.invalid" }, NoSuchHost, false, []string{`"nothing.invalid" cannot be resolved`}},
		{"http to https", func(t *testing.T) string { return "http://" + secure(t).Listener.Addr().String() }, WrongScheme, false, []string{"speaks https where http", "https://"}},
		{"https to http", func(t *testing.T) string {
			return "https://" + strings.TrimPrefix(answers(200, "text/plain", "")(t), "http://")
		}, WrongScheme, false, []string{"speaks plain http where https"}},
		{"signed by itself", func(t *testing.T) string { return secure(t).URL }, Untrusted, false, []string{"is signed by itself", "as the CA"}},
		{"slow", func(t *testing.T) string {
			hold := make(chan struct{})
			s := serve(t, func(http.ResponseWriter, *http.Request) { <-hold })
			t.Cleanup(func() { close(hold) })
			return s.URL
		}, TimedOut, true, []string{"within 300ms"}},
		{"hangs up", func(t *testing.T) string {
			return serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }).URL
		}, Broken, true, []string{"the connection broke"}},
		{"401", answers(401, "application/json", `{}`), Login, true, []string{"401", "no credentials were sent"}},
		{"403", answers(403, "text/html", "<html>no"), Forbidden, true, []string{"403", "the right to it"}},
		{"a page to log in on", answers(200, "text/html; charset=utf-8", "<!DOCTYPE html><html><head><title>\nSign in\x1b</title>"), Page, true, []string{`titled "Sign in\x1b"`, "not a fleet"}},
		{"a page of another type", answers(200, "application/octet-stream", " <!doctype HTML><p>"), Page, true, []string{"an HTML page came, with status 200"}},
		{"Grafana's page", answers(200, "text/html", "<html><title>Grafana</title>"), Grafana, true, []string{"a Grafana answered", "the Prometheus that is behind it"}},
		{"Grafana's error", answers(401, "application/json", `{"accessErrorId":"1","message":"no"}`), Login, true, []string{"401"}},
		{"404", answers(404, "application/json", `{"title":"no such rollout"}`), Status, true, []string{`404 Not Found: "no such rollout"`, "with the path that it is under"}},
		{"429", answers(429, "text/plain", "slow down"), Status, true, []string{`429 Too Many Requests: "slow down"`, "asked too often"}},
		{"503", answers(503, "text/plain", "\x1b[31mfull"), Status, true, []string{"503 Service Unavailable", "logs say why; the header X-Request-Id"}},
		{"another form", answers(200, "text/plain", "hello"), Unreadable, true, []string{`with something else than was asked for: "hello"`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := reach(t, tc.at(t), func(s *Settings) {
				s.AllowHTTP = true
				if tc.kind == TimedOut {
					s.Timeout = 300 * time.Millisecond
				}
			})
			u := c.URL("x")
			u.RawQuery = "token=hush"
			resp, err := c.Do(request(t, http.MethodPost, u))
			if err == nil {
				data, readErr := ReadBody(resp, 1<<16)
				if readErr != nil {
					t.Fatal(readErr)
				}
				err = c.Unexpected(resp, data, "a fleet")
			}
			var f *Fault
			if !errors.As(err, &f) || f.Kind != tc.kind || f.Sent != tc.sent {
				t.Fatalf("want %q, sent %v, got %q, %v: %v", tc.kind, tc.sent, f.Kind, f.Sent, err)
			}
			text := err.Error()
			for _, want := range append(tc.says, "fleet: POST "+c.URL("x").String()+": ") {
				if !strings.Contains(text, want) {
					t.Errorf("want %q in: %s", want, text)
				}
			}
			if strings.Contains(text, "hush") || strings.ContainsAny(text, "\x1b\n") {
				t.Errorf("this is told: %q", text)
			}
			t.Log(text)
		})
	}
}
