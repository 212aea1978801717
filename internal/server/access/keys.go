package access

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"slices"

	"github.com/go-jose/go-jose/v4"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// key is one that an issuer signs with.
type key struct {
	id, algorithm string
	public        any
}

// leastBits is how long a key of RSA has to be.
const leastBits = 2048

// readKeys are those of a set that are for signatures that are taken here. What else an
// issuer has is nobody's business.
func readKeys(set []json.RawMessage) []key {
	var keys []key
	for _, raw := range set[:min(len(set), mostKeys)] {
		var k jose.JSONWebKey
		if json.Unmarshal(raw, &k) != nil || !k.Valid() || k.Use != "" && k.Use != "sig" {
			continue
		}
		algorithm := algorithmOf(k.Key)
		if algorithm != "" && (k.Algorithm == "" || k.Algorithm == algorithm) {
			keys = append(keys, key{k.KeyID, algorithm, k.Key})
		}
	}
	return keys
}

// algorithmOf is what is signed with a key here; "": nothing is.
func algorithmOf(public any) string {
	switch p := public.(type) {
	case *rsa.PublicKey:
		if p.N.BitLen() >= leastBits {
			return string(jose.RS256)
		}
	case *ecdsa.PublicKey:
		if p.Curve == elliptic.P256() {
			return string(jose.ES256)
		}
	}
	return ""
}

// lookup checks one signature with the keys of an issuer. It keeps why that failed.
type lookup struct {
	issuer *issuer
	err    error
}

var errSignature = errors.New("no signature")

// VerifySignature implements oidc.KeySet.
func (l *lookup) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	body, err := l.issuer.signed(ctx, token)
	l.err = err
	if err != nil {
		return nil, errSignature
	}
	return body, nil
}

// signed is what a token has in it, once its signature is checked.
func (i *issuer) signed(ctx context.Context, token string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256, jose.ES256})
	if err != nil || len(jws.Signatures) != 1 {
		return nil, unknown("the identity token has not the form of one")
	}
	header := jws.Signatures[0].Protected
	fit := func(k key) bool {
		return k.algorithm == header.Algorithm && (header.KeyID == "" || k.id == header.KeyID)
	}
	known, err := i.about(ctx, func(m *metadata) bool { return slices.ContainsFunc(m.keys, fit) })
	if err != nil {
		return nil, err
	}
	if known == nil {
		return nil, &UnavailableError{"the issuer " + i.Name + " cannot be asked", i.why()}
	}
	found := false
	for _, k := range known.keys {
		if !fit(k) {
			continue
		}
		found = true
		if body, err := jws.Verify(k.public); err == nil {
			return body, nil
		}
	}
	if !found {
		return nil, unknown("the identity token is signed with a key %q, which %s does not have", engine.Shortened(header.KeyID), i.URL)
	}
	return nil, unknown("the identity token's signature is wrong")
}

// why is what came last instead of an answer.
func (i *issuer) why() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.failed == nil {
		return errors.New("it has not answered yet")
	}
	return i.failed
}
