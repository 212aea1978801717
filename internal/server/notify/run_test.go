package notify

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// clock is the time of this machine, and what a test skips of it.
type clock struct {
	walker.Time

	mu      sync.Mutex
	skipped time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Now().Add(c.skipped)
}

func (c *clock) skip(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skipped += d
}

// journal is a log that a test reads.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// running is a Notifier that runs.
type running struct {
	*Notifier

	clock *clock
	log   *journal
	stop  func()
}

// run runs one until the test ends, or it is stopped.
func run(t testing.TB, m *memory, c *clock, sinks ...Sink) *running {
	t.Helper()
	r := &running{clock: c, log: &journal{}}
	var err error
	r.Notifier, err = New(Settings{Sinks: sinks}, m, Options{
		Now: c.now, Every: 5 * time.Millisecond, Log: slog.New(slog.NewTextHandler(r.log, nil)), Source: "https://hotswap.example.com",
		Link: func(id string) string { return "https://hotswap.example.com/rollouts/" + id }, UserAgent: "hotswap-test",
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	var once sync.Once
	r.stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("Run ended with %v", err)
			}
		})
	}
	t.Cleanup(r.stop)
	return r
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for range 12000 {
		if is() {
			return
		}
		if err := walker.Pause(context.Background(), 5*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("after a minute: not %s", what)
}

// got is a request that a receiver got.
type got struct {
	path   string
	header http.Header
	body   []byte
}

// receiver is somebody who is told.
type receiver struct {
	*httptest.Server

	mu  sync.Mutex
	got []got
}

// receive starts one that answers by h, which says the status; nil: 204.
func receive(t testing.TB, h func(w http.ResponseWriter, r *http.Request, n int)) *receiver {
	t.Helper()
	v := &receiver{}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what came of it
		v.mu.Lock()
		v.got = append(v.got, got{r.URL.RequestURI(), r.Header.Clone(), body})
		n := len(v.got)
		v.mu.Unlock()
		if h == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		h(w, r, n)
	}))
	t.Cleanup(v.Close)
	return v
}

// all are the requests so far.
func (v *receiver) all() []got {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]got(nil), v.got...)
}

// status answers with one.
func status(code int) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(code) }
}

// Two secrets of Standard Webhooks.
const (
	oldSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	newSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDaGVtbG9jaw=="
)

// file writes a file with a text.
func file(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// hook is a sink of webhooks on this machine.
func hook(t testing.TB, name, url string) Sink {
	t.Helper()
	return Sink{Name: name, Kind: Webhook, URL: url, SecretFile: file(t, oldSecret), AllowPrivateAddresses: true, Timeout: engine.Duration(2 * time.Second)}
}
