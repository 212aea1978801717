package access

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// algorithms are those that identity tokens may be signed with: ones with a key of two halves
// alone, so that what everybody knows, an issuer's public keys, signs nothing.
var algorithms = []string{oidc.RS256, oidc.ES256}

// identity finds out who bears an identity token.
func (g *Gate) identity(ctx context.Context, token string, now time.Time) (*Actor, error) {
	said, err := peek(token, 1)
	if err != nil {
		return nil, unknown("the token is no identity token, nor one of this server's")
	}
	at := slices.IndexFunc(g.issuers, func(i *issuer) bool { return i.URL == said.text("iss") })
	if at < 0 {
		return nil, unknown("the identity token is of the issuer %s, which this server does not know", quoted(said.values("iss")))
	}
	i := g.issuers[at]
	c, err := i.verify(ctx, token, i.Audiences, now)
	if err != nil {
		return nil, err
	}
	return i.actor(c)
}

// verify checks the signature, the issuer, the times and the audience of a token.
func (i *issuer) verify(ctx context.Context, token string, audiences []string, now time.Time) (claims, error) {
	header, err := peek(token, 0)
	if err != nil {
		return nil, unknown("the identity token has no header")
	}
	if !slices.Contains(algorithms, header.text("alg")) {
		return nil, unknown("the identity token is signed with %s, and only RS256 and ES256 are taken", quoted(header.values("alg")))
	}
	own := &lookup{issuer: i}
	verifier := oidc.NewVerifier(i.URL, own, &oidc.Config{
		SupportedSigningAlgs: algorithms, SkipClientIDCheck: true, SkipExpiryCheck: true, // there may be several audiences, and clocks differ
	})
	signed, err := verifier.Verify(ctx, token)
	switch {
	case own.err != nil:
		return nil, own.err
	case err != nil: // whose text may have more of the token than has to be seen
		return nil, unknown("the identity token is not one of %s: its form or its issuer is another", i.URL)
	}
	var body json.RawMessage
	if err := signed.Claims(&body); err != nil {
		return nil, unknown("the identity token's claims are no JSON object")
	}
	c, err := readClaims(body)
	if err != nil || c.text("iss") != i.URL {
		return nil, unknown("the identity token's claims are no JSON object of %s", i.URL)
	}
	return c, c.hold(now, audiences)
}

// actor is whom the rules of an issuer make of claims.
func (i *issuer) actor(c claims) (*Actor, error) {
	a := &Actor{Name: i.nameOf(c), Means: ByIdentity}
	for _, r := range i.rules {
		if c.meets(&r) {
			a.Grants = append(a.Grants, r.Grants...)
		}
	}
	if len(a.Grants) == 0 {
		return nil, unknown("no rule of this server is about %s: its claims are others than those of the rules", a.Name)
	}
	return a, nil
}

// nameOf is what somebody is called: "octo/shop on github".
func (i *issuer) nameOf(c claims) string {
	labels := []string{i.Label}
	if s := systemOf(i.URL); s != nil {
		labels = append(labels, s.label...)
	}
	if slices.Contains(c.values("email_verified"), "true") {
		labels = append(labels, "email")
	}
	labels = append(labels, "sub")
	name := ""
	for _, l := range labels {
		name = cmp.Or(name, c.text(l))
	}
	return engine.Visible(engine.Shortened(cmp.Or(name, "somebody"))) + " on " + i.Name
}
