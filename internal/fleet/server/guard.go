package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// answering makes a handler of a function that may fail.
func (s *server) answering(do func(*call) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &call{Exchange: &exchange.Exchange{Request: r, To: w, Clock: s.Now}, limits: s.Limits, shelf: s.shelf}
		if err := do(x); err != nil {
			x.Fail(err)
		}
	})
}

// guarded answers what all paths have in common: those that no request should have, and
// handlers that panic.
func (s *server) guarded(next http.Handler) http.Handler {
	crooked := s.authenticated(s.serve(nil))
	return exchange.Recovering(s.Now, s.Log, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !exchange.Straight(r.URL.Path) {
			crooked.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// authenticated lets those through who bear the token, and not too many at once.
func (s *server) authenticated(next http.Handler) http.Handler {
	return s.answering(func(x *call) error {
		if err := s.allow(x.Asked("Authorization")); err != nil {
			return err
		}
		select {
		case s.slots <- struct{}{}:
		default:
			return exchange.Refuse(contract.Busy, "%d requests are under way, and more are not taken", s.AtOnce)
		}
		defer func() { <-s.slots }()
		next.ServeHTTP(x.To, x.Request)
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
		return exchange.Refuse(contract.Unavailable, "the token cannot be checked now")
	}
	scheme, got, _ := strings.Cut(credentials, " ")
	if got = strings.TrimSpace(got); got == "" || !strings.EqualFold(scheme, "Bearer") {
		return exchange.Refuse(contract.Unauthenticated, "the request has no bearer token")
	}
	a, b := sha256.Sum256([]byte(want)), sha256.Sum256([]byte(got))
	if subtle.ConstantTimeCompare(a[:], b[:]) != 1 || want == "" {
		return exchange.Refuse(contract.Unauthenticated, "the bearer token is not the one that is wanted here")
	}
	return nil
}
