package access

import (
	"context"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// Audit writes that by did what a says, or was not let, now. by nil: nobody knows who it was.
func (g *Gate) Audit(ctx context.Context, by *Actor, a store.Audit) error {
	a.At, a.Actor = g.now(), "nobody known"
	if by != nil {
		a.Actor = by.Name
	}
	return g.store.Audit(ctx, a)
}
