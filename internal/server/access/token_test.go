package access

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

var everything = []Grant{{Role: Admin}}

func TestTokenForm(t *testing.T) {
	form := regexp.MustCompile(`^hotswap_[0-9A-Za-z]{49}$`)
	seen := map[string]bool{}
	for range 200 {
		text, kept, err := NewToken("ci", everything, "anna", morning, time.Time{})
		if err != nil || !form.MatchString(text) || !Formed(text) || seen[text] || kept.Hash != HashOf(text) {
			t.Fatalf("%s %+v %v", text, kept, err)
		}
		seen[text] = true
		for i := len(TokenPrefix); i < len(text); i++ {
			other := byte('0')
			if text[i] == other {
				other = '1'
			}
			if wrong := text[:i] + string(other) + text[i+1:]; Formed(wrong) {
				t.Fatalf("%s is taken, and %s is the token", wrong, text)
			}
		}
	}
}

func TestNewTokenSaysAllThatIsWrong(t *testing.T) {
	_, _, err := NewToken("\x1b", []Grant{{Role: "root"}, {Role: Admin, Environments: []engine.Environment{"Staging", "../x"}}}, "", morning, morning)
	want := "name: has characters that cannot be seen\n" +
		"expires: 2026-11-27T08:00:00Z is over already\n" +
		"grants[0].role: \"root\" is not one of read, operate, admin\n" +
		"grants[1].environments: does not go with admin, which is about the server as a whole: grant operate there, or admin everywhere\n" +
		"grants[1].environments[1]: \"../x\" is not one of"
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v\ninstead of\n%s", err, want)
	}
}

func TestStoredTokens(t *testing.T) {
	r := newRig(t, Settings{})
	operate := Grant{Role: Operate, Environments: []engine.Environment{"Staging"}}
	text, kept := r.add("ci", morning.Add(time.Hour), operate)
	a := r.known(bearing(text), "token ci ("+kept.ID+")")
	if !a.May(Operate, "Staging") || a.May(Operate, "Production") || !a.May(Read, "Staging") || a.May(Admin, "") || a.Means != ByToken {
		t.Errorf("%+v", a)
	}
	for range 5 {
		r.pass(10 * time.Second)
		r.known(bearing(text), a.Name)
	}
	r.pass(10 * time.Second)
	r.known(bearing(text), a.Name)
	if r.shelf.used != 2 {
		t.Errorf("its use was written %d times in a minute", r.shelf.used)
	}
	wrong := text[:len(text)-1] + "?"
	for _, c := range []struct{ credentials, want string }{
		{"", "the Authorization header is not of the scheme Bearer"},
		{"Bearer", "the Authorization header has no token"},
		{"Basic aGk6aG8=", "the Authorization header is not of the scheme Bearer"},
		{"Bearer " + wrong, "the token is not whole: its checksum does not fit. Copy all of it, from hotswap_ on"},
		{"Bearer guess", "the token is not one of this server's"},
		{"Bearer " + newText(), "the token is not one of this server's: it may have been removed"},
		{"Bearer " + strings.Repeat("x", 20<<10), "the token has 20480 bytes, and none has more than 16384"},
	} {
		req := bearing("")
		req.Header.Set("Authorization", c.credentials)
		r.refused(req, c.want)
	}
	r.refused(bearing(""), "the request has no credentials: it has to bear a token")
	two := bearing(text)
	two.Header.Add("Authorization", "Bearer "+text)
	r.refused(two, "the request has 2 Authorization headers")
	r.pass(time.Hour)
	r.refused(bearing(text), "the token ci ("+kept.ID+") has expired on 2026-11-27T09:00:00Z")
}

func TestStoreAway(t *testing.T) {
	r := newRig(t, Settings{})
	text, _ := r.add("ci", time.Time{}, everything...)
	r.shelf.away = errors.New("the disk is full")
	_, err := r.Authenticate(bearing(text))
	var away *UnavailableError
	if !errors.As(err, &away) || err.Error() != "the token cannot be checked now: the disk is full" {
		t.Error(err)
	}
}

func TestConfiguredTokens(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	hash := HashOf("of somebody's own making, long enough")
	old := HashOf("another one")
	r := newRig(t, Settings{Tokens: []ConfiguredToken{
		{Name: "deploy", Hash: &hash, Grants: everything},
		{Name: "ci", File: file, Grants: []Grant{{Role: Read}}},
		{Name: "old", Hash: &old, Grants: everything, Expires: morning.Add(time.Minute)},
	}})
	put := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	req := bearing("")
	req.Header.Set("Authorization", "bearer  of somebody's own making, long enough")
	r.known(req, "token deploy") // though a file cannot be read
	if _, err := r.Authenticate(bearing("something")); err == nil || !strings.Contains(err.Error(), "a token of the configuration cannot be read: ci: ") {
		t.Error(err)
	}
	text, kept := r.add("stored", time.Time{}, everything...)
	r.known(bearing(text), "token stored ("+kept.ID+")")
	put("012345678901234567890123\n")
	r.known(bearing("012345678901234567890123"), "token ci")
	put("new 345678901234567890123456")
	if _, err := r.Authenticate(bearing("012345678901234567890123")); err == nil || !strings.Contains(err.Error(), "has more than one word") {
		t.Error(err)
	}
	put("short")
	if _, err := r.Authenticate(bearing("short")); err == nil || !strings.Contains(err.Error(), "has 5 characters, and a token has at least 24") {
		t.Error(err)
	}
	put("another-word-that-is-long-enough")
	r.refused(bearing("012345678901234567890123"), "the token is not one of this server's")
	r.pass(time.Minute)
	req.Header.Set("Authorization", "Bearer another one")
	r.refused(req, "the token old has expired on 2026-11-27T08:01:00Z")
}

func TestAnonymous(t *testing.T) {
	r := newRig(t, Settings{Anonymous: Read})
	a := r.known(bearing(""), "anybody")
	if !a.May(Read, "Production") || a.May(Operate, "Production") || a.Means != ByNothing {
		t.Errorf("%+v", a)
	}
	r.refused(bearing("guess"), "the token is not one of this server's")
}

func TestBootstrap(t *testing.T) {
	folder := t.TempDir()
	r := newRig(t, Settings{})
	path, err := r.Bootstrap(t.Context(), folder)
	if err != nil || path != filepath.Join(folder, "admin-token") {
		t.Fatal(path, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	text, err := ReadSecret(path)
	if err != nil {
		t.Fatal(err)
	}
	if a := r.known(bearing(text), "token first admin ("+r.shelf.tokens[0].ID+")"); !a.May(Admin, "") {
		t.Errorf("%+v", a)
	}
	if path, err := r.Bootstrap(t.Context(), folder); path != "" || err != nil {
		t.Error(path, err)
	}
	hash := HashOf("x")
	other := newRig(t, Settings{Tokens: []ConfiguredToken{{Name: "ci", Hash: &hash, Grants: everything}}})
	if path, err := other.Bootstrap(t.Context(), folder); path != "" || err != nil || len(other.shelf.tokens) > 0 {
		t.Error(path, err)
	}
}

func TestAudit(t *testing.T) {
	r := newRig(t, Settings{})
	if err := r.Audit(t.Context(), &Actor{Name: "token ci"}, store.Audit{Action: "pause"}); err != nil {
		t.Fatal(err)
	}
	if err := r.Audit(t.Context(), nil, store.Audit{Action: "pause", Refused: "nobody knows who it was"}); err != nil {
		t.Fatal(err)
	}
	if a := r.shelf.audits; !a[0].At.Equal(morning) || a[0].Actor != "token ci" || a[1].Actor != "nobody known" {
		t.Errorf("%+v", a)
	}
}
