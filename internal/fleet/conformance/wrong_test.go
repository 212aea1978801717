package conformance_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
)

// wrong makes a server wrong.
type wrong = func(next http.Handler) http.Handler

// call is a request on its way to a server, and what came.
type call struct {
	*http.Request
	rest string // of the path, below the plugin's; "/v1" for that
	body []byte
	in   map[string]any // body, where that is a JSON object
	next http.Handler

	status int
	header http.Header
	came   []byte
	out    map[string]any // came, where that is a JSON object
}

// ask has the server answer.
func (c *call) ask() *call {
	r := c.Request.Clone(c.Request.Context())
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(c.body)), int64(len(c.body))
	w := httptest.NewRecorder()
	c.next.ServeHTTP(w, r)
	c.status, c.header, c.came, c.out = w.Code, w.Header(), w.Body.Bytes(), nil
	_ = json.Unmarshal(c.came, &c.out) // what is none is nil
	return c
}

// say puts another answer in place of what came, with the time of that.
func (c *call) say(status int, o map[string]any) {
	if o["at"] == nil && c.out["at"] != nil {
		o["at"] = c.out["at"]
	}
	c.status, c.out = status, o
	c.header = http.Header{"Content-Type": {"application/json"}}
	if status >= 400 {
		c.header.Set("Content-Type", "application/problem+json")
	}
	c.write()
}

// refuse answers with a problem.
func (c *call) refuse(status int, reason string) {
	c.say(status, map[string]any{"title": "wrong", "status": status, "reason": reason})
}

// send sends other bytes than what was read of the body.
func (c *call) send(o map[string]any) {
	c.in = o
	c.body, _ = json.Marshal(o) // which is plain values
}

// write writes the answer down anew.
func (c *call) write() { c.came, _ = json.Marshal(c.out) }

// reason is that of a problem.
func (c *call) reason() any { return c.out["reason"] }

// is says whether the request is of a method and a path, in which * is any element.
func (c *call) is(method, pattern string) bool {
	ok, _ := path.Match(pattern, c.rest)
	return ok && c.Method == method
}

// every is a server that does with each call what do says: do has it ask the server, or
// answers on its own.
func every(do func(c *call)) wrong {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c := &call{Request: r, next: next, rest: r.URL.Path}
			if parts := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/"), "/", 6); len(parts) >= 5 {
				c.rest = strings.Join(parts[5:], "/")
			}
			c.body, _ = io.ReadAll(r.Body)    // of a client in this process
			_ = json.Unmarshal(c.body, &c.in) // what is none is nil
			if do(c); c.header == nil {
				c.ask()
			}
			c.header.Del("Content-Length")
			maps.Copy(w.Header(), c.header)
			w.WriteHeader(c.status)
			_, _ = w.Write(c.came)
		})
	}
}

// told is a server whose answers to some requests are others.
func told(method, pattern string, change func(c *call)) wrong {
	return every(func(c *call) {
		if c.is(method, pattern) {
			if change(c.ask()); c.out != nil {
				c.write()
			}
		}
	})
}

// heard is a server that hears some requests as others.
func heard(method, pattern string, change func(c *call)) wrong {
	return every(func(c *call) {
		if c.is(method, pattern) {
			change(c)
			if c.header == nil && c.in != nil {
				c.send(c.in)
			}
		}
	})
}

// answers is a server that answers with a status where it should refuse with a reason.
func answers(method, pattern, reason string, status int, o map[string]any) wrong {
	return told(method, pattern, func(c *call) {
		if c.reason() == reason {
			c.say(status, maps.Clone(o))
		}
	})
}

// Paths.
const (
	orders     = "rollouts/*/orders/*"
	conditions = "rollouts/*/condition"
	events     = "rollouts/*/events"
	leases     = "rollouts/*/lease"
)

// kind is that of an order.
func (c *call) kind() any { return c.change()["kind"] }

func (c *call) change() map[string]any { return obj(c.in["change"]) }

// obj is a part of an object; an empty one where there is none.
func obj(v any) map[string]any {
	if o, ok := v.(map[string]any); ok {
		return o
	}
	return map[string]any{}
}

// list is a list of objects.
func list(v any) (all []map[string]any) {
	items, _ := v.([]any)
	for _, one := range items {
		all = append(all, obj(one))
	}
	return all
}

// num is a number.
func num(v any) float64 { n, _ := v.(float64); return n }

// memory is what a wrong server remembers.
type memory struct {
	mu   sync.Mutex
	said map[string]any
}

func newMemory() *memory { return &memory{said: map[string]any{}} }

// swap remembers something, and gives what was there.
func (m *memory) swap(key string, v any) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.said[key]
	m.said[key] = v
	return old
}

// has says whether something is remembered.
func (m *memory) has(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.said[key] != nil
}
