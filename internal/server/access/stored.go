package access

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// usedEvery is how often it is written that a token was used.
const usedEvery = time.Minute

// stored finds out who bears a token of the store.
func (g *Gate) stored(ctx context.Context, hash [32]byte, now time.Time) (*Actor, error) {
	t, err := g.store.Token(ctx, hash)
	switch {
	case errors.Is(err, store.ErrNoToken):
		return nil, unknown("the token is not one of this server's: it may have been removed")
	case err != nil:
		return nil, &UnavailableError{"the token cannot be checked now", err}
	case !t.Expires.IsZero() && !now.Before(t.Expires):
		return nil, unknown("the token %s (%s) has expired on %s", engine.Visible(t.Name), t.ID, t.Expires.UTC().Format(time.RFC3339))
	}
	grants, err := readGrants(t.Grants)
	if err != nil {
		return nil, &UnavailableError{"the grants of the token " + t.ID + " cannot be read", err}
	}
	if now.Sub(t.Used) >= usedEvery {
		// Where that cannot be written, the token is good all the same.
		_ = g.store.UsedToken(ctx, t.ID, now)
	}
	return &Actor{Name: "token " + engine.Visible(t.Name) + " (" + t.ID + ")", Grants: grants, Means: ByToken}, nil
}

// readGrants are the grants that a store keeps.
func readGrants(kept []byte) ([]Grant, error) {
	var grants []Grant
	err := json.Unmarshal(kept, &grants)
	return grants, err
}
