package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// sessionCookie is the cookie of a login to the page.
const sessionCookie = "hotswap_session"

// session is what the cookie of a login has in it. It names no secret: of a token, the hash.
type session struct {
	ID      string    `json:"id"`
	Expires time.Time `json:"expires"`
	// Token is the hash of the token that it was begun with: what that one may do now, the
	// session may, and where it is gone, so is the session.
	Token []byte `json:"token,omitempty"`
	// Name and Grants are those of a person whom an issuer knows, and Issuer is what the
	// configuration said of it then: where it says something else now, the session ends.
	Name   string  `json:"name,omitempty"`
	Grants []Grant `json:"grants,omitempty"`
	Issuer []byte  `json:"issuer,omitempty"`
}

// digest is what the configuration says of who comes from an issuer.
func (i *issuer) digest() []byte {
	said, err := json.Marshal(struct {
		URL   string
		Rules []Rule
		Login *Login
	}{i.URL, i.Issuer.Rules, i.Login})
	if err != nil {
		panic("access: " + err.Error()) // they are plain values
	}
	sum := sha256.Sum256(said)
	return sum[:]
}

// secure says whether browsers come by HTTPS.
func (g *Gate) secure(r *http.Request) bool {
	return r.TLS != nil || strings.HasPrefix(strings.ToLower(g.set.ExternalURL), "https://")
}

// cookie is a cookie that scripts do not see, and that is sent along only with what this
// server's own pages ask, and when somebody follows a link to them. Strict would lose the
// session on the way back from an issuer, and behind links from elsewhere.
func (g *Gate) cookie(r *http.Request, name, value string, expires time.Time) *http.Cookie {
	c := &http.Cookie{Name: g.cookieName(r, name), Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: g.secure(r)}
	if value == "" {
		c.MaxAge = -1
		return c
	}
	c.Expires, c.MaxAge = expires.UTC(), max(1, int(expires.Sub(g.now()).Seconds()))
	return c
}

// cookieName is that of a cookie. Over HTTPS, no other host and no page without HTTPS can set
// one of its name.
func (g *Gate) cookieName(r *http.Request, name string) string {
	if g.secure(r) {
		return "__Host-" + name
	}
	return name
}

// sealed reads a cookie into v, and says whether there was one of this server's.
func (g *Gate) sealed(r *http.Request, name string, v any) (bool, error) {
	c, err := r.Cookie(g.cookieName(r, name))
	if err != nil || c.Value == "" {
		return false, nil //nolint:nilerr // no cookie is no error
	}
	s, err := g.sealedFor(r.Context(), name)
	if err != nil {
		return false, err
	}
	return s.open(c.Value, v) == nil, nil
}

// session finds out whose session the cookie of a request is; nil: nobody's, and why, where
// there was one. A request that another site's page makes has none.
func (g *Gate) session(r *http.Request, now time.Time) (*Actor, error) {
	var s session
	there, err := g.sealed(r, sessionCookie, &s)
	switch {
	case err != nil || !there:
		return nil, err
	case g.origin.Check(r) != nil:
		return nil, unknown("the request comes from another site's page, for which the session does not count")
	case !now.Before(s.Expires):
		return nil, unknown("the session ended on %s: log in again", s.Expires.UTC().Format(time.RFC3339))
	case g.ended.has(s.ID):
		return nil, unknown("the session was logged out of: log in again")
	}
	return g.holder(r.Context(), &s, now)
}

// holder is whose session s is, as things are now.
func (g *Gate) holder(ctx context.Context, s *session, now time.Time) (*Actor, error) {
	if len(s.Token) == sha256.Size {
		a, err := g.owner(ctx, [32]byte(s.Token), now)
		var nobody *UnauthenticatedError
		if errors.As(err, &nobody) {
			return nil, unknown("the session ended with its token: %s", nobody.Reason)
		}
		if err != nil {
			return nil, err
		}
		a.Means = BySession
		return a, nil
	}
	for _, i := range g.issuers {
		if string(i.digest()) == string(s.Issuer) {
			return &Actor{Name: s.Name, Grants: s.Grants, Means: BySession}, nil
		}
	}
	return nil, unknown("the session ended when the configuration of its issuer changed: log in again")
}

// begin begins a session of somebody.
func (g *Gate) begin(w http.ResponseWriter, r *http.Request, by *Actor, s session) error {
	s.ID, s.Expires = rand.Text(), g.now().Add(g.set.Session)
	own, err := g.sealedFor(r.Context(), sessionCookie)
	if err != nil {
		return err
	}
	value, err := own.seal(s)
	if err != nil {
		return err
	}
	if len(value) > mostCookie-200 { // its name and attributes count too
		return unknown("%s has more grants than a session can keep", by.Name)
	}
	if err := g.Audit(r.Context(), by, store.Audit{Action: "login"}); err != nil {
		return &UnavailableError{"the login cannot be written to the audit log", err}
	}
	http.SetCookie(w, g.cookie(r, sessionCookie, value, s.Expires))
	return nil
}
