package api_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// soon is how long something may take that happens at once.
const soon = 10 * time.Second

// listening is a stream that somebody hears over real HTTP.
type listening struct {
	t      *testing.T
	answer *http.Response
	lines  *bufio.Scanner
}

// listen opens a stream as browsers do: it would take gzip.
func (r *rig) listen(t *testing.T, path string, headers ...string) *listening {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 6*soon)
	t.Cleanup(cancel)
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, r.HTTP.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range append(headers, "Authorization: Bearer reader", "Accept: text/event-stream", "Accept-Encoding: gzip, deflate, br, zstd") {
		name, value, _ := strings.Cut(h, ": ")
		q.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream" || answer.Header.Get("Content-Encoding") != "" {
		t.Fatalf("%s %v", answer.Status, answer.Header)
	}
	l := &listening{t, answer, bufio.NewScanner(answer.Body)}
	if got := l.message(); got != "retry: 2000" {
		t.Fatalf("it begins with %q", got)
	}
	return l
}

// message is the next message, its lines with a space between them.
func (l *listening) message() string {
	l.t.Helper()
	var lines []string
	for l.lines.Scan() {
		if l.lines.Text() == "" {
			return strings.Join(lines, " ")
		}
		lines = append(lines, l.lines.Text())
	}
	l.t.Fatalf("the stream ended: %v", l.lines.Err())
	return ""
}

// hears waits for a message.
func (l *listening) hears(want string) {
	l.t.Helper()
	if got := l.message(); got != want {
		l.t.Errorf("heard %q, want %q", got, want)
	}
}

// write writes an event to a rollout.
func (r *rig) write(t *testing.T, id string, seq int64, kind engine.EventKind) {
	t.Helper()
	j, err := r.Store.Open(t.Context(), id)
	if err == nil {
		err = enginetest.Append(t, j, engine.Event{Seq: seq, At: time.Now(), Kind: kind, By: "olga"})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestStream hears of events as they are written, goes on where it ended, and says no more
// than that there is something.
func TestStream(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	r.begin(t, "r1", engine.Production, "shop", 1, time.Now())
	l := r.listen(t, "/v1/rollouts/r1/events")
	r.write(t, "r1", 0, engine.Paused)
	l.hears("id: 0 event: refetch data: {}")
	r.write(t, "r1", 1, engine.Resumed)
	l.hears("id: 1 event: refetch data: {}")
	_ = l.answer.Body.Close()
	r.write(t, "r1", 2, engine.Paused)
	r.write(t, "r1", 3, engine.Resumed)
	r.listen(t, "/v1/rollouts/r1/events", "Last-Event-ID: 1").hears("id: 3 event: refetch data: {}")
	r.listen(t, "/v1/rollouts/r1/events?after=1").hears("id: 3 event: refetch data: {}")
	r.listen(t, "/v1/rollouts/r1/events?after=3", "Last-Event-ID: 0").hears("id: 3 event: refetch data: {}")
}

// TestChanges hears of changes of any rollout; of a store that knows fewer than the last one
// that was heard, too.
func TestChanges(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	all := r.listen(t, "/v1/rollouts/changes")
	ahead := r.listen(t, "/v1/rollouts/changes", "Last-Event-ID: 100000")
	r.begin(t, "r1", engine.Production, "shop", 1, time.Now())
	for _, l := range []*listening{all, ahead} {
		if got := l.message(); !strings.HasSuffix(got, "event: refetch data: {}") {
			t.Errorf("heard %q", got)
		}
	}
}

// TestSlowReader has somebody who does not read what is sent: the others hear all the same.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	r.begin(t, "r1", engine.Production, "shop", 1, time.Now())
	for range 20 {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", r.HTTP.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if _, err := io.WriteString(c, "GET /v1/rollouts/r1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer reader\r\nAccept: text/event-stream\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	l := r.listen(t, "/v1/rollouts/r1/events")
	began := time.Now()
	for seq := range int64(50) {
		r.write(t, "r1", seq, []engine.EventKind{engine.Paused, engine.Resumed}[seq%2])
	}
	for !strings.HasPrefix(l.message(), "id: 49 ") {
		if time.Since(began) > soon {
			t.Fatal("those who read wait for those who do not")
		}
	}
}

// TestStreamHead asks for the head of a stream, which is no stream.
func TestStreamHead(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	r.begin(t, "r1", engine.Production, "shop", 1, time.Now())
	for _, path := range []string{"/v1/rollouts/changes", "/v1/rollouts/r1/events"} {
		ctx, cancel := context.WithTimeout(t.Context(), soon)
		defer cancel()
		q, err := http.NewRequestWithContext(ctx, http.MethodHead, r.HTTP.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Authorization", "Bearer reader")
		q.Header.Set("Accept", "text/event-stream")
		answer, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream" {
			t.Errorf("%s: %s %v", path, answer.Status, answer.Header)
		}
		if waiting := r.Waiting(); waiting != 0 {
			t.Errorf("%s: it goes on for nobody", path)
		}
	}
}

// TestLeaving has somebody go while they wait: what waited for them ends, and is no fault.
func TestLeaving(t *testing.T) {
	t.Parallel()
	r := still(t, nil)
	r.begin(t, "r1", engine.Production, "shop", 1, time.Now())
	for _, path := range []string{"/v1/rollouts?wait=50&since=1000", "/v1/rollouts/r1/events?wait=50", "/v1/rollouts/r1/events?wait=9223372036854775807"} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		q, err := http.NewRequestWithContext(ctx, http.MethodGet, r.HTTP.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Authorization", "Bearer reader")
		answer, err := http.DefaultClient.Do(q)
		if err == nil {
			_ = answer.Body.Close()
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", path, err)
		}
	}
	for end := time.Now().Add(soon); r.Waiting() > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d requests go on for nobody", r.Waiting())
		}
	}
	if faults := r.Faults(); faults != "" {
		t.Errorf("it is logged as a fault:\n%s", faults)
	}
}
