package access

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// shelf is a store in memory.
type shelf struct {
	mu     sync.Mutex
	tokens []store.Token
	audits []store.Audit
	used   int
	away   error
}

func (s *shelf) AddToken(_ context.Context, t store.Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = append(s.tokens, t)
	return s.away
}

func (s *shelf) Token(_ context.Context, hash [32]byte) (store.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away != nil {
		return store.Token{}, s.away
	}
	for _, t := range s.tokens {
		if t.Hash == hash {
			return t, nil
		}
	}
	return store.Token{}, store.ErrNoToken
}

func (s *shelf) ListTokens(context.Context) ([]store.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tokens), s.away
}

func (s *shelf) UsedToken(_ context.Context, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used++
	for i := range s.tokens {
		if s.tokens[i].ID == id {
			s.tokens[i].Used = at
		}
	}
	return nil
}

func (s *shelf) RemoveToken(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = slices.DeleteFunc(s.tokens, func(t store.Token) bool { return t.ID == id })
	return nil
}

func (s *shelf) Audit(_ context.Context, a store.Audit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.audits = append(s.audits, a)
	return nil
}

func (s *shelf) ListAudits(context.Context, int64, int) ([]store.Audit, error) { return s.audits, nil }

func (s *shelf) Secret(_ context.Context, name string) ([]byte, error) {
	if s.away != nil {
		return nil, s.away
	}
	hash := HashOf("a secret for " + name)
	return hash[:], nil
}

// rig is a gate, its store, and a clock that stands still.
type rig struct {
	t *testing.T
	*Gate
	shelf *shelf

	mu sync.Mutex
	at time.Time
}

// morning is when tests begin.
var morning = time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)

func newRig(t *testing.T, s Settings) *rig {
	t.Helper()
	r := &rig{t: t, shelf: &shelf{}, at: morning}
	s.Path = "access"
	g, err := New(s, r.shelf, r.clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	r.Gate = g
	return r
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = r.at.Add(d)
}

// add puts a new token into the store, and gives its text.
func (r *rig) add(name string, expires time.Time, grants ...Grant) (string, store.Token) {
	r.t.Helper()
	text, kept, err := NewToken(name, grants, "the test", r.clock(), expires)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.shelf.AddToken(r.t.Context(), kept); err != nil {
		r.t.Fatal(err)
	}
	return text, kept
}

// bearing is a request with a token; "": without one.
func bearing(token string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "http://hotswap.example.com/v1/rollouts", http.NoBody)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

// refused checks why somebody is not known.
func (r *rig) refused(req *http.Request, want string) {
	r.t.Helper()
	a, err := r.Authenticate(req)
	var nobody *UnauthenticatedError
	if !errors.As(err, &nobody) || nobody.Reason != want {
		r.t.Errorf("%+v, %v instead of %q", a, err, want)
	}
}

// known checks who somebody is.
func (r *rig) known(req *http.Request, want string) *Actor {
	r.t.Helper()
	a, err := r.Authenticate(req)
	if err != nil {
		r.t.Fatalf("%v instead of %s", err, want)
	}
	if a.Name != want {
		r.t.Errorf("%s instead of %s", a.Name, want)
	}
	return a
}
