package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// exchange is a request and its answer.
type exchange struct {
	*http.Request
	to     http.ResponseWriter
	limits contract.Limits
	shelf  *shelf
	now    func() time.Time // of the answer
}

// methods are what a path can do; nil: there is no such path.
type methods map[string]func(*exchange) error

// serve answers a path.
func (s *server) serve(m methods) http.Handler {
	return s.answering(func(x *exchange) error { return m.answer(x) })
}

// answer calls what a path does on the method of the request.
func (m methods) answer(x *exchange) error {
	if m == nil {
		return refuse(contract.NotFound, "there is no %s", x.URL.Path)
	}
	method := x.Method
	if method == http.MethodHead {
		method = http.MethodGet // whose body is not sent
	}
	do, ok := m[method]
	if !ok {
		var allowed []string
		for method := range m {
			allowed = append(allowed, method)
		}
		slices.Sort(allowed)
		f := refuse(contract.InvalidRequest, "%s is not a method of %s, which has %s", x.Method, x.URL.Path, strings.Join(allowed, " and "))
		f.Status, f.allow = http.StatusMethodNotAllowed, strings.Join(allowed, ", ")
		return f
	}
	return do(x)
}

// in answers a path below a world.
func (s *server) in(do func(*world, *exchange) error) func(*exchange) error {
	return func(x *exchange) error {
		w := s.worlds[address{x.PathValue("environment"), x.PathValue("plugin")}]
		if w == nil {
			return refuse(contract.UnknownPlugin, "there is no plugin %q in an environment %q here", x.PathValue("plugin"), x.PathValue("environment"))
		}
		x.now = w.Now
		return do(w, x)
	}
}

// straight says whether a path is as it is read: one with empty, . or .. elements would be
// sent elsewhere.
func straight(p string) bool {
	return p == "/" || strings.HasPrefix(p, "/") && path.Clean(p) == strings.TrimSuffix(p, "/") && !strings.HasSuffix(p, "/")
}

// at is the time of the answer.
func (x *exchange) at() time.Time { return x.now().UTC() }

// answer sends v.
func (x *exchange) answer(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("the answer cannot be written in JSON: %w", err)
	}
	x.send(status, contract.JSON, append(body, '\n'))
	return nil
}

// send sends a body. Whoever cannot read it has gone, and there is nobody to tell.
func (x *exchange) send(status int, kind string, body []byte) {
	h := x.to.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	x.to.WriteHeader(status)
	_, _ = x.to.Write(body)
}

// taken is the answer where there is nothing else to say.
func (x *exchange) taken(status int) error { return x.answer(status, contract.Taken{At: x.at()}) }

// asked is a header of the request.
func (x *exchange) asked(name string) string { return x.Header.Get(name) }

// number is a number of the query, at least least; otherwise, where it is not there.
func (x *exchange) number(name string, least, otherwise int64) (int64, error) {
	text := x.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least {
		return 0, refuse(contract.InvalidRequest, "%s is %q, and not a whole number from %d on", name, text, least)
	}
	return n, nil
}

// limit is how many items the page may have.
func (x *exchange) limit() (int, error) {
	n, err := x.number("limit", 1, contract.DefaultPage)
	return int(min(n, int64(x.limits.Page))), err
}
