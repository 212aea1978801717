package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// answering makes a handler of a function that may fail.
func (s *server) answering(do func(*exchange) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{Request: r, to: w, limits: s.Limits, shelf: s.shelf, now: s.Now}
		if err := do(x); err != nil {
			x.fail(err)
		}
	})
}

// guarded answers what all paths have in common: those that no request should have, and
// handlers that panic.
func (s *server) guarded(next http.Handler) http.Handler {
	crooked := s.authenticated(s.serve(nil))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				s.Log.Error("a handler panicked", "path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				s.answering(func(*exchange) error {
					return refuse(contract.Internal, "the server has a fault: its log has more under the request's id")
				}).ServeHTTP(w, r)
			}
		}()
		if !straight(r.URL.Path) {
			crooked.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// authenticated lets those through who bear the token, and not too many at once.
func (s *server) authenticated(next http.Handler) http.Handler {
	return s.answering(func(x *exchange) error {
		if err := s.allow(x.asked("Authorization")); err != nil {
			return err
		}
		select {
		case s.slots <- struct{}{}:
		default:
			return refuse(contract.Busy, "%d requests are under way, and more are not taken", s.AtOnce)
		}
		defer func() { <-s.slots }()
		next.ServeHTTP(x.to, x.Request)
		return nil
	})
}

// allow says why credentials are not good enough. Tokens are compared by their hashes, in
// a time that tells nothing of either.
func (s *server) allow(credentials string) error {
	if s.Token == nil {
		return nil
	}
	want, err := s.Token()
	if err != nil {
		s.Log.Error("the token cannot be read", "error", err)
		return refuse(contract.Unavailable, "the token cannot be checked now")
	}
	scheme, got, _ := strings.Cut(credentials, " ")
	if got = strings.TrimSpace(got); got == "" || !strings.EqualFold(scheme, "Bearer") {
		return refuse(contract.Unauthenticated, "the request has no bearer token")
	}
	a, b := sha256.Sum256([]byte(want)), sha256.Sum256([]byte(got))
	if subtle.ConstantTimeCompare(a[:], b[:]) != 1 || want == "" {
		return refuse(contract.Unauthenticated, "the bearer token is not the one that is wanted here")
	}
	return nil
}
