package exchange

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// logged is what is logged of a request beside its first line.
type logged struct {
	id      string
	problem *contract.Problem // nil: none
}

// loggedKey is where a request's context has it.
type loggedKey struct{}

// note lets the problem be logged.
func (x *Exchange) note(p *contract.Problem) {
	if l, ok := x.Context().Value(loggedKey{}).(*logged); ok {
		l.problem = p
	}
}

// Identified gives each request its id, and logs it when it was answered.
func Identified(now func() time.Time, to *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l := &logged{id: requestID(r.Header.Get("X-Request-Id"))}
		w.Header().Set("X-Request-Id", l.id)
		counted := &counter{ResponseWriter: w, status: http.StatusOK}
		begun := now()
		next.ServeHTTP(counted, r.WithContext(context.WithValue(r.Context(), loggedKey{}, l)))
		log(to, r, l, counted, now().Sub(begun))
	})
}

// log writes a line about a request: as an error where the server has a fault, as a
// warning where anything else went wrong, and otherwise for those who look closely.
// Headers, queries and bodies are never in it.
func log(to *slog.Logger, r *http.Request, l *logged, c *counter, took time.Duration) {
	level := slog.LevelDebug
	attrs := []slog.Attr{
		slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", c.status), slog.Int64("bytes", c.bytes),
		slog.Duration("took", took), slog.String("request_id", l.id), slog.String("remote", r.RemoteAddr),
	}
	if p := l.problem; p != nil {
		switch gone := r.Context().Err() != nil; { // who went away while they waited is no fault
		case gone:
		case c.status >= http.StatusInternalServerError && p.Reason != contract.NotSupported:
			level = slog.LevelError
		default:
			level = slog.LevelWarn
		}
		attrs = append(attrs, slog.String("reason", string(p.Reason)), slog.String("detail", p.Detail))
	}
	to.LogAttrs(r.Context(), level, "request", attrs...)
}

// RequestID is the id of a request that was identified; "": it was not.
func RequestID(r *http.Request) string {
	if l, ok := r.Context().Value(loggedKey{}).(*logged); ok {
		return l.id
	}
	return ""
}

// mostID is how many bytes an id of a request may have to be told back.
const mostID = 128

// requestID is the id that came, or a new one where none came that can be told back.
func requestID(came string) string {
	plain := came != "" && len(came) <= mostID
	for i := range len(came) {
		plain = plain && came[i] > ' ' && came[i] < 0x7f
	}
	if plain {
		return came
	}
	return rand.Text()
}

// counter counts what is sent.
type counter struct {
	http.ResponseWriter
	status int
	bytes  int64
	begun  bool
}

// WriteHeader implements http.ResponseWriter.
func (c *counter) WriteHeader(status int) {
	if !c.begun {
		c.status, c.begun = status, true
	}
	c.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (c *counter) Write(b []byte) (int, error) {
	c.begun = true
	n, err := c.ResponseWriter.Write(b)
	c.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController find what is behind.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }
