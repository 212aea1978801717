package access

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestNothingSecretIsSaid looks for secrets in all that is said of credentials that are wrong.
func TestNothingSecretIsSaid(t *testing.T) {
	p := newIDP(t)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("too-short"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, Settings{Issuers: []Issuer{p.as()}, Tokens: []ConfiguredToken{{Name: "file", File: file, Grants: everything}}, Limits: Limits{FailuresPerMinute: 10_000}})
	gone, kept := r.add("gone", morning.Add(time.Second), everything...)
	r.pass(time.Minute)
	job := p.job(nil)
	said := ""
	for _, token := range []string{gone, newText(), gone[:40], "hunter2 hunter3", job + "x", job[:len(job)-20], job[20:], "x." + job, strings.Repeat(gone, 400)} {
		for _, scheme := range []string{"Bearer ", "Basic ", ""} {
			req := bearing("")
			req.Header.Set("Authorization", scheme+token)
			a, err := r.Authenticate(req)
			if err == nil {
				t.Fatalf("%s lets %s in", token, a.Name)
			}
			said += fmt.Sprintf("%v %+v %q\n", err, err, err)
			req = bearing("")
			req.Header.Set("Cookie", "hotswap_session="+strings.ReplaceAll(token, " ", ""))
			_, err = r.Authenticate(req)
			said += fmt.Sprintf("%v %+v\n", err, err)
		}
		for from := range len(token) - 12 {
			if part := token[from : from+12]; strings.Contains(said, part) {
				t.Fatalf("%q is said in\n%s", part, said)
			}
		}
	}
	if strings.Contains(said, "too-short") || strings.Contains(said, fmt.Sprintf("%x", kept.Hash)) {
		t.Errorf("a secret is said in\n%s", said)
	}
}

// FuzzToken checks that what is no token is taken for none, whatever it is.
func FuzzToken(f *testing.F) {
	f.Add("hotswap_", "Bearer")
	f.Add(newText(), "bearer")
	f.Add("e30.e30.", "Bearer")
	f.Add("eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlLmNvbSJ9.", "Bearer")
	f.Fuzz(func(t *testing.T, token, scheme string) {
		r := newRig(t, Settings{Issuers: []Issuer{{
			Name: "idp", URL: "https://idp.invalid", Audiences: []string{"a"}, Rules: []Rule{{Claims: map[string]string{"sub": "x"}, Grants: everything}},
		}}})
		req := bearing("")
		req.Header["Authorization"] = []string{scheme + " " + token}
		if a, err := r.Authenticate(req); err == nil {
			t.Fatalf("%q %q lets %s in", scheme, token, a.Name)
		}
	})
}

// FuzzCookie checks that nobody makes a session up.
func FuzzCookie(f *testing.F) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // another one in each process: what one of them sealed, the others do not open
	s, err := newSealer(secret, sessionCookie)
	if err != nil {
		f.Fatal(err)
	}
	good, err := s.seal(session{ID: "x", Name: "anna", Grants: everything, Expires: morning.Add(time.Hour)})
	if err != nil {
		f.Fatal(err)
	}
	other, err := newSealer(secret, departureCookie)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("")
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		var v session
		if err := other.open(text, &v); err == nil {
			t.Fatalf("%q opens for something else", text)
		}
		if err := s.open(text, &v); err == nil && text != good {
			t.Fatalf("%q opens", text)
		}
	})
}
