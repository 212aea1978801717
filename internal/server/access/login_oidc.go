package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// departureCookie keeps what a browser that is at an issuer has to come back with.
const departureCookie = "hotswap_login"

// departureTime is how long somebody may take to log in at an issuer.
const departureTime = 10 * time.Minute

// departure is a login that is under way at an issuer.
type departure struct {
	Issuer   string    `json:"issuer"`
	State    string    `json:"state"`    // that comes back in the address
	Nonce    string    `json:"nonce"`    // that comes back in the identity token
	Verifier string    `json:"verifier"` // that shows to the issuer that who asks for the token is who began
	Next     string    `json:"next"`
	Expires  time.Time `json:"expires"`
}

// callback is where issuers lead back to.
func (g *Gate) callback() string {
	return strings.TrimSuffix(g.set.ExternalURL, "/") + "/login/callback"
}

// loginIssuer is the issuer of a name that people can log in at; the only one for "".
func (g *Gate) loginIssuer(name string) (*issuer, error) {
	var found []*issuer
	for _, i := range g.issuers {
		if i.Login != nil && (name == "" || i.Name == name) {
			found = append(found, i)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case name == "" && len(found) > 1:
		return nil, unknown("there are several issuers to log in at: name one, of %s", strings.Join(g.LoginIssuers(), ", "))
	}
	return nil, unknown("there is no issuer of that name to log in at")
}

// leave leads a browser to an issuer.
func (g *Gate) leave(w http.ResponseWriter, r *http.Request) error {
	i, err := g.loginIssuer(r.FormValue("issuer"))
	if err != nil {
		return err
	}
	to, err := i.door(r.Context())
	if err != nil {
		return err
	}
	d := departure{
		Issuer: i.Name, State: rand.Text(), Nonce: rand.Text(), Verifier: rand.Text() + rand.Text(), Next: within(r.FormValue("next")), Expires: g.now().Add(departureTime),
	}
	own, err := g.sealedFor(r.Context(), departureCookie)
	if err != nil {
		return err
	}
	value, err := own.seal(d)
	if err != nil || len(value) > mostCookie-200 {
		return unknown("next is too long")
	}
	http.SetCookie(w, g.cookie(r, departureCookie, value, d.Expires))
	challenge := sha256.Sum256([]byte(d.Verifier))
	q := to.Query()
	for name, v := range map[string]string{
		"response_type": "code", "client_id": i.Login.ClientID, "redirect_uri": g.callback(), "scope": strings.Join(append([]string{"openid"}, i.Login.Scopes...), " "),
		"state": d.State, "nonce": d.Nonce, "code_challenge": base64.RawURLEncoding.EncodeToString(challenge[:]), "code_challenge_method": "S256",
	} {
		q.Set(name, v)
	}
	to.RawQuery = q.Encode()
	http.Redirect(w, r, to.String(), http.StatusFound)
	return nil
}

// door is where people log in at an issuer.
func (i *issuer) door(ctx context.Context) (*url.URL, error) {
	known, err := i.about(ctx, func(m *metadata) bool { return m.Authorization != "" && m.Token != "" })
	if err != nil {
		return nil, err
	}
	if known == nil || known.Authorization == "" || known.Token == "" {
		return nil, &UnavailableError{"nobody can log in at " + i.Name + " now", i.why()}
	}
	to, err := url.Parse(known.Authorization)
	if err != nil || to.Host == "" || to.Scheme != "https" && !i.AllowHTTP {
		return nil, &UnavailableError{"nobody can log in at " + i.Name, errors.New("its authorization_endpoint is no https address")}
	}
	return to, nil
}

// comeBack begins a session for who comes back from an issuer.
func (g *Gate) comeBack(w http.ResponseWriter, r *http.Request) error {
	var d departure
	there, err := g.sealed(r, departureCookie, &d)
	if err != nil {
		return err
	}
	http.SetCookie(w, g.cookie(r, departureCookie, "", g.now()))
	now, q := g.now(), r.URL.Query()
	switch {
	case !there || !now.Before(d.Expires):
		return unknown("no login is under way in this browser, or it took longer than %s: begin again", departureTime)
	case subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(d.State)) != 1:
		return unknown("the login that comes back is another one than this browser began: begin again")
	case !g.ended.first(d.State):
		return unknown("this login was used already: begin again")
	case q.Get("error") != "":
		return unknown("the issuer %s did not let you in: %s", d.Issuer, quoted([]string{q.Get("error")}))
	case q.Get("code") == "":
		return unknown("the issuer %s sent no code", d.Issuer)
	}
	i, err := g.loginIssuer(d.Issuer)
	if err != nil {
		return err
	}
	c, err := g.redeem(r.Context(), i, &d, q.Get("code"))
	if err != nil {
		return err
	}
	actor, err := i.actor(c)
	if err != nil {
		return err
	}
	if err := g.begin(w, r, actor, session{Name: actor.Name, Grants: actor.Grants, Issuer: i.digest()}); err != nil {
		return err
	}
	http.Redirect(w, r, within(d.Next), http.StatusSeeOther)
	return nil
}

// redeem gets the identity token of a code, and checks that it is for this login.
func (g *Gate) redeem(ctx context.Context, i *issuer, d *departure, code string) (claims, error) {
	token, err := i.exchange(ctx, g.callback(), d.Verifier, code)
	if err != nil {
		return nil, err
	}
	c, err := i.verify(ctx, token, []string{i.Login.ClientID}, g.now())
	if err != nil {
		return nil, err
	}
	if by, there := c["azp"]; there && by != i.Login.ClientID {
		return nil, unknown("the identity token was made for another client")
	}
	if subtle.ConstantTimeCompare([]byte(c.text("nonce")), []byte(d.Nonce)) != 1 {
		return nil, unknown("the identity token is of another login: begin again")
	}
	return c, nil
}
