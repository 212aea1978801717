package access

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Warnings are what is allowed, and yet worth a second look.
func (s Settings) Warnings(now time.Time) engine.Problems {
	var c checker
	for i, t := range s.Tokens {
		path := fmt.Sprintf("%s.tokens[%d]", s.Path, i)
		switch {
		case t.Expires.IsZero():
			c.wrong(path+".expires", "", "is missing: the token %s is good for ever", engine.Visible(t.Name))
		case !t.Expires.After(now):
			c.wrong(path+".expires", t.Expires.UTC().Format(time.RFC3339), "is over: the token %s lets nobody in", engine.Visible(t.Name))
		}
	}
	for i, issuer := range s.Issuers {
		for j, r := range issuer.Rules {
			c.names(fmt.Sprintf("%s.oidc[%d].rules[%d]", s.Path, i, j), issuer, r)
		}
		if u, err := url.Parse(issuer.URL); err == nil && u.Scheme == "http" {
			c.wrong(fmt.Sprintf("%s.oidc[%d].issuer", s.Path, i), "", "is http, which is for tests: whoever is on the way may make up tokens")
		}
	}
	if s.Anonymous == Read {
		c.wrong(s.Path+".anonymous", "read", "lets everybody who reaches the server see all rollouts and fleets")
	}
	return c.ps
}

// names warns of claims that somebody else may have one day.
func (c *checker) names(path string, i Issuer, r Rule) {
	s := kindOf(i.URL, r)
	if s == nil {
		return
	}
	for _, at := range []struct {
		part   string
		claims map[string]string
	}{{".claims.", r.Claims}, {".globs.", r.Globs}} {
		for _, claim := range slices.Sorted(maps.Keys(at.claims)) {
			id, named := s.names[claim]
			switch {
			case !named:
			case claim == "sub":
				c.wrong(path+at.part+claim, "", "has names in it, in a form that changes (that of GitHub did in 2026): use %s", id)
			default:
				c.wrong(path+at.part+claim, "", "is a name, which somebody else may have after it was given up: use %s", id)
			}
		}
	}
}
