package connect

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/config"
)

// reach is a client of an address, with settings that edit changes.
func reach(t *testing.T, address string, edit ...func(*Settings)) *Client {
	t.Helper()
	s := Settings{Path: "fleet", Address: address, HTTP: config.DefaultHTTPClientConfig, Timeout: 10 * time.Second, UserAgent: "hotswap-test"}
	for _, e := range edit {
		e(&s)
	}
	c, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func request(t *testing.T, method string, u *url.URL) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, u.String(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// get is the body of an answer, or the fault.
func get(t *testing.T, c *Client, elems ...string) (string, error) {
	t.Helper()
	resp, err := c.Do(request(t, http.MethodGet, c.URL(elems...)))
	if err != nil {
		return "", err
	}
	data, err := ReadBody(resp, 1<<20)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = c.Unexpected(resp, data, "a fleet")
	}
	return string(data), err
}

// fails is why there is no answer to a request; nil: there is one.
func fails(c *Client, req *http.Request) error {
	resp, err := c.Do(req)
	if err == nil {
		err = resp.Body.Close()
	}
	return err
}

// serve is a server that h answers for.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func TestCheckSaysAllAtOnce(t *testing.T) {
	for _, tc := range []struct {
		name string
		s    Settings
		want []string
	}{
		{"https", Settings{Address: "https://fleet.example.com/api"}, nil},
		{"http here", Settings{Address: "http://127.0.0.1:9090"}, nil},
		{"http on this machine by name", Settings{Address: "http://localhost:9090"}, nil},
		{"http on this machine, version 6", Settings{Address: "http://[::1]:9090/"}, nil},
		{"http elsewhere", Settings{Address: "http://fleet.example.com"}, []string{"f.address: is http, over which"}},
		{"http elsewhere, allowed", Settings{Address: "http://fleet.example.com", AllowHTTP: true}, nil},
		{"a name that only begins like this machine's", Settings{Address: "http://localhost.example.com"}, []string{"f.address: is http"}},
		{"nothing", Settings{}, []string{"f.address: is missing"}},
		{"a host without a scheme", Settings{Address: "prometheus:9090"}, []string{"begins with https://"}},
		{"a user", Settings{Address: "https://me:hush@fleet.example.com"}, []string{"f.address: has a user in it"}},
		{"a user in what is no URL", Settings{Address: "https://me:hush@fleet.example.com:port"}, []string{"is not a URL"}},
		{"a query", Settings{Address: "https://fleet.example.com?token=hush"}, []string{"f.address: has a query"}},
		{"numbers", Settings{Address: "https://f", Timeout: -1, MaxConcurrency: 1001}, []string{"f.timeout: -1ns is not in 0s..1h", "f.max_concurrency: is not in 0..1000"}},
		{"two ways to log in", Settings{Address: "ftp://f", HTTP: config.HTTPClientConfig{
			BasicAuth: &config.BasicAuth{Username: "me"}, Authorization: &config.Authorization{Credentials: "hush"},
		}}, []string{"f.address: is not a URL", "f: at most one of basic_auth"}},
		{"tokens over http", Settings{Address: "https://f", HTTP: config.HTTPClientConfig{
			OAuth2: &config.OAuth2{ClientID: "me", ClientSecret: "hush", TokenURL: "http://login.example.com/token"},
		}}, []string{"f.oauth2.token_url: is http"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.s.Path = "f"
			got := tc.s.Check()
			if len(got) != len(tc.want) {
				t.Fatalf("want %d problems, got:\n%v", len(tc.want), got)
			}
			for i, want := range tc.want {
				if !strings.Contains(got[i].Error(), want) {
					t.Errorf("want %q, got %q", want, got[i].Error())
				}
			}
			if strings.Contains(got.Error(), "hush") {
				t.Errorf("a secret is told: %v", got)
			}
			if _, err := New(tc.s); (err != nil) != (len(tc.want) > 0) {
				t.Errorf("New says %v", err)
			}
		})
	}
}

func TestURLKeepsEachElementOne(t *testing.T) {
	for _, tc := range []struct {
		base  string
		elems []string
		want  string
	}{
		{"https://f", nil, "https://f"},
		{"https://f/", []string{"v1", "fleet"}, "https://f/v1/fleet"},
		{"https://f/a/b/", []string{"v1"}, "https://f/a/b/v1"},
		{"https://f/a%2Fb", []string{"c/d", "50 %"}, "https://f/a%2Fb/c%2Fd/50%20%25"},
		{"https://f", []string{"..", ".", "a?b#c"}, "https://f/%2E%2E/%2E/a%3Fb%23c"},
	} {
		if got := reach(t, tc.base).URL(tc.elems...).String(); got != tc.want {
			t.Errorf("%s and %q: want %s, got %s", tc.base, tc.elems, tc.want, got)
		}
	}
}

func TestARequestSaysWhoAsks(t *testing.T) {
	seen := map[string]bool{}
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.UserAgent() != "hotswap-test" || len(r.Header.Get("X-Request-Id")) != 32 {
			t.Errorf("got the headers %v", r.Header)
		}
		seen[r.Header.Get("X-Request-Id")] = true
	})
	c := reach(t, s.URL)
	for range 3 {
		if _, err := get(t, c); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 3 {
		t.Errorf("three requests had %d ids", len(seen))
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	addresses := map[string]bool{}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		addresses[r.RemoteAddr] = true
		_, _ = io.WriteString(w, "fine")
	})
	c := reach(t, s.URL)
	for range 5 {
		if _, err := get(t, c); err != nil {
			t.Fatal(err)
		}
	}
	if len(addresses) != 1 {
		t.Errorf("five requests took %d connections", len(addresses))
	}
}

func TestSoManyAtATime(t *testing.T) {
	var now, most atomic.Int64
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "fine") })
	c := reach(t, s.URL, func(s *Settings) { s.MaxConcurrency = 2 })
	done := make(chan error)
	for range 6 {
		go func() {
			resp, err := c.Do(request(t, http.MethodGet, c.URL()))
			if err == nil {
				for n := now.Add(1); ; {
					if m := most.Load(); m >= n || most.CompareAndSwap(m, n) {
						break
					}
				}
				now.Add(-1)
				_, err = ReadBody(resp, 100)
			}
			done <- err
		}()
	}
	for range 6 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if most.Load() > 2 {
		t.Errorf("%d were under way at a time", most.Load())
	}
	// A place is held until the body is closed, and waiting for one ends with its context.
	var held []*http.Response
	for range 2 {
		resp, err := c.Do(request(t, http.MethodGet, c.URL())) //nolint:bodyclose // the same
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, resp) //nolint:bodyclose // closed below: that places are held until then is what is tested
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var f *Fault
	if err := fails(c, request(t, http.MethodGet, c.URL()).WithContext(ctx)); !errors.As(err, &f) || f.Kind != GivenUp || f.Sent {
		t.Errorf("a third request: %v", err)
	}
	for _, resp := range held {
		_ = resp.Body.Close()
		_ = resp.Body.Close() // twice gives one place back
	}
	if n := len(c.underWay); n != 0 {
		t.Errorf("%d places are held", n)
	}
}

func TestBodiesAreBoundedAndUnzipped(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("got the headers %v", r.Header)
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, strings.Repeat("a", 1<<20))
		_ = z.Close()
	})
	c := reach(t, s.URL)
	for _, tc := range []struct {
		most int64
		fits bool
	}{{1 << 20, true}, {1<<20 - 1, false}, {10, false}} {
		resp, err := c.Do(request(t, http.MethodGet, c.URL()))
		if err != nil {
			t.Fatal(err)
		}
		data, err := ReadBody(resp, tc.most)
		var large *TooLargeError
		switch {
		case tc.fits && (err != nil || len(data) != 1<<20):
			t.Errorf("up to %d: %d bytes, %v", tc.most, len(data), err)
		case !tc.fits && (!errors.As(err, &large) || !strings.Contains(err.Error(), fmt.Sprintf("more than %d bytes", tc.most))):
			t.Errorf("up to %d: %v", tc.most, err)
		}
	}
	if n := len(c.underWay); n != 0 {
		t.Errorf("%d places are held", n)
	}
}

func TestAnAnswerThatIsCutOff(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	_, err := get(t, reach(t, s.URL), "x")
	var f *Fault
	if !errors.As(err, &f) || f.Kind != Broken || !f.Sent || !strings.Contains(f.Error(), "ended before it was whole") {
		t.Errorf("got %v", err)
	}
}
