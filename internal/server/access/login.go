package access

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Login answers what the login of a page needs:
//
//	POST /login           a token, as a form or JSON (token, next), begins a session
//	GET  /login/oidc      leads to an issuer (issuer, next)
//	GET  /login/callback  is where the issuer leads back to, and begins a session
//	POST /logout          ends the session
//
// It answers a form with a redirect, JSON with 204, and what goes wrong with what fail
// writes; nil: a problem of RFC 9457.
func (g *Gate) Login(fail func(http.ResponseWriter, *http.Request, error)) http.Handler {
	if fail == nil {
		fail = problem
	}
	mux := http.NewServeMux()
	for pattern, do := range map[string]func(http.ResponseWriter, *http.Request) error{
		"POST /login": g.loginByToken, "GET /login/oidc": g.leave, "GET /login/callback": g.comeBack, "POST /logout": g.logout,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			if err := do(w, r); err != nil {
				fail(w, r, err)
			}
		})
	}
	return mux
}

// LoginIssuers are the names of those by whom people can log in.
func (g *Gate) LoginIssuers() []string {
	var names []string
	for _, i := range g.issuers {
		if i.Login != nil {
			names = append(names, i.Name)
		}
	}
	return names
}

// problem answers with what went wrong.
func problem(w http.ResponseWriter, _ *http.Request, err error) {
	status, detail := http.StatusInternalServerError, "the server has a fault"
	var (
		nobody *UnauthenticatedError
		often  *TooManyError
		away   *UnavailableError
	)
	switch {
	case errors.As(err, &nobody):
		status, detail = http.StatusUnauthorized, nobody.Reason
		w.Header().Set("WWW-Authenticate", "Bearer")
	case errors.As(err, &often):
		status, detail = http.StatusTooManyRequests, often.Error()
		w.Header().Set("Retry-After", strconv.Itoa(often.Seconds()))
	case errors.As(err, &away):
		status, detail = http.StatusServiceUnavailable, away.What
	}
	body, err := json.Marshal(map[string]any{"title": http.StatusText(status), "status": status, "detail": engine.Visible(detail)})
	if err != nil {
		panic("access: " + err.Error()) // they are plain values
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // who has gone needs no answer
}

// mostForm is how large the body of a login may be.
const mostForm = 64 << 10

// wish is what somebody who logs in sends.
type wish struct {
	Token string `json:"token"`
	Next  string `json:"next"`
	json  bool
}

func readWish(r *http.Request) (wish, error) {
	var v wish
	body, err := io.ReadAll(io.LimitReader(r.Body, mostForm+1))
	if err != nil || len(body) > mostForm {
		return v, unknown("the login cannot be read, or has more than %d bytes", mostForm)
	}
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind {
	case "application/json":
		v.json = true
		if json.Unmarshal(body, &v) != nil {
			return v, unknown("the login is not a JSON object with a token")
		}
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return v, unknown("the login is not a form with a token")
		}
		v.Token, v.Next = form.Get("token"), form.Get("next")
	default:
		return v, unknown("the login is neither a form nor JSON")
	}
	v.Token = strings.TrimSpace(v.Token)
	if v.Token == "" || len(v.Token) > mostCredentials {
		return v, unknown("the login has no token")
	}
	return v, nil
}

// loginByToken begins a session with a token. Identity tokens begin none: they are short-lived.
func (g *Gate) loginByToken(w http.ResponseWriter, r *http.Request) error {
	if err := g.ownPage(r); err != nil {
		return err
	}
	v, err := readWish(r)
	if err != nil {
		return err
	}
	now, hash := g.now(), HashOf(v.Token)
	actor, err := g.try(r.Context(), v.Token, g.limits.from(r), now)
	if err != nil {
		return err
	}
	if actor.Means != ByToken {
		return unknown("a session begins with a token of this server's, or at an issuer: an identity token is for requests")
	}
	if err := g.begin(w, r, actor, session{Token: hash[:]}); err != nil {
		return err
	}
	if v.json {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, within(v.Next), http.StatusSeeOther)
	return nil
}

// ownPage refuses what another site's page asks: it would log somebody in as somebody else.
func (g *Gate) ownPage(r *http.Request) error {
	if g.origin.Check(r) != nil {
		return unknown("the request comes from another site's page")
	}
	return nil
}

// logout ends the session. A cookie that was copied before is good for nothing on this server
// any more.
func (g *Gate) logout(w http.ResponseWriter, r *http.Request) error {
	if err := g.ownPage(r); err != nil {
		return err
	}
	var s session
	if there, err := g.sealed(r, sessionCookie, &s); err == nil && there {
		g.ended.first(s.ID)
	}
	http.SetCookie(w, g.cookie(r, sessionCookie, "", g.now()))
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// within is a path of this server to go on to, or its page: a login leads nowhere else.
func within(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsAny(next, "\\\r\n\t") || strings.HasPrefix(u.Path, "//") {
		return "/"
	}
	return next
}
