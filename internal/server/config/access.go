package config

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
)

// Access says who may come, and what they may do. A grant is a role (read, operate, admin) in
// some environments, or everywhere.
type Access struct {
	// Tokens that need no store. Others are made with the API, and kept there.
	Tokens []Token `yaml:"tokens"`
	// Who client certificates stand for. It needs tls.client_ca_file.
	Certificates []Certificate `yaml:"certificates"`
	// Whose identity tokens count, by OpenID Connect: those of CI systems and of people.
	OIDC []OIDC `yaml:"oidc"`
	// What those may do who show nothing: read, or nothing. Default: nothing.
	Anonymous access.Role `yaml:"anonymous"`
	// Logins to the page.
	Sessions Sessions `yaml:"sessions"`
	// How often somebody may ask.
	Limits Limits `yaml:"limits"`
}

// SetDefaults implements [yamlfile.Defaulted].
func (a *Access) SetDefaults() {
	a.Sessions.SetDefaults()
	a.Limits.SetDefaults()
}

// Token is a token of the configuration:
//
//	access:
//	  tokens:
//	    - {name: ci, file: ci.token, expires: 2027-06-30, grants: [{role: operate, environments: [Staging]}]}
//	    - {name: anna, hash: "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", grants: [{role: admin}]}
type Token struct {
	Name    string         `yaml:"name"`    // who or what it is for
	Hash    string         `yaml:"hash"`    // sha256: and the hash of the token in 64 hexadecimal digits; or file
	File    Path           `yaml:"file"`    // file with the token, 24 characters or more, read anew each time
	Grants  []access.Grant `yaml:"grants"`  // what it allows
	Expires Instant        `yaml:"expires"` // day (2027-06-30, its beginning in UTC) or time (2027-06-30T12:00:00Z) from which on it does not count; default: never
}

// Certificate says who a client certificate stands for. All names that are given have to be
// in it:
//
//	access:
//	  certificates:
//	    - {uri: "spiffe://example.com/deployer", grants: [{role: operate}]}
type Certificate struct {
	Name       string         `yaml:"name"`        // who it is; default: the name that was looked for
	CommonName string         `yaml:"common_name"` // common name of its subject
	URI        string         `yaml:"uri"`         // URI among its alternative names
	DNSName    string         `yaml:"dns_name"`    // DNS name among its alternative names
	Email      string         `yaml:"email"`       // email address among its alternative names
	Grants     []access.Grant `yaml:"grants"`      // what it allows
}

// OIDC is an issuer whose identity tokens count:
//
//	access:
//	  oidc:
//	    - name: github
//	      issuer: https://token.actions.githubusercontent.com
//	      audience: [https://hotswap.example.com]
//	      rules:
//	        - claims: {repository_id: "123456", environment: production}
//	          grants: [{role: operate, environments: [Production]}]
//	        - claims: {repository_owner_id: "4711"}
//	          globs: {ref: "refs/tags/v*"}
//	          grants: [{role: read}]
type OIDC struct {
	Name      string     `yaml:"name"`       // what it is called, in small letters
	Issuer    string     `yaml:"issuer"`     // its address, as tokens have it in iss
	Audience  []string   `yaml:"audience"`   // whom tokens are for: one of these
	Rules     []Rule     `yaml:"rules"`      // who is let in; what all rules that fit allow
	Label     string     `yaml:"label"`      // claim that names the actor; default: the usual one of the issuer
	AllowHTTP bool       `yaml:"allow_http"` // take http on this machine, for tests; default false
	TLS       *IssuerTLS `yaml:"tls"`        // certificates
	ProxyURL  string     `yaml:"proxy_url"`  // proxy on the way; default: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say
	// Let people log in to the page there. It needs server.external_url, and there the path /login/callback.
	Login *Login `yaml:"login"`
}

// IssuerTLS are the certificates on the way to an issuer.
type IssuerTLS struct {
	CAFile Path `yaml:"ca_file"` // certificates to trust, in PEM, beside none of the system's
}

// Rule gives grants to tokens that have all of its claims.
type Rule struct {
	Claims map[string]string `yaml:"claims"` // exact values, by the name of the claim
	Globs  map[string]string `yaml:"globs"`  // patterns: * is anything without a slash, ** anything, ? one character
	Grants []access.Grant    `yaml:"grants"` // what it allows
}

// Login is the server as a client of an issuer:
//
//	access:
//	  oidc:
//	    - name: company
//	      issuer: https://login.example.com
//	      audience: [hotswap]
//	      login: {client_id: hotswap, client_secret_file: client.secret, scopes: [email, groups]}
//	      rules:
//	        - {claims: {groups: sre}, grants: [{role: operate}]}
//	server: {external_url: https://hotswap.example.com}
type Login struct {
	ClientID         string   `yaml:"client_id"`          // what the issuer calls this server
	ClientSecretFile Path     `yaml:"client_secret_file"` // file with the secret, read anew each time; default: none, a public client
	Scopes           []string `yaml:"scopes"`             // scopes to ask for beside openid
}

// Sessions are logins to the page.
type Sessions struct {
	Length engine.Duration `yaml:"length"` // how long a login lasts, 1m to 720h; default 12h
}

// SetDefaults implements [yamlfile.Defaulted].
func (s *Sessions) SetDefaults() { s.Length = engine.Duration(access.UsualSession) }

// Limits are how often somebody may ask.
type Limits struct {
	FailuresPerMinute int      `yaml:"failures_per_minute"` // attempts of an address that may fail, 1 to 100000; default 10
	RequestsPerSecond int      `yaml:"requests_per_second"` // requests of an actor, four times so many at once, 1 to 100000; default 50
	TrustedProxies    []string `yaml:"trusted_proxies"`     // addresses, or networks as 10.0.0.0/8, whose X-Forwarded-For says for whom they ask; default: none
}

// SetDefaults implements [yamlfile.Defaulted].
func (l *Limits) SetDefaults() {
	l.FailuresPerMinute, l.RequestsPerSecond = access.UsualFailuresPerMinute, access.UsualRequestsPerSecond
}

// Instant is a time, or the beginning of a day in UTC.
type Instant time.Time

// UnmarshalText implements [encoding.TextUnmarshaler].
func (i *Instant) UnmarshalText(text []byte) error {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, string(text)); err == nil {
			*i = Instant(t)
			return nil
		}
	}
	return errNoInstant
}

// AccessSettings are who may come.
func (c *Config) AccessSettings() access.Settings {
	a := &c.Access
	s := access.Settings{
		Path: "access", Anonymous: a.Anonymous, ExternalURL: c.Server.ExternalURL, Session: time.Duration(a.Sessions.Length),
		Limits: access.Limits{FailuresPerMinute: a.Limits.FailuresPerMinute, RequestsPerSecond: a.Limits.RequestsPerSecond},
	}
	for _, text := range a.Limits.TrustedProxies {
		if p, err := network(text); err == nil {
			s.Limits.TrustedProxies = append(s.Limits.TrustedProxies, p)
		}
	}
	for _, t := range a.Tokens {
		own := access.ConfiguredToken{Name: t.Name, File: string(t.File), Grants: t.Grants, Expires: time.Time(t.Expires)}
		if t.Hash != "" {
			own.Hash, _ = hashOf(t.Hash)
		}
		s.Tokens = append(s.Tokens, own)
	}
	for _, r := range a.Certificates {
		s.Certificates = append(s.Certificates, access.CertificateRule(r))
	}
	for _, o := range a.OIDC {
		s.Issuers = append(s.Issuers, o.settings())
	}
	return s
}

func (o *OIDC) settings() access.Issuer {
	i := access.Issuer{Name: o.Name, URL: o.Issuer, Audiences: o.Audience, Label: o.Label, AllowHTTP: o.AllowHTTP}
	i.HTTP.EnableHTTP2 = true
	if o.TLS != nil {
		i.HTTP.TLSConfig.CAFile = string(o.TLS.CAFile)
	}
	proxy(&i.HTTP, o.ProxyURL)
	for _, r := range o.Rules {
		i.Rules = append(i.Rules, access.Rule(r))
	}
	if l := o.Login; l != nil {
		i.Login = &access.Login{ClientID: l.ClientID, SecretFile: string(l.ClientSecretFile), Scopes: l.Scopes}
	}
	return i
}

// network is an address or a network.
func network(text string) (netip.Prefix, error) {
	if at, err := netip.ParseAddr(text); err == nil {
		return at.Prefix(at.BitLen())
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

// hashOf is the hash of a token, as the configuration has it.
func hashOf(text string) (hash *[32]byte, ok bool) {
	digits, ok := strings.CutPrefix(text, "sha256:")
	bytes, err := hex.DecodeString(digits)
	if !ok || err != nil || len(bytes) != 32 {
		return new([32]byte), false // which nothing has
	}
	return (*[32]byte)(bytes), true
}
