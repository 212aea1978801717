package access

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/durable"
)

// FirstToken is the file, in the folder of the state, that the first token is in.
const FirstToken = "admin-token"

// Bootstrap makes a first token, for an admin, where there is no other way in: the store has
// none, and the configuration names none, nor anybody who may make one. It is in a file in
// folder that only its owner reads, whose path is returned; "": none was needed.
func (g *Gate) Bootstrap(ctx context.Context, folder string) (path string, err error) {
	if g.reachable() {
		return "", nil
	}
	there, err := g.store.ListTokens(ctx)
	if err != nil || len(there) > 0 {
		return "", err
	}
	text, t, err := NewToken("first admin", []Grant{{Role: Admin}}, "the server, at its first start", g.now(), time.Time{})
	if err != nil {
		return "", err
	}
	path = filepath.Join(folder, FirstToken)
	// The file comes first: a token that nobody can read would keep another from being made.
	if err := durable.Write(path, []byte(text+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("the first token cannot be kept: %w", err)
	}
	return path, g.store.AddToken(ctx, t)
}

// reachable says whether the configuration names a token, or somebody who may make one.
func (g *Gate) reachable() bool {
	return len(g.set.Tokens) > 0 ||
		slices.ContainsFunc(g.set.Certificates, func(c CertificateRule) bool { return administers(c.Grants) }) ||
		slices.ContainsFunc(g.set.Issuers, func(i Issuer) bool {
			return slices.ContainsFunc(i.Rules, func(r Rule) bool { return administers(r.Grants) })
		})
}
