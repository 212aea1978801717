package access

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func TestIdentityTokens(t *testing.T) {
	p := newIDP(t)
	r := newRig(t, Settings{Issuers: []Issuer{p.as()}})
	a := r.known(bearing(p.job(nil)), "octo/shop on ci")
	if !a.May(Operate, "Production") || a.May(Admin, "") || a.Means != ByIdentity {
		t.Errorf("%+v", a)
	}
	r.known(bearing(sign(t, jwt.SigningMethodES256, "e1", p.keys["e1"], p.usual(jwt.MapClaims{"aud": []string{"x", "hotswap"}}))), "octo/shop on ci")
	r.known(bearing(sign(t, jwt.SigningMethodES256, "", p.keys["e1"], p.usual(nil))), "octo/shop on ci")
	r.known(bearing(p.job(jwt.MapClaims{"exp": morning.Add(-59 * time.Second).Unix()})), "octo/shop on ci") // clocks differ
	r.known(bearing(p.job(jwt.MapClaims{"nbf": morning.Add(59 * time.Second).Unix()})), "octo/shop on ci")
	if n := p.asked.Load(); n != 1 {
		t.Errorf("it was asked for its keys %d times", n)
	}
}

func TestForgedIdentityTokens(t *testing.T) {
	p := newIDP(t)
	public, err := x509.MarshalPKIXPublicKey(rsaKey().Public())
	if err != nil {
		t.Fatal(err)
	}
	pemKey := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	whole := strings.Split(p.job(nil), ".")
	other, err := json.Marshal(p.usual(jwt.MapClaims{"environment": "x"}))
	if err != nil {
		t.Fatal(err)
	}
	signature := "the identity token's signature is wrong"
	for _, c := range []struct{ name, token, want string }{
		{"for somebody else", p.job(jwt.MapClaims{"aud": "elsewhere"}), `the identity token is for "elsewhere", and not for this server, which is "other", "hotswap"`},
		{"for nobody", p.job(jwt.MapClaims{"aud": nil}), `the identity token is for nobody, and not for this server, which is "other", "hotswap"`},
		{"of another issuer", p.job(jwt.MapClaims{"iss": "https://evil.example.com"}), `the identity token is of the issuer "https://evil.example.com", which this server does not know`},
		{"of an issuer with a slash", p.job(jwt.MapClaims{"iss": p.URL + "/"}), `the identity token is of the issuer "` + p.URL + `/", which this server does not know`},
		{"unsigned", sign(t, jwt.SigningMethodNone, "r1", jwt.UnsafeAllowNoneSignatureType, p.usual(nil)), `the identity token is signed with "none", and only RS256 and ES256 are taken`},
		{"signed with the public key", sign(t, jwt.SigningMethodHS256, "r1", pemKey, p.usual(nil)), `the identity token is signed with "HS256", and only RS256 and ES256 are taken`},
		{"signed otherwise", sign(t, jwt.SigningMethodRS512, "r1", rsaKey(), p.usual(nil)), `the identity token is signed with "RS512", and only RS256 and ES256 are taken`},
		{"signed with another key", sign(t, jwt.SigningMethodRS256, "r1", otherKey(), p.usual(nil)), signature},
		{"signed with a key of another kind", sign(t, jwt.SigningMethodRS256, "e1", rsaKey(), p.usual(nil)), `the identity token is signed with a key "e1", which ` + p.URL + ` does not have`},
		{"signed with an unknown key", sign(t, jwt.SigningMethodRS256, "r2", otherKey(), p.usual(nil)), `the identity token is signed with a key "r2", which ` + p.URL + ` does not have`},
		{"changed", whole[0] + "." + base64.RawURLEncoding.EncodeToString(other) + "." + whole[2], signature},
		{"without a signature", whole[0] + "." + whole[1] + ".", signature},
		{"expired", p.job(jwt.MapClaims{"exp": morning.Add(-time.Minute).Unix()}), "the identity token has expired on 2026-11-27T07:59:00Z"},
		{"for ever", p.job(jwt.MapClaims{"exp": nil}), "the identity token has no exp: it would be good for ever"},
		{"for a word", p.job(jwt.MapClaims{"exp": "never"}), "the identity token is not one of " + p.URL + ": its form or its issuer is another"},
		{"for an age", p.job(jwt.MapClaims{"exp": 1e300}), "the identity token's exp is no time"},
		{"not yet", p.job(jwt.MapClaims{"nbf": morning.Add(61 * time.Second).Unix()}), "the identity token's nbf is 2026-11-27T08:01:01Z, which is to come: one of the clocks is wrong"},
		{"made tomorrow", p.job(jwt.MapClaims{"iat": morning.Add(24 * time.Hour).Unix()}), "the identity token's iat is 2026-11-28T08:00:00Z, which is to come: one of the clocks is wrong"},
		{"of another repository of the same name", p.job(jwt.MapClaims{"repository_id": "2"}), "no rule of this server is about octo/shop on ci: its claims are others than those of the rules"},
		{"of an id that a float would take for the same", p.job(jwt.MapClaims{"repository_id": json.Number("1234567890123456788")}), "no rule of this server is about octo/shop on ci: its claims are others than those of the rules"},
		{"with no environment", p.job(jwt.MapClaims{"environment": nil}), "no rule of this server is about octo/shop on ci: its claims are others than those of the rules"},
		{"no token", "a.b.c", "the token is no identity token, nor one of this server's"},
		{"no claims", "e30." + base64.RawURLEncoding.EncodeToString([]byte("[]")) + ".", "the token is no identity token, nor one of this server's"},
		{"no header", "[]." + whole[1] + ".", "the identity token has no header"},
		{"unseen letters", p.job(jwt.MapClaims{"repository": "\x1b[2Jx", "repository_id": "2"}), `no rule of this server is about \x1b[2Jx on ci: its claims are others than those of the rules`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, Settings{Issuers: []Issuer{p.as()}})
			r.t = t
			r.refused(bearing(c.token), c.want)
			r.known(bearing(p.job(nil)), "octo/shop on ci")
		})
	}
}

func TestKeysAreRotated(t *testing.T) {
	p := newIDP(t)
	r := newRig(t, Settings{Issuers: []Issuer{p.as()}, Limits: Limits{FailuresPerMinute: 1000, RequestsPerSecond: 1000}})
	old := p.job(nil)
	r.known(bearing(old), "octo/shop on ci")
	p.mu.Lock()
	p.keys = map[string]crypto.Signer{"r2": otherKey()}
	p.mu.Unlock()
	fresh := sign(t, jwt.SigningMethodRS256, "r2", otherKey(), p.usual(nil))
	r.refused(bearing(fresh), `the identity token is signed with a key "r2", which `+p.URL+` does not have`) // it was asked just now
	r.pass(betweenAsks)
	r.known(bearing(fresh), "octo/shop on ci")
	r.refused(bearing(old), `the identity token is signed with a key "r1", which `+p.URL+` does not have`)

	before := p.asked.Load()
	var wg sync.WaitGroup
	for i := range 200 { // whoever makes keys up has nobody asked for them
		wg.Go(func() {
			_, err := r.Authenticate(bearing(sign(t, jwt.SigningMethodRS256, fmt.Sprint("made up ", i), otherKey(), p.usual(nil))))
			if err == nil {
				t.Error("it was let in")
			}
		})
	}
	wg.Wait()
	if n := p.asked.Load() - before; n > 1 {
		t.Errorf("it was asked for its keys %d times", n)
	}
}

func TestIssuerAway(t *testing.T) {
	p := newIDP(t)
	set := Settings{Issuers: []Issuer{p.as()}}
	r := newRig(t, set)
	p.away = true
	_, err := r.Authenticate(bearing(p.job(nil)))
	var away *UnavailableError
	if !errors.As(err, &away) || !strings.HasPrefix(err.Error(), "the issuer ci cannot be asked: "+p.URL+"/.well-known/openid-configuration answered with status 503") {
		t.Fatal(err)
	}
	_, err = r.Authenticate(bearing(p.job(nil))) // it is not asked again at once
	if !errors.As(err, &away) {
		t.Fatal(err)
	}
	p.away = false
	r.pass(betweenAsks)
	r.known(bearing(p.job(nil)), "octo/shop on ci")
	p.away = true
	r.pass(keysGoodFor) // what is known goes on
	r.known(bearing(p.job(jwt.MapClaims{"exp": r.clock().Add(time.Hour).Unix()})), "octo/shop on ci")
	before := p.asked.Load()
	r.pass(betweenAsks)
	p.away = false
	r.known(bearing(p.job(jwt.MapClaims{"exp": r.clock().Add(time.Hour).Unix()})), "octo/shop on ci")
	if p.asked.Load() != before+1 {
		t.Error("it is not asked again")
	}
}

func TestIssuersThatAreWrong(t *testing.T) {
	weak := jwk("r1", rsaKey())
	weak["n"] = base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("\xff", 128)))
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	t.Cleanup(elsewhere.Close)
	for _, c := range []struct {
		name  string
		wrong func(*idp)
		want  string
	}{
		{"another name", func(p *idp) { p.issuer = "https://evil.example.com" }, `says to be "https://evil.example.com": the two have to be the same, to the last slash`},
		{"no keys", func(p *idp) { p.jwks = map[string]any{"keys": []any{}} }, "has no key that RS256 or ES256 can be checked with"},
		{"weak keys", func(p *idp) { p.jwks = map[string]any{"keys": []any{weak}} }, "has no key that RS256 or ES256 can be checked with"},
		{"not JSON", func(p *idp) { p.jwks = "keys" }, "answered with something that is not the JSON that is wanted"},
		{"too much", func(p *idp) { p.jwks = strings.Repeat("x", 2<<20) }, "more than 1048576 bytes"},
		{"a redirect", func(p *idp) { p.redirect = elsewhere.URL }, "answered with status 302"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newIDP(t)
			c.wrong(p)
			r := newRig(t, Settings{Issuers: []Issuer{p.as()}})
			_, err := r.Authenticate(bearing(p.job(nil)))
			var away *UnavailableError
			if !errors.As(err, &away) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v instead of %s", err, c.want)
			}
		})
	}
}

func TestRules(t *testing.T) {
	said := claims{
		"repository_id": "1", "repository_owner_id": json.Number("4711"), "ref": "refs/heads/release/1.2", "ref_protected": true,
		"groups": []any{"dev", "sre"}, "email": "anna@example.com", "job_workflow_ref": "octo/ci/.github/workflows/deploy.yml@refs/heads/main",
	}
	for _, c := range []struct {
		claims, globs map[string]string
		want          bool
	}{
		{nil, nil, false},
		{map[string]string{"repository_id": "1"}, nil, true},
		{map[string]string{"repository_id": "1", "ref": "refs/heads/main"}, nil, false},
		{map[string]string{"repository_owner_id": "4711", "ref_protected": "true"}, nil, true},
		{map[string]string{"ref": "refs/heads/*"}, nil, false}, // a pattern has to be asked for by name
		{map[string]string{"groups": "sre"}, nil, true},
		{map[string]string{"groups": "s"}, nil, false},
		{map[string]string{"nowhere": ""}, nil, false},
		{map[string]string{"email": "anna@example.com"}, nil, false}, // which nobody verified
		{nil, map[string]string{"ref": "refs/heads/*"}, false},
		{nil, map[string]string{"ref": "refs/heads/**"}, true},
		{nil, map[string]string{"ref": "refs/heads/release/*"}, true},
		{nil, map[string]string{"ref": "refs/heads/release/?.?"}, true},
		{nil, map[string]string{"ref": "heads"}, false},
		{nil, map[string]string{"ref": "refs.heads.*"}, false},
		{nil, map[string]string{"email": "*@example.com"}, false},
		{nil, map[string]string{"job_workflow_ref": "octo/ci/.github/workflows/deploy.yml@**"}, true},
		{map[string]string{"repository_id": "2"}, map[string]string{"ref": "**"}, false},
	} {
		r := ready([]Rule{{Claims: c.claims, Globs: c.globs}})[0]
		if got := said.meets(&r); got != c.want {
			t.Errorf("%v %v: %v", c.claims, c.globs, got)
		}
	}
	said["email_verified"] = true
	r := ready([]Rule{{Claims: map[string]string{"email": "anna@example.com"}}})[0]
	if !said.meets(&r) {
		t.Error("an address that was verified is not taken")
	}
}

func TestSystemsOfTheWorld(t *testing.T) {
	const github, gitlab, terraform = "https://token.actions.githubusercontent.com", "https://gitlab.com", "https://app.terraform.io"
	one := func(name, value string) map[string]string { return map[string]string{name: value} }
	for _, c := range []struct {
		issuer        string
		claims, globs map[string]string
		problem       bool
		warnings      int
	}{
		{github, one("repository_id", "1"), nil, false, 0},
		{github, one("repository_owner_id", "1"), one("ref", "**"), false, 0},
		{github, one("repository", "octo/shop"), nil, false, 1},
		{github, one("sub", "repo:octo/shop:ref:refs/heads/main"), nil, false, 1},
		{github, nil, one("sub", "repo:octo/*"), false, 1},
		{github, nil, one("sub", "repo:*"), true, 1},
		{github, nil, one("repository_id", "*"), true, 0},
		{github, one("sub", "environment:production"), nil, true, 1}, // whoever makes up their subjects may have that
		{github, nil, one("sub", "repo:octo*/shop"), true, 1},
		{github, nil, one("repository", "octo/*"), false, 1},
		{github, nil, one("repository", "octo*"), true, 1},
		{github, one("job_workflow_ref", "octo/ci/.github/workflows/deploy.yml@refs/heads/main"), nil, true, 0}, // which others may call
		{github, one("ref_protected", "true"), nil, true, 0},
		{github, one("actor", "anna"), nil, true, 1},
		{gitlab, one("project_id", "1"), one("ref", "*"), false, 0},
		{gitlab, one("project_path", "octo/shop"), nil, false, 1},
		{gitlab, one("ref_protected", "true"), nil, true, 0},
		{"https://gitlab.example.com", one("project_path", "octo/shop"), nil, false, 1},
		{"https://gitlab.example.com", one("ref_protected", "true"), nil, false, 0},
		{terraform, one("terraform_workspace_id", "ws-1"), one("terraform_run_phase", "*"), false, 0},
		{terraform, one("terraform_run_phase", "apply"), nil, true, 0},
		{terraform, one("terraform_workspace_name", "production"), nil, true, 1}, // as anybody may call theirs
		{terraform, one("terraform_organization_name", "acme"), nil, false, 1},
		{terraform, nil, one("sub", "organization:acme:*"), false, 1},
		{"https://accounts.google.com", one("email_verified", "true"), nil, true, 0},
		{"https://accounts.google.com", one("hd", "example.com"), nil, false, 0},
	} {
		s := Settings{Path: "access", Issuers: []Issuer{{Name: "x", URL: c.issuer, Audiences: []string{"a"}, Rules: []Rule{{Claims: c.claims, Globs: c.globs, Grants: everything}}}}}
		if ps := s.Check(); (len(ps) > 0) != c.problem {
			t.Errorf("%s %v %v: %v", c.issuer, c.claims, c.globs, ps)
		}
		if ws := s.Warnings(morning); len(ws) != c.warnings {
			t.Errorf("%s %v %v: %v", c.issuer, c.claims, c.globs, ws)
		}
	}
}
