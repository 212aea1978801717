package launch_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	serverconfig "github.com/hotswap-io/terraform-provider-hotswap/internal/server/config"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/launch"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// loggedText is a log that can be read while it is written.
type loggedText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *loggedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *loggedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// over is a fleet at an endpoint.
func over(endpoint string) string {
	return fmt.Sprintf("fleet: {endpoint: %q, token_file: fleet.token}\n    journal: store\n", endpoint)
}

// greeted is a server on a fleet that runs until the test ends, and its log.
func greeted(t *testing.T, fleet string) (*launch.Launched, *loggedText) {
	t.Helper()
	dir, log := t.TempDir(), &loggedText{}
	if err := os.WriteFile(filepath.Join(dir, "fleet.token"), []byte("a-secret-that-is-long-enough\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("state: state\nenvironments:\n  Production:\n    plugins: [shop]\n    %s", fleet)
	c, err := serverconfig.Read(filepath.Join(dir, "hotswap.yaml"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var clock walker.Time
	l, err := launch.New(t.Context(), c, launch.Options{
		Version: "test", Getenv: func(string) string { return "" }, Now: clock.Now, Wait: walker.Pause, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l, log
}

// TestGreets: a server says at its start which fleet does not answer and why, without its secret,
// and answers requests all the same.
func TestGreets(t *testing.T) {
	at, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed at once
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + at.Addr().String()
	_ = at.Close()
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	defer refuses.Close()
	servers := fmt.Sprintf("postgresql:\n      servers: [{name: pg-1, url: %q, password_file: fleet.token}]\n", strings.Replace(closed, "http://", "postgres://hotswap@", 1)+"/postgres?sslmode=disable")
	for _, c := range []struct{ fleet, who, why string }{
		{over(closed), closed, "refused"}, {over(refuses.URL), refuses.URL, "401"}, {servers, strings.TrimPrefix(closed, "http://"), "refused"},
	} {
		l, log := greeted(t, c.fleet)
		for deadline := walker.Wall().Add(time.Minute); !strings.Contains(log.String(), "a fleet does not answer") && walker.Wall().Before(deadline); {
			_ = walker.Pause(t.Context(), 10*time.Millisecond)
		}
		text := log.String()
		if !strings.Contains(text, "level=WARN") || !strings.Contains(text, "environment=Production") || !strings.Contains(text, c.who) || !strings.Contains(text, c.why) {
			t.Errorf("%s: %s", c.who, text)
		}
		if strings.Contains(text, "a-secret") || strings.Count(text, "a fleet does not answer") != 1 {
			t.Errorf("%s: %s", c.who, text)
		}
		answer := httptest.NewRecorder()
		l.Handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if answer.Code != http.StatusOK {
			t.Errorf("%s: /readyz answers %d", c.who, answer.Code)
		}
	}
}

// TestGreetsDelayNothing: a fleet that does not answer at all keeps no server from starting and ending.
func TestGreetsDelayNothing(t *testing.T) {
	hung := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hung:
		case <-r.Context().Done():
		}
	}))
	defer silent.Close()
	defer close(hung)
	began := walker.Wall()
	t.Run("runs", func(t *testing.T) {
		l, log := greeted(t, over(silent.URL))
		answer := httptest.NewRecorder()
		l.Handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if answer.Code != http.StatusOK || strings.Contains(log.String(), "does not answer") {
			t.Errorf("/readyz answers %d: %s", answer.Code, log)
		}
	})
	if took := walker.Wall().Sub(began); took > 20*time.Second {
		t.Errorf("it took %s to start and to end", took)
	}
}
