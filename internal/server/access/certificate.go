package access

import (
	"crypto/x509"
	"net/http"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// certificate finds out whom the client certificate of a request stands for; nil: nobody, and
// why, where there is one. The listener has verified it: one that it did not verify is none.
func (g *Gate) certificate(r *http.Request, now time.Time) (*Actor, error) {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 || len(r.TLS.VerifiedChains[0]) == 0 {
		return nil, nil
	}
	if g.origin.Check(r) != nil { // a browser shows it along with whatever page asks
		return nil, unknown("the request comes from another site's page, for which the client certificate does not count")
	}
	leaf := r.TLS.VerifiedChains[0][0]
	if now.After(leaf.NotAfter) { // while the connection was open
		return nil, unknown("the client certificate has expired on %s", leaf.NotAfter.UTC().Format(time.RFC3339))
	}
	actor := &Actor{Means: ByCertificate}
	for _, rule := range g.set.Certificates {
		if name, ok := rule.matches(leaf); ok {
			actor.Grants = append(actor.Grants, rule.Grants...)
			if actor.Name == "" {
				actor.Name = "certificate " + engine.Visible(engine.Shortened(name))
			}
		}
	}
	if len(actor.Grants) == 0 {
		return nil, unknown("no rule is about the client certificate of %q", engine.Shortened(leaf.Subject.CommonName))
	}
	return actor, nil
}

// matches says whether a certificate has all names of the rule, and who that is.
func (c *CertificateRule) matches(leaf *x509.Certificate) (name string, ok bool) {
	uris := make([]string, len(leaf.URIs))
	for i, u := range leaf.URIs {
		uris[i] = u.String()
	}
	for _, want := range []struct {
		name string
		has  []string
	}{
		{c.CommonName, []string{leaf.Subject.CommonName}},
		{c.URI, uris},
		{c.DNSName, leaf.DNSNames},
		{c.Email, leaf.EmailAddresses},
	} {
		if want.name == "" {
			continue
		}
		if !slices.Contains(want.has, want.name) {
			return "", false
		}
		name = want.name
	}
	if c.Name != "" && name != "" {
		return c.Name, true
	}
	return name, name != ""
}
