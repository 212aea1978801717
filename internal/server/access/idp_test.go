package access

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/prometheus/common/config"
)

// idp is an issuer of identity tokens.
type idp struct {
	t *testing.T
	*httptest.Server

	mu       sync.Mutex
	keys     map[string]crypto.Signer
	issuer   string // that it says to be
	away     bool
	codes    map[string]string // identity tokens by code
	forms    []url.Values      // of requests for tokens
	users    []string          // their user, and password
	methods  []string
	jwks     any // what it says instead of its keys
	redirect string
	asked    atomic.Int32 // how often for its keys
}

// rsaKey and otherKey are made once: that takes a while.
var rsaKey, otherKey = sync.OnceValue(newRSA), sync.OnceValue(newRSA)

func newRSA() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
}

func newEC(t *testing.T) *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newIDP(t *testing.T) *idp {
	p := &idp{t: t, keys: map[string]crypto.Signer{"r1": rsaKey(), "e1": newEC(t)}, codes: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		p.say(w, map[string]any{
			"issuer": p.issuer, "jwks_uri": p.URL + "/keys", "authorization_endpoint": p.URL + "/authorize?tenant=1", "token_endpoint": p.URL + "/token",
			"token_endpoint_auth_methods_supported": p.methods,
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		if p.redirect != "" {
			http.Redirect(w, r, p.redirect, http.StatusFound)
			return
		}
		p.say(w, p.set())
	})
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	p.issuer = p.URL
	t.Cleanup(p.Close)
	return p
}

func (p *idp) say(w http.ResponseWriter, v any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

// set is the set of its keys.
func (p *idp) set() any {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.jwks != nil {
		return p.jwks
	}
	keys := []any{map[string]any{"kty": "OKP", "crv": "Ed448", "kid": "strange"}, map[string]any{"kty": "oct", "k": "c2VjcmV0", "kid": "r1"}}
	for id, k := range p.keys {
		keys = append(keys, jwk(id, k))
	}
	return map[string]any{"keys": keys}
}

// jwk is the public half of a key.
func jwk(id string, k crypto.Signer) map[string]any {
	b64 := base64.RawURLEncoding.EncodeToString
	switch k := k.Public().(type) {
	case *rsa.PublicKey:
		return map[string]any{"kty": "RSA", "use": "sig", "kid": id, "alg": "RS256", "n": b64(k.N.Bytes()), "e": b64(big.NewInt(int64(k.E)).Bytes())}
	case *ecdsa.PublicKey:
		point, err := k.Bytes()
		if err != nil {
			panic(err)
		}
		return map[string]any{"kty": "EC", "crv": "P-256", "kid": id, "x": b64(point[1:33]), "y": b64(point[33:])}
	}
	panic("a key of another kind")
}

// token gives the identity token of a code, once.
func (p *idp) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		p.t.Error(err)
	}
	p.mu.Lock()
	token := p.codes[r.PostForm.Get("code")]
	delete(p.codes, r.PostForm.Get("code"))
	p.forms = append(p.forms, r.PostForm)
	user, password, _ := r.BasicAuth()
	p.users = append(p.users, user+":"+password)
	p.mu.Unlock()
	if token == "" {
		w.WriteHeader(http.StatusBadRequest)
		p.say(w, map[string]any{"error": "invalid_grant", "error_description": "hunter2"})
		return
	}
	p.say(w, map[string]any{"access_token": "hunter2", "token_type": "Bearer", "id_token": token})
}

// usual are the claims of a job of octo/shop.
func (p *idp) usual(more jwt.MapClaims) jwt.MapClaims {
	c := jwt.MapClaims{
		"iss": p.URL, "aud": "hotswap", "sub": "repo:octo/shop:environment:production", "iat": morning.Add(-time.Second).Unix(), "nbf": morning.Add(-time.Second).Unix(),
		"exp": morning.Add(5 * time.Minute).Unix(), "repository": "octo/shop", "repository_id": "1234567890123456789", "repository_owner_id": 4711, "environment": "production",
		"ref": "refs/tags/v1.2", "ref_protected": true,
	}
	for name, v := range more {
		if v == nil {
			delete(c, name)
			continue
		}
		c[name] = v
	}
	return c
}

// sign makes a token.
func sign(t *testing.T, method jwt.SigningMethod, kid string, key any, c jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, c)
	if kid != "" {
		token.Header["kid"] = kid
	}
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// job is the token of a job.
func (p *idp) job(more jwt.MapClaims) string {
	return sign(p.t, jwt.SigningMethodRS256, "r1", p.keys["r1"], p.usual(more))
}

// as is the issuer in the settings.
func (p *idp) as(rules ...Rule) Issuer {
	if len(rules) == 0 {
		rules = []Rule{{Claims: map[string]string{"repository_id": "1234567890123456789", "environment": "production"}, Grants: []Grant{{Role: Operate}}}}
	}
	return Issuer{Name: "ci", URL: p.URL, Audiences: []string{"other", "hotswap"}, Rules: rules, Label: "repository", AllowHTTP: true, HTTP: config.HTTPClientConfig{}}
}
