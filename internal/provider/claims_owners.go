package provider

import (
	"context"
	"fmt"
	"strings"

	fleetclient "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
)

// owners know whose a rollout is.
type owners interface {
	Owner(ctx context.Context, rollout string) (string, error)
	Own(ctx context.Context, rollout, owner, previous string) error
}

// controllerOwners are those that a controller remembers.
type controllerOwners struct{ *client.Client }

// Owner implements owners.
func (c controllerOwners) Owner(ctx context.Context, rollout string) (string, error) {
	d, err := c.Show(ctx, rollout, false)
	if err != nil {
		return "", ignoreNoJournal(err)
	}
	return d.Owner, nil
}

// fleetOwners are those that a fleet remembers.
type fleetOwners struct{ *fleetclient.World }

// Owner implements owners.
func (f fleetOwners) Owner(ctx context.Context, rollout string) (string, error) {
	r, err := f.Rollout(ctx, rollout)
	if err != nil {
		return "", ignoreNoJournal(err)
	}
	return r.Owner, nil
}

// claimsOf are claims that somebody keeps as the owners of rollouts.
type claimsOf struct{ owners }

// owner implements ownership.
func (c claimsOf) owner(ctx context.Context, rollout string) (string, error) {
	return c.Owner(ctx, rollout)
}

// claim implements ownership.
func (c claimsOf) claim(ctx context.Context, rollout string) (string, error) {
	before, err := c.Owner(ctx, rollout)
	if err != nil {
		return "", err
	}
	times := 0
	if before != "" {
		if _, err := fmt.Sscanf(strings.TrimPrefix(before, rollout), "#%d", &times); err != nil {
			return "", fmt.Errorf("the owner of rollout %s is %q, which is none of ours", rollout, before)
		}
	}
	mine := ownerOf(rollout, times+1)
	return mine, c.Own(ctx, rollout, mine, before)
}
