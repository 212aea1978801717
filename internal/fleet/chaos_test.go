package fleet_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// chaos stands between a client and a server and does what networks, proxies and servers
// do: seldom, in turn, as its seed says.
type chaos struct {
	next  http.Handler
	rate  float64 // of requests that it meddles with
	slow  time.Duration
	now   func() time.Time
	other string // address of another host, which must never be asked

	mu    sync.Mutex
	rng   *rand.Rand
	last  map[string]*httptest.ResponseRecorder // the last answer to the same request
	at    map[string]time.Time                  // when that was
	count map[string]int
}

func newChaos(seed uint64, rate float64, now func() time.Time, next http.Handler) *chaos {
	return &chaos{next: next, now: now, at: map[string]time.Time{}, rate: rate, rng: rand.New(rand.NewPCG(seed, 7)), last: map[string]*httptest.ResponseRecorder{}, count: map[string]int{}}
}

// faults are what it does. Each answers the request, or leaves it without an answer.
var faults = []struct {
	name string
	do   func(c *chaos, w http.ResponseWriter, r *http.Request, body []byte)
}{
	{"lost on the way there", func(_ *chaos, w http.ResponseWriter, _ *http.Request, _ []byte) { reset(w) }},
	{"lost on the way back", func(c *chaos, w http.ResponseWriter, r *http.Request, body []byte) {
		c.answer(r, body)
		reset(w)
	}},
	{"cut off", func(c *chaos, w http.ResponseWriter, r *http.Request, body []byte) {
		got := c.answer(r, body)
		all := got.Body.Bytes()
		w.Header().Set("Content-Type", got.Header().Get("Content-Type"))
		w.Header().Set("Content-Length", strconv.Itoa(len(all)+1))
		w.WriteHeader(got.Code)
		_, _ = w.Write(all[:len(all)/2])
		reset(w)
	}},
	{"sent twice", func(c *chaos, w http.ResponseWriter, r *http.Request, body []byte) {
		c.answer(r, body)
		pass(w, c.answer(r, body))
	}},
	{"sent twice, the first answer comes", func(c *chaos, w http.ResponseWriter, r *http.Request, body []byte) {
		first := c.answer(r, body)
		c.answer(r, body)
		pass(w, first)
	}},
	{"500", func(_ *chaos, w http.ResponseWriter, _ *http.Request, _ []byte) { problem(w, 500, "internal", "") }},
	{"500 after the effect", func(c *chaos, w http.ResponseWriter, r *http.Request, body []byte) {
		c.answer(r, body)
		problem(w, 500, "internal", "")
	}},
	{"busy", func(_ *chaos, w http.ResponseWriter, _ *http.Request, _ []byte) { problem(w, 429, "busy", "2") }},
	{"unavailable", func(_ *chaos, w http.ResponseWriter, _ *http.Request, _ []byte) {
		problem(w, 503, "unavailable", "3")
	}},
	{"a gateway's page", func(_ *chaos, w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html><title>Bad Gateway</title></html>")
	}},
	{"a page to log in on", func(_ *chaos, w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html><title>Sign in</title></html>")
	}},
	{"the token expired", func(_ *chaos, w http.ResponseWriter, _ *http.Request, _ []byte) {
		problem(w, 401, "unauthenticated", "")
	}},
	{"garbage", func(_ *chaos, w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"at": 17, "items": [`)
	}},
	{"an empty object", func(_ *chaos, w http.ResponseWriter, r *http.Request, _ []byte) {
		if r.Method == http.MethodGet || r.Method == http.MethodPost && regexp.MustCompile(`events$`).MatchString(r.URL.Path) {
			problem(w, 500, "internal", "") // an empty success of these is a lie that no client can see through
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `[]`)
	}},
	{"to another host", func(c *chaos, w http.ResponseWriter, r *http.Request, _ []byte) {
		http.Redirect(w, r, c.other+r.URL.Path, http.StatusTemporaryRedirect)
	}},
	{"stale", func(c *chaos, w http.ResponseWriter, r *http.Request, body []byte) {
		c.mu.Lock()
		old, at := c.last[key(r, body)], c.at[key(r, body)]
		c.mu.Unlock()
		if old == nil || !at.Before(c.now()) || r.Method == http.MethodPut || regexp.MustCompile(`events`).MatchString(r.URL.Path) { // the journal is the lock: it is never stale
			old = c.answer(r, body)
		}
		pass(w, old)
	}},
	{"another clock", func(c *chaos, w http.ResponseWriter, r *http.Request, body []byte) {
		got := *c.answer(r, body)
		got.Body = bytes.NewBuffer(regexp.MustCompile(`"at":"[^"]*"`).ReplaceAll(got.Body.Bytes(), []byte(`"at":"`+c.now().Add(7*time.Minute).Format(time.RFC3339)+`"`)))
		pass(w, &got)
	}},
	{"slow", func(c *chaos, w http.ResponseWriter, r *http.Request, body []byte) {
		got := c.answer(r, body)
		time.Sleep(c.slow)
		pass(w, got)
	}},
}

func (c *chaos) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	c.mu.Lock()
	meddles := c.rng.Float64() < c.rate
	which := c.rng.IntN(len(faults))
	if meddles {
		c.count[faults[which].name]++
	}
	c.mu.Unlock()
	if meddles {
		faults[which].do(c, w, r, body)
		return
	}
	pass(w, c.answer(r, body))
}

// answer has the request answered, and remembers how.
func (c *chaos) answer(r *http.Request, body []byte) *httptest.ResponseRecorder {
	own := r.Clone(r.Context())
	own.Header.Del("Accept-Encoding") // so that answers can be cut and changed
	own.Body = io.NopCloser(bytes.NewReader(body))
	got, now := httptest.NewRecorder(), c.now()
	c.next.ServeHTTP(got, own)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last[key(r, body)], c.at[key(r, body)] = got, now
	return got
}

func key(r *http.Request, body []byte) string {
	return r.Method + " " + r.URL.String() + " " + string(body)
}

func pass(w http.ResponseWriter, got *httptest.ResponseRecorder) {
	for name, values := range got.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(got.Code)
	_, _ = w.Write(got.Body.Bytes())
}

func problem(w http.ResponseWriter, status int, reason, after string) {
	w.Header().Set("Content-Type", "application/problem+json")
	if after != "" {
		w.Header().Set("Retry-After", after)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"title": "no", "status": `+strconv.Itoa(status)+`, "reason": "`+reason+`"}`)
}

// reset breaks the connection.
func reset(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			_ = conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}
