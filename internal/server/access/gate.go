package access

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// Store is what a gate needs of the store of a server.
type Store interface {
	store.Tokens
	store.Audits
	// Secret is one that all servers on the store share.
	Secret(ctx context.Context, name string) ([]byte, error)
}

// Gate finds out who comes. It may be used by several at once.
type Gate struct {
	set     Settings
	store   Store
	now     func() time.Time
	limits  *limits
	issuers []*issuer
	origin  *http.CrossOriginProtection
	// ended are sessions that were logged out of, and states of logins that were used.
	ended *recent[struct{}]

	mu      sync.Mutex
	sealing map[string]*sealer
}

// New makes a gate. It reads no files and reaches nobody. The error is s.Check's.
func New(s Settings, st Store, now func() time.Time) (*Gate, error) {
	if ps := s.Check(); len(ps) > 0 {
		return nil, ps
	}
	g := &Gate{
		set: s, store: st, now: now, limits: newLimits(s.Limits), origin: http.NewCrossOriginProtection(),
		ended: newRecent[struct{}](mostRemembered), sealing: map[string]*sealer{},
	}
	if g.set.Session == 0 {
		g.set.Session = UsualSession
	}
	if s.ExternalURL != "" { // what a proxy in front makes of the host does not matter
		if err := g.origin.AddTrustedOrigin(strings.TrimSuffix(s.ExternalURL, "/")); err != nil {
			return nil, fmt.Errorf("server.external_url: %w", err)
		}
	}
	for _, i := range s.Issuers {
		own, err := newIssuer(i, now)
		if err != nil {
			return nil, err
		}
		g.issuers = append(g.issuers, own)
	}
	return g, nil
}

// Close lets connections to issuers go.
func (g *Gate) Close() {
	for _, i := range g.issuers {
		i.close()
	}
}

// Authenticate says who sent a request: the bearer of its token, or else whose session its
// cookie is, or else whom its client certificate stands for, or else, where that is allowed,
// anybody. The error is an *UnauthenticatedError, a *TooManyError or an *UnavailableError.
func (g *Gate) Authenticate(r *http.Request) (*Actor, error) {
	now, from := g.now(), g.limits.from(r)
	actor, err := g.identify(r, from, now)
	if err != nil {
		return nil, err
	}
	key := actor.Name
	if actor.Means == ByNothing {
		key = " " + from // no actor's name begins so
	}
	if err := g.limits.mayAsk(key, now); err != nil {
		return nil, err
	}
	return actor, nil
}

func (g *Gate) identify(r *http.Request, from string, now time.Time) (*Actor, error) {
	if said := r.Header.Values("Authorization"); len(said) > 0 {
		text, err := bearer(said)
		if err != nil {
			return nil, err
		}
		return g.try(r.Context(), text, from, now)
	}
	actor, why := g.session(r, now)
	if actor != nil {
		return actor, nil
	}
	var away *UnavailableError
	if errors.As(why, &away) {
		return nil, why
	}
	actor, whyNot := g.certificate(r, now)
	if actor != nil {
		return actor, nil
	}
	switch {
	case g.set.Anonymous == Read:
		return &Actor{Name: "anybody", Grants: []Grant{{Role: Read}}, Means: ByNothing}, nil
	case why != nil:
		return nil, why
	case whyNot != nil:
		return nil, whyNot
	}
	return nil, unknown("the request has no credentials: it has to bear a token")
}

// mostCredentials is how many bytes a token may have; those of CI systems have two thousand.
const mostCredentials = 16 << 10

// bearer is the token of a header.
func bearer(said []string) (string, error) {
	if len(said) > 1 {
		return "", unknown("the request has %d Authorization headers", len(said))
	}
	scheme, text, _ := strings.Cut(said[0], " ")
	text = strings.TrimSpace(text)
	switch {
	case !strings.EqualFold(scheme, "Bearer"):
		return "", unknown("the Authorization header is not of the scheme Bearer")
	case text == "":
		return "", unknown("the Authorization header has no token")
	case len(text) > mostCredentials:
		return "", unknown("the token has %d bytes, and none has more than %d", len(text), mostCredentials)
	}
	return text, nil
}

// try finds out who bears a token, unless too many attempts of the address have failed.
func (g *Gate) try(ctx context.Context, text, from string, now time.Time) (*Actor, error) {
	hash := HashOf(text)
	if err := g.limits.mayTry(from, string(hash[:]), now); err != nil {
		return nil, err
	}
	actor, err := g.bearer(ctx, text, hash, now)
	var nobody *UnauthenticatedError
	switch {
	case err == nil:
		g.limits.good.first(string(hash[:]))
	case errors.As(err, &nobody):
		g.limits.failed(from, now)
	}
	return actor, err
}

// bearer finds out who bears a token.
func (g *Gate) bearer(ctx context.Context, text string, hash [32]byte, now time.Time) (*Actor, error) {
	return g.named(hash, now, func() (*Actor, error) {
		switch {
		case Formed(text):
			return g.stored(ctx, hash, now)
		case strings.HasPrefix(text, TokenPrefix):
			return nil, unknown("the token is not whole: its checksum does not fit. Copy all of it, from %s on", TokenPrefix)
		case strings.Count(text, ".") == 2 && len(g.issuers) > 0:
			return g.identity(ctx, text, now)
		}
		return nil, unknown("the token is not one of this server's")
	})
}

// owner finds out whose the token of a hash is.
func (g *Gate) owner(ctx context.Context, hash [32]byte, now time.Time) (*Actor, error) {
	return g.named(hash, now, func() (*Actor, error) { return g.stored(ctx, hash, now) })
}

// named finds out who bears a token that the configuration names, or else one that others
// know. A file of the configuration that cannot be read is in the way of nobody else.
func (g *Gate) named(hash [32]byte, now time.Time, others func() (*Actor, error)) (*Actor, error) {
	actor, why := g.configured(hash, now)
	var away *UnavailableError
	if actor != nil || why != nil && !errors.As(why, &away) {
		return actor, why
	}
	actor, err := others()
	var nobody *UnauthenticatedError
	if why != nil && errors.As(err, &nobody) {
		return nil, why // it may be the one that cannot be read
	}
	return actor, err
}
