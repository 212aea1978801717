package access

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func TestLoginByToken(t *testing.T) {
	r := newRig(t, Settings{ExternalURL: site, Limits: Limits{FailuresPerMinute: 3}})
	text, kept := r.add("anna", morning.Add(20*time.Hour), Grant{Role: Operate})
	b := r.browser()
	resp := b.ask("POST", "/login", asForm, url.Values{"token": {text}, "next": {"/rollouts?a=b"}}.Encode())
	if resp.Code != http.StatusSeeOther || resp.Header().Get("Location") != "/rollouts?a=b" || resp.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", resp.Code, resp.Header())
	}
	c := b.cookies["__Host-hotswap_session"]
	if c == nil || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 12*3600 || strings.Contains(c.Value, text) {
		t.Fatalf("%+v", c)
	}
	name := "token anna (" + kept.ID + ")"
	if a := r.known(b.page("GET", "same-origin"), name); a.Means != BySession || !a.May(Operate, "QA") {
		t.Errorf("%+v", a)
	}
	if a := r.shelf.audits; len(a) != 1 || a[0].Actor != name || a[0].Action != "login" {
		t.Errorf("%+v", a)
	}
	r.known(b.page("POST", "same-origin"), name)
	r.known(b.page("GET", "cross-site"), name) // a link from elsewhere
	r.refused(b.page("POST", "cross-site"), "the request comes from another site's page, for which the session does not count")
	r.refused(b.page("DELETE", "same-site"), "the request comes from another site's page, for which the session does not count")
	r.pass(12 * time.Hour)
	r.refused(b.page("GET", "same-origin"), "the session ended on 2026-11-27T20:00:00Z: log in again")

	if resp := b.ask("POST", "/login", asJSON, `{"token": "`+text+`"}`); resp.Code != http.StatusNoContent {
		t.Fatal(resp.Code)
	}
	r.known(b.page("GET", "same-origin"), name)
	if err := r.shelf.RemoveToken(t.Context(), kept.ID); err != nil {
		t.Fatal(err)
	}
	r.refused(b.page("GET", "same-origin"), "the session ended with its token: the token is not one of this server's: it may have been removed")
	if err := r.shelf.AddToken(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	copied := *b.cookies["__Host-hotswap_session"]
	if resp := b.ask("POST", "/logout", asForm, ""); resp.Code != http.StatusSeeOther || len(b.cookies) > 0 {
		t.Fatal(resp.Code, b.cookies)
	}
	b.cookies[copied.Name] = &copied
	r.refused(b.page("GET", "same-origin"), "the session was logged out of: log in again")
}

func TestLoginsThatAreRefused(t *testing.T) {
	r := newRig(t, Settings{ExternalURL: site, Limits: Limits{FailuresPerMinute: 3}})
	text, _ := r.add("anna", time.Time{}, everything...)
	b := r.browser()
	good := url.Values{"token": {text}}.Encode()
	b.told(b.ask("POST", "/login", asForm, ""), 401, "the login has no token")
	b.told(b.ask("POST", "/login", "text/plain", good), 401, "the login is neither a form nor JSON")
	b.told(b.ask("POST", "/login", asJSON, "[]"), 401, "the login is not a JSON object with a token")
	b.told(b.ask("POST", "/login", asForm, strings.Repeat("a", 70<<10)), 401, "has more than 65536 bytes")
	b.told(b.ask("POST", "/login", asForm, good, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }), 401, "the request comes from another site's page")
	for range 3 {
		b.told(b.ask("POST", "/login", asForm, "token=guess"), 401, "the token is not one of this server's")
	}
	resp := b.ask("POST", "/login", asForm, good)
	b.told(resp, 429, "too many attempts from this address have failed")
	if resp.Header().Get("Retry-After") != "20" {
		t.Error(resp.Header())
	}
	b.told(b.ask("GET", "/login/oidc", "", ""), 401, "there is no issuer of that name to log in at")
}

func TestWithin(t *testing.T) {
	for next, want := range map[string]string{
		"/": "/", "/a?b=c#d": "/a?b=c#d", "": "/", "a": "/", "//evil.example.com": "/", "/\\evil.example.com": "/", "https://evil.example.com": "/",
		"/%2f/evil": "/", "/a\r\nSet-Cookie: x": "/", "javascript:alert(1)": "/", "/\tx": "/", "///evil": "/",
	} {
		if got := within(next); got != want {
			t.Errorf("%q leads to %q", next, got)
		}
	}
}

func TestCookieWithoutTLS(t *testing.T) {
	r := newRig(t, Settings{})
	text, _ := r.add("anna", time.Time{}, everything...)
	req := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8700/login", strings.NewReader("token="+text))
	req.Header.Set("Content-Type", asForm)
	w := httptest.NewRecorder()
	r.Login(nil).ServeHTTP(w, req)
	if c := cookiesOf(w)[0]; c.Name != "hotswap_session" || c.Secure || !c.HttpOnly {
		t.Errorf("%+v", c)
	}
}

// people is an issuer that people log in at.
func people(t *testing.T, p *idp) Settings {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("s:cret/hunter3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	i := p.as(Rule{Claims: map[string]string{"groups": "sre"}, Grants: []Grant{{Role: Operate}}})
	i.Name, i.Label, i.Login = "company", "", &Login{ClientID: "the client", SecretFile: secret, Scopes: []string{"email"}}
	return Settings{ExternalURL: site, Issuers: []Issuer{i}}
}

// depart leads to the issuer, and gives what it was asked.
func (b *browser) depart(next string) url.Values {
	b.t.Helper()
	resp := b.ask("GET", "/login/oidc?next="+url.QueryEscape(next), "", "")
	to, err := url.Parse(resp.Header().Get("Location"))
	if err != nil || resp.Code != http.StatusFound {
		b.t.Fatal(resp.Code, err)
	}
	return to.Query()
}

// anna is the identity token of anna, for a login.
func anna(p *idp, q url.Values, more jwt.MapClaims) string {
	c := jwt.MapClaims{"aud": "the client", "sub": "u1", "nonce": q.Get("nonce"), "email": "anna@example.com", "email_verified": true, "groups": []string{"sre"}, "repository": nil}
	for name, v := range more {
		c[name] = v
	}
	return p.job(c)
}

func TestLoginAtAnIssuer(t *testing.T) {
	p := newIDP(t)
	r := newRig(t, people(t, p))
	b := r.browser()
	if got := r.LoginIssuers(); len(got) != 1 || got[0] != "company" {
		t.Error(got)
	}
	q := b.depart("/rollouts")
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "the client", "redirect_uri": site + "/login/callback", "scope": "openid email", "code_challenge_method": "S256", "tenant": "1",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q instead of %q", name, q.Get(name), want)
		}
	}
	if c := b.cookies["__Host-hotswap_login"]; c == nil || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || strings.Contains(c.Value, q.Get("state")) {
		t.Errorf("%+v", c)
	}
	p.codes["code"] = anna(p, q, nil)
	left := *b.cookies["__Host-hotswap_login"]
	back := "/login/callback?code=code&state=" + q.Get("state")
	resp := b.ask("GET", back, "", "")
	if resp.Code != http.StatusSeeOther || resp.Header().Get("Location") != "/rollouts" || b.cookies["__Host-hotswap_login"] != nil {
		t.Fatalf("%d %v %s", resp.Code, resp.Header(), resp.Body)
	}
	form := p.forms[0]
	challenge := sha256.Sum256([]byte(form.Get("code_verifier")))
	if base64.RawURLEncoding.EncodeToString(challenge[:]) != q.Get("code_challenge") || form.Get("redirect_uri") != site+"/login/callback" || form.Has("client_secret") {
		t.Error(form)
	}
	if p.users[0] != "the+client:s%3Acret%2Fhunter3" {
		t.Error(p.users)
	}
	a := r.known(b.page("POST", "same-origin"), "anna@example.com on company")
	if a.Means != BySession || !a.May(Operate, "QA") || a.May(Admin, "") {
		t.Errorf("%+v", a)
	}

	// The same way back, again, leads nowhere: not even with another code.
	other := r.browser()
	other.cookies[left.Name] = &left
	p.codes["code"] = anna(p, q, nil)
	other.told(other.ask("GET", back, "", ""), 401, "this login was used already: begin again")

	// Other rules than those that she was let in by end her session.
	set := people(t, p)
	set.Issuers[0].Rules[0].Claims = map[string]string{"groups": "dev"}
	changed := newRig(t, set)
	changed.refused(b.page("GET", "same-origin"), "the session ended when the configuration of its issuer changed: log in again")
}

func TestSecretInTheForm(t *testing.T) {
	p := newIDP(t)
	p.methods = []string{"client_secret_post"}
	r := newRig(t, people(t, p))
	b := r.browser()
	q := b.depart("")
	p.codes["code"] = anna(p, q, nil)
	if resp := b.ask("GET", "/login/callback?code=code&state="+q.Get("state"), "", ""); resp.Code != http.StatusSeeOther {
		t.Fatal(resp.Code)
	}
	if form := p.forms[0]; form.Get("client_id") != "the client" || form.Get("client_secret") != "s:cret/hunter3" || p.users[0] != ":" {
		t.Error(form, p.users)
	}
}

func TestWaysBackThatAreRefused(t *testing.T) {
	p := newIDP(t)
	for _, c := range []struct {
		name, query string
		token       jwt.MapClaims
		change      func(*browser)
		status      int
		want        string
	}{
		{"another state", "code=code&state=x", nil, nil, 401, "is another one than this browser began"},
		{"no state", "code=code", nil, nil, 401, "is another one than this browser began"},
		{"no cookie", "", nil, func(b *browser) { clear(b.cookies) }, 401, "no login is under way in this browser"},
		{"a cookie of somebody's own making", "", nil, func(b *browser) { b.cookies["__Host-hotswap_login"].Value = "e30" }, 401, "no login is under way in this browser"},
		{"too late", "", nil, func(b *browser) { b.pass(departureTime) }, 401, "it took longer than 10m0s"},
		{"turned down", "error=access_denied&error_description=hunter2&state=S", nil, nil, 401, `the issuer company did not let you in: \"access_denied\"`},
		{"no code", "state=S", nil, nil, 401, "the issuer company sent no code"},
		{"another code", "code=x&state=S", nil, nil, 401, `the issuer company did not take the code: \"invalid_grant\"`},
		{"another nonce", "", jwt.MapClaims{"nonce": "x"}, nil, 401, "the identity token is of another login"},
		{"no nonce", "", jwt.MapClaims{"nonce": nil}, nil, 401, "the identity token is of another login"},
		{"a token for requests", "", jwt.MapClaims{"aud": "hotswap"}, nil, 401, "and not for this server, which is"},
		{"for two clients", "", jwt.MapClaims{"aud": []string{"the client", "x"}, "azp": "x"}, nil, 401, "was made for another client"},
		{"expired", "", jwt.MapClaims{"exp": morning.Add(-time.Hour).Unix()}, nil, 401, "has expired on"},
		{"of no rule", "", jwt.MapClaims{"groups": []string{"dev"}}, nil, 401, "no rule of this server is about anna@example.com on company"},
		{"the issuer is away", "", nil, func(b *browser) { p.away = true }, 503, "the issuer company cannot be asked for a token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.away = false
			r := newRig(t, people(t, p))
			b := r.browser()
			q := b.depart("")
			p.codes["code"] = anna(p, q, c.token)
			if c.change != nil {
				c.change(b)
			}
			if c.query == "" {
				c.query = "code=code&state=S"
			}
			b.told(b.ask("GET", "/login/callback?"+strings.Replace(c.query, "state=S", "state="+q.Get("state"), 1), "", ""), c.status, c.want)
		})
	}
}
