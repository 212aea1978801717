package access

import (
	"fmt"
	"net/url"
	"regexp"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// The most that Settings take.
const (
	mostSession = 30 * 24 * time.Hour
	mostRate    = 100_000
)

// checker collects problems, or warnings.
type checker struct{ ps engine.Problems }

func (c *checker) wrong(path, value, rule string, args ...any) {
	c.ps = append(c.ps, engine.Problem{Path: path, Value: value, Rule: fmt.Sprintf(rule, args...)})
}

// Check says all that is wrong with s. It reads no files and reaches nobody.
func (s Settings) Check() engine.Problems {
	var c checker
	names := map[string]string{}
	for i, t := range s.Tokens {
		path := fmt.Sprintf("%s.tokens[%d]", s.Path, i)
		c.token(path, t)
		c.unique(names, path+".name", t.Name)
	}
	for i, r := range s.Certificates {
		c.certificate(fmt.Sprintf("%s.certificates[%d]", s.Path, i), r)
	}
	names, urls := map[string]string{}, map[string]string{}
	for i, issuer := range s.Issuers {
		path := fmt.Sprintf("%s.oidc[%d]", s.Path, i)
		c.issuer(path, issuer, s.ExternalURL)
		c.unique(names, path+".name", issuer.Name)
		c.unique(urls, path+".issuer", issuer.URL)
	}
	if s.Anonymous != "" && s.Anonymous != Read {
		c.wrong(s.Path+".anonymous", fmt.Sprintf("%q", engine.Shortened(string(s.Anonymous))), "is not read, which is all that those may be let who show nothing")
	}
	c.lengths(s)
	return c.ps
}

// lengths checks how long sessions are, and how often somebody may ask.
func (c *checker) lengths(s Settings) {
	if s.Session < 0 || s.Session > mostSession {
		c.wrong(s.Path+".sessions.length", s.Session.String(), "is not in 0s..720h")
	}
	if n := s.Limits.FailuresPerMinute; n < 0 || n > mostRate {
		c.wrong(s.Path+".limits.failures_per_minute", fmt.Sprint(n), "is not in 0..%d", mostRate)
	}
	if n := s.Limits.RequestsPerSecond; n < 0 || n > mostRate {
		c.wrong(s.Path+".limits.requests_per_second", fmt.Sprint(n), "is not in 0..%d", mostRate)
	}
}

func (c *checker) certificate(path string, r CertificateRule) {
	if r.CommonName == "" && r.URI == "" && r.DNSName == "" && r.Email == "" {
		c.wrong(path, "", "has no name to look for: give common_name, uri, dns_name or email")
	}
	if rule := checkName(r.Name); r.Name != "" && rule != "" {
		c.wrong(path+".name", "", "%s", rule)
	}
	c.ps = append(c.ps, checkGrants(path+".grants", r.Grants)...)
}

// unique notes a name that is there before.
func (c *checker) unique(seen map[string]string, path, name string) {
	if before, ok := seen[name]; ok && name != "" {
		c.wrong(path, fmt.Sprintf("%q", engine.Shortened(name)), "is that of %s too", before)
		return
	}
	seen[name] = path
}

func (c *checker) token(path string, t ConfiguredToken) {
	if rule := checkName(t.Name); rule != "" {
		c.wrong(path+".name", "", "%s", rule)
	}
	switch {
	case t.Hash == nil && t.File == "":
		c.wrong(path, "", "has no token: give its hash, or the file that it is in")
	case t.Hash != nil && t.File != "":
		c.wrong(path, "", "has a hash and a file: give one of them")
	}
	c.ps = append(c.ps, checkGrants(path+".grants", t.Grants)...)
}

// issuerName is what an issuer may be called: it is part of addresses.
var issuerName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

func (c *checker) issuer(path string, i Issuer, external string) {
	if !issuerName.MatchString(i.Name) {
		c.wrong(path+".name", fmt.Sprintf("%q", engine.Shortened(i.Name)), "is not 1..32 small letters, digits or '-' that begin and end with a letter or digit")
	}
	s := i.reach(path)
	s.Timeout = issuerTime
	ps := s.Check()
	if u, err := url.Parse(i.URL); len(ps) == 0 && (err != nil || u.Scheme != "https" && !i.AllowHTTP) {
		c.wrong(path+".issuer", "", "is http: use https, or, on this machine, allow_http by name")
	}
	c.ps = append(c.ps, ps...)
	if len(i.Audiences) == 0 {
		c.wrong(path+".audience", "", "is missing: without it, a token that was made for anybody else would do here")
	}
	for j, a := range i.Audiences {
		if a == "" {
			c.wrong(fmt.Sprintf("%s.audience[%d]", path, j), "", "is empty")
		}
	}
	if len(i.Rules) == 0 {
		c.wrong(path+".rules", "", "is empty: nobody would be let in")
	}
	for j, r := range i.Rules {
		c.rule(fmt.Sprintf("%s.rules[%d]", path, j), i, r)
	}
	c.login(path+".login", i.Login, external)
}

func (c *checker) login(path string, l *Login, external string) {
	if l == nil {
		return
	}
	if l.ClientID == "" {
		c.wrong(path+".client_id", "", "is missing: it is what the issuer calls this server")
	}
	if external == "" {
		c.wrong(path, "", "needs server.external_url: browsers come back from the issuer there")
	}
}

// rule checks that a rule says whom it is about.
func (c *checker) rule(path string, i Issuer, r Rule) {
	c.ps = append(c.ps, checkGrants(path+".grants", r.Grants)...)
	if len(r.Claims)+len(r.Globs) == 0 {
		c.wrong(path, "", "has no claims and no globs: it would let everybody in whom %s knows", i.URL)
		return
	}
	for name, value := range r.Claims {
		if value == "" {
			c.wrong(path+".claims."+name, "", "is empty: a claim has to have a value")
		}
		if _, both := r.Globs[name]; both {
			c.wrong(path+".globs."+name, "", "is in claims too: give it once")
		}
	}
	for name, pattern := range r.Globs {
		if pattern == "" {
			c.wrong(path+".globs."+name, "", "is empty: a claim has to have a value")
		}
	}
	if known := systemOf(i.URL); known != nil && !known.binds(r) {
		c.wrong(path, "", "lets everybody in who has an account at %s: say whose it is with %s", known.what, known.owner)
	}
}

// reach is how an issuer is reached.
func (i *Issuer) reach(path string) connect.Settings {
	return connect.Settings{Path: path, AddressName: "issuer", Address: i.URL, HTTP: i.HTTP, UserAgent: "hotswap"}
}

// issuerTime is how long an issuer may take to answer.
const issuerTime = 10 * time.Second
