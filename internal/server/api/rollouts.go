package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// rollout is the rollout of the path, which whoever asks has to be allowed to look at, or more.
// One that they may not look at is not there.
func (a *api) rollout(x *call, role access.Role) (store.Rollout, error) {
	r, err := a.Server.Store.Rollout(x.Context(), x.PathValue("rollout"))
	if err == nil && x.line != nil {
		x.line.Environment, x.line.Plugin = string(r.Environment), r.Plugin
	}
	if err == nil && !x.actor.May(access.Read, r.Environment) {
		err = fmt.Errorf("%s: %w", x.PathValue("rollout"), engine.ErrNoJournal) // as the store says it: a guess that is right learns nothing
	}
	if err == nil {
		err = x.may(role, string(r.Environment))
	}
	return r, err
}

// ownRollout says whose a rollout is.
func (a *api) ownRollout(x *call) error {
	r, err := a.rollout(x, access.Operate)
	if err != nil {
		return err
	}
	var body fleetcontract.Owner
	if err := x.JSON(mostBody, &body); err != nil {
		return err
	}
	if n := max(len(body.Owner), len(body.Previous)); n > mostName {
		return exchange.Wrong("owner, previous", "one has %d bytes, and at most %d are taken", n, mostName)
	}
	x.line.Reason = body.Owner
	if err := a.Server.Store.Own(x.Context(), r.RolloutHead.Rollout, body.Owner, body.Previous); err != nil {
		return err
	}
	a.acted(x, nil)
	return x.Taken(http.StatusOK)
}

// waitForEvents gives the events of a rollout, after one of them. With wait, it waits for one;
// as a stream it says of each that there is one, and no more.
func (a *api) waitForEvents(x *call) error {
	r, err := a.rollout(x, access.Read)
	if err != nil {
		return err
	}
	after, err := x.Number("after", -1, -1)
	if err != nil {
		return err
	}
	id := r.RolloutHead.Rollout
	if strings.Contains(x.Asked("Accept"), eventStream) {
		if after, err = x.heard(after); err != nil {
			return err
		}
		return a.stream(x, min(after, r.Events-1), func(ctx context.Context, after int64) (int64, error) {
			if err := a.Server.Store.Changed(ctx, id, after); err != nil {
				return after, err
			}
			now, err := a.Server.Store.Rollout(ctx, id)
			return now.Events - 1, err
		})
	}
	if err := x.poll(func(ctx context.Context) error { return a.Server.Store.Changed(ctx, id, after) }); err != nil {
		return err
	}
	j, err := a.Server.Store.Open(x.Context(), id)
	if err != nil {
		return err
	}
	events, err := j.Events(x.Context(), after)
	if err != nil {
		return err
	}
	if events == nil {
		events = []engine.Event{}
	}
	return x.Answer(http.StatusOK, contract.EventPage{At: x.At(), Items: events})
}
