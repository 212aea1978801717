package access

import (
	"net/netip"
	"time"

	"github.com/prometheus/common/config"
)

// What Settings that say nothing mean.
const (
	UsualSession           = 12 * time.Hour
	UsualFailuresPerMinute = 10
	UsualRequestsPerSecond = 50
)

// Settings say who may come.
type Settings struct {
	// Path is the attribute that these came from, as "access": it begins every error.
	Path string
	// Tokens are those that need no store.
	Tokens []ConfiguredToken
	// Certificates are who client certificates stand for, once the listener verified them.
	Certificates []CertificateRule
	// Issuers are whose identity tokens count.
	Issuers []Issuer
	// Anonymous is what those may do who show nothing, Read or nothing: "".
	Anonymous Role
	// ExternalURL is where browsers find the server; "": no login by an issuer.
	ExternalURL string
	// Session is how long a login to the page lasts; 0: 12 h.
	Session time.Duration
	Limits  Limits
}

// Limits are how often somebody may ask.
type Limits struct {
	// FailuresPerMinute is how many attempts of an address may fail; 0: 10.
	FailuresPerMinute int
	// RequestsPerSecond is how many requests an actor has, four seconds' worth of them at
	// once; 0: 50.
	RequestsPerSecond int
	// TrustedProxies may say in X-Forwarded-For for whom they ask.
	TrustedProxies []netip.Prefix
}

// ConfiguredToken is a token that the configuration names.
type ConfiguredToken struct {
	Name string
	// Hash is that of the token; File has the token itself, and is read anew each time. One
	// of them.
	Hash    *[32]byte
	File    string
	Grants  []Grant
	Expires time.Time // zero: never
}

// CertificateRule says who a client certificate stands for. All names that it gives have to
// be in the certificate.
type CertificateRule struct {
	Name       string // "": what was matched
	CommonName string
	URI        string
	DNSName    string
	Email      string
	Grants     []Grant
}

// Issuer is somebody whose identity tokens count, by OpenID Connect.
type Issuer struct {
	Name string // for people: "github"
	URL  string // as tokens have it in iss
	// Audiences are whom a token may be for; one of them has to be in it.
	Audiences []string
	Rules     []Rule
	// Label is the claim that names the actor; "": the usual one of the issuer.
	Label string
	// AllowHTTP takes http on this machine, for tests.
	AllowHTTP bool
	// HTTP has the TLS and the proxy on the way to the issuer.
	HTTP config.HTTPClientConfig
	// Login lets people log in to the page there; nil: they cannot.
	Login *Login
}

// Rule gives grants to tokens that have all of its claims.
type Rule struct {
	// Claims are exact values, by the name of the claim. Of a claim that is a list, one
	// element has to have the value.
	Claims map[string]string
	// Globs are patterns: * stands for anything without a slash, ** for anything, ? for one
	// character.
	Globs  map[string]string
	Grants []Grant
}

// Login is the server as a client of an issuer.
type Login struct {
	ClientID string
	// SecretFile has the client's secret, and is read anew each time; "": it has none, and
	// the proof of PKCE has to do.
	SecretFile string
	Scopes     []string // beside openid
}
