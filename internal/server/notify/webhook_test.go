package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"os"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// verifies says whether a message is signed with a secret, as the specification of Standard
// Webhooks tells receivers to find out.
func verifies(g got, secret string) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(g.header.Get("webhook-id") + "." + g.header.Get("webhook-timestamp") + "." + string(g.body)))
	want := mac.Sum(nil)
	for _, one := range strings.Split(g.header.Get("webhook-signature"), " ") {
		version, text, _ := strings.Cut(one, ",")
		signature, err := base64.StdEncoding.DecodeString(text)
		if version == "v1" && err == nil && subtle.ConstantTimeCompare(signature, want) == 1 {
			return true
		}
	}
	return false
}

func TestSignatures(t *testing.T) {
	m, c, v := newMemory(), &clock{}, receive(t, nil)
	m.happens(t, planned("r1", "stripe"), begins, passes)
	s := hook(t, "a", v.URL)
	one, two := file(t, newSecret), file(t, oldSecret)
	s.SecretFile, s.SecretFiles = "", []string{one, two}
	run(t, m, c, s)
	eventually(t, "told", m.idle)
	for _, g := range v.all() {
		for _, secret := range []string{oldSecret, newSecret} {
			if !verifies(g, secret) {
				t.Errorf("not signed with one of two secrets: %v", g.header)
			}
			w, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Verify(g.body, g.header); err != nil {
				t.Errorf("the library of Standard Webhooks: %v", err)
			}
			g.body = append(g.body, ' ')
			if verifies(g, secret) || w.Verify(g.body, g.header) == nil {
				t.Error("a changed body is taken")
			}
			g.body = g.body[:len(g.body)-1]
		}
		if verifies(g, "whsec_"+base64.StdEncoding.EncodeToString(make([]byte, 24))) {
			t.Error("another secret is taken")
		}
	}
	// A secret that is changed counts at once.
	if err := os.WriteFile(one, []byte(oldSecret), 0o600); err != nil {
		t.Fatal(err)
	}
	m.happens(t, planned("r2", "stripe2"))
	eventually(t, "told", func() bool { return m.idle() && len(v.all()) == 3 })
	if g := v.all()[2]; verifies(g, newSecret) || !verifies(g, oldSecret) {
		t.Errorf("got %v", g.header)
	}
}

func TestSigningKeys(t *testing.T) {
	for text, want := range map[string]string{
		oldSecret:                    "",
		newSecret + "\n":             "",
		"MfKQ9r8GKYqrTwjUP":          "does not begin with whsec_",
		"whsec_hush!":                "is not base64",
		"whsec_aHVzaA==":             "has 4 bytes, and 24 to 64 are allowed",
		"":                           "does not have one line",
		oldSecret + "\n" + newSecret: "does not have one line",
		strings.Repeat("hush", 2000): "has more than 4096 bytes",
	} {
		_, err := signingKey(file(t, text))
		switch {
		case want == "" && err != nil, want != "" && err == nil:
			t.Errorf("%.10q: %v", text, err)
		case err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush")):
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if _, err := signingKey("/nowhere/secret"); err == nil || !strings.Contains(err.Error(), "/nowhere/secret") {
		t.Errorf("got %v", err)
	}
}

// TestSecretsAreNotTold: what is secret is in no log, and in nothing that is written down.
func TestSecretsAreNotTold(t *testing.T) {
	m, c := newMemory(), &clock{}
	v := receive(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("Location", "https://elsewhere.example.com"+r.URL.RequestURI())
		w.WriteHeader(http.StatusFound)
		_, _ = w.Write([]byte("you sent " + r.Header.Get("webhook-signature") + r.Header.Get("Authorization") + r.URL.RequestURI()))
	})
	m.happens(t, planned("r1", "stripe"))
	answers, nobody, nonsense, bot := hook(t, "answers", ""), hook(t, "nobody", ""), hook(t, "nonsense", ""), hook(t, "bot", v.URL+"/T0/hush")
	answers.URLFile, nobody.URLFile, nonsense.URLFile = file(t, v.URL+"/services/hush?k=hush"), file(t, "http://127.0.0.1:1/hush/hush?k=hush"), file(t, "hush, hush")
	bot.Kind, bot.SecretFile, bot.TokenFile, bot.Channel = Slack, "", file(t, "xoxb-hush"), "C1"
	for _, s := range []*Sink{&answers, &nobody, &nonsense} {
		s.AllowHTTP = true
	}
	tls := hook(t, "tls", strings.Replace(v.URL, "http:", "https:", 1)+"/hush")
	r := run(t, m, c, answers, nobody, nonsense, bot, tls)
	names := []string{"answers", "nobody", "nonsense", "bot", "tls"}
	eventually(t, "all failed", func() bool {
		for _, name := range names {
			if all := m.of(name); len(all) != 1 || all[0].Attempts != 1 {
				return false
			}
		}
		return true
	})
	text := r.log.String()
	for _, name := range names {
		text += "\n" + m.of(name)[0].Failed
	}
	for _, secret := range []string{"hush", oldSecret[6:], "v1,", "xoxb"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is told:\n%s", secret, text)
		}
	}
	for _, want := range []string{"302 Found", "nothing listens there", "is not a URL", "speaks plain http"} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in:\n%s", want, text)
		}
	}
}
