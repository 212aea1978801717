// Package exchange is what all our HTTP APIs have in common: a request and its answer in
// JSON, problems with a reason out of a closed list, bodies that are bounded, a line in the
// log, and handlers that may panic.
package exchange

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// Exchange is a request and its answer.
type Exchange struct {
	*http.Request
	To    http.ResponseWriter
	Clock func() time.Time // of the answer
}

// Method is what does a request, of those that a path has; nil as a whole: there is no such
// path. HEAD is GET, whose body is not sent.
func Method[F any](r *http.Request, has map[string]F) (do F, err error) {
	if has == nil {
		return do, Refuse(contract.NotFound, "there is no %s", r.URL.Path)
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	do, ok := has[method]
	if ok {
		return do, nil
	}
	var allowed []string
	for method := range has {
		allowed = append(allowed, method)
	}
	slices.Sort(allowed)
	f := Refuse(contract.InvalidRequest, "%s is not a method of %s, which has %s", r.Method, r.URL.Path, strings.Join(allowed, " and "))
	f.Status, f.Allow = http.StatusMethodNotAllowed, strings.Join(allowed, ", ")
	return do, f
}

// Straight says whether a path is as it is read: one with empty, . or .. elements would be
// sent elsewhere.
func Straight(p string) bool {
	return p == "/" || strings.HasPrefix(p, "/") && path.Clean(p) == strings.TrimSuffix(p, "/") && !strings.HasSuffix(p, "/")
}

// Recovering answers for a handler that panics.
func Recovering(now func() time.Time, log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				log.Error("a handler panicked", "path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				x := &Exchange{Request: r, To: w, Clock: now}
				x.Fail(Refuse(contract.Internal, "the server has a fault: its log has more under the request's id"))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// At is the time of the answer.
func (x *Exchange) At() time.Time { return x.Clock().UTC() }

// Answer sends v.
func (x *Exchange) Answer(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("the answer cannot be written in JSON: %w", err)
	}
	x.Send(status, contract.JSON, append(body, '\n'))
	return nil
}

// Send sends a body. Whoever cannot read it has gone, and there is nobody to tell.
func (x *Exchange) Send(status int, kind string, body []byte) {
	h := x.To.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	x.To.WriteHeader(status)
	_, _ = x.To.Write(body)
}

// Taken is the answer where there is nothing else to say.
func (x *Exchange) Taken(status int) error { return x.Answer(status, contract.Taken{At: x.At()}) }

// Asked is a header of the request.
func (x *Exchange) Asked(name string) string { return x.Header.Get(name) }

// Number is a number of the query, at least least; otherwise, where it is not there.
func (x *Exchange) Number(name string, least, otherwise int64) (int64, error) {
	text := x.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least {
		return 0, Refuse(contract.InvalidRequest, "%s is %q, and not a whole number from %d on", name, text, least)
	}
	return n, nil
}
