package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// listTokens lists the tokens that the store keeps, without themselves.
func (a *api) listTokens(x *call) error {
	found, err := a.Server.Store.ListTokens(x.Context())
	if err != nil {
		return err
	}
	answer := contract.Tokens{At: x.At(), Items: []contract.Token{}}
	for i := range found {
		answer.Items = append(answer.Items, tokenOf(&found[i]))
	}
	return x.Answer(http.StatusOK, answer)
}

func tokenOf(t *store.Token) contract.Token {
	told := contract.Token{ID: t.ID, Name: t.Name, Made: t.Made, MadeBy: t.MadeBy, Expires: t.Expires, Used: t.Used, Grants: []contract.Grant{}}
	var grants []access.Grant
	if json.Unmarshal(t.Grants, &grants) == nil {
		told.Grants = grantsOf(grants)
	}
	return told
}

// mostName is how many bytes the name of a token has at most.
const mostName = 100

// addToken makes a token. The answer alone has it.
func (a *api) addToken(x *call) error {
	if a.NewToken == nil {
		return exchange.Refuse(fleetcontract.NotSupported, "this server makes no tokens")
	}
	var body contract.NewToken
	if err := x.JSON(mostBody, &body); err != nil {
		return err
	}
	grants, err := grantsFrom(body.Grants)
	switch {
	case err != nil:
		return err
	case body.Name == "" || len(body.Name) > mostName:
		return exchange.Refuse(fleetcontract.InvalidRequest, "name: has %d bytes, and 1 to %d are taken", len(body.Name), mostName)
	case !body.Expires.IsZero() && !body.Expires.After(x.At()):
		return exchange.Refuse(fleetcontract.InvalidRequest, "expires: %s is past", body.Expires)
	}
	text, t, err := a.NewToken(body.Name, grants, x.actor.Name, body.Expires)
	if err == nil {
		err = a.Server.Store.AddToken(x.Context(), t)
	}
	a.audit(x, store.Audit{Action: "token.add", Reason: body.Name, Refused: why(err)})
	if err != nil {
		return err
	}
	told := tokenOf(&t)
	told.Token = text
	return x.Answer(http.StatusCreated, contract.MadeToken{At: x.At(), Token: told})
}

// grantsFrom reads grants.
func grantsFrom(asked []contract.Grant) ([]access.Grant, error) {
	if len(asked) == 0 {
		return nil, exchange.Refuse(fleetcontract.InvalidRequest, "grants: a token without a role opens nothing")
	}
	var grants []access.Grant
	for i, g := range asked {
		role := access.Role(g.Role)
		if !slices.Contains([]access.Role{access.Read, access.Operate, access.Admin}, role) {
			return nil, exchange.Refuse(fleetcontract.InvalidRequest, "grants[%d].role: %q is none of read, operate, admin", i, g.Role)
		}
		one := access.Grant{Role: role}
		for _, e := range g.Environments {
			one.Environments = append(one.Environments, engine.Environment(e))
		}
		grants = append(grants, one)
	}
	return grants, nil
}

// removeToken removes a token: from then on nobody comes with it.
func (a *api) removeToken(x *call) error {
	id := x.PathValue("token")
	err := a.Server.Store.RemoveToken(x.Context(), id)
	a.audit(x, store.Audit{Action: "token.remove", Reason: id, Refused: why(err)})
	if errors.Is(err, store.ErrNoToken) {
		return exchange.Refuse(fleetcontract.NotFound, "there is no token %q", id)
	}
	if err != nil {
		return err
	}
	return x.Taken(http.StatusOK)
}

// listAudits lists who did what, newest first.
func (a *api) listAudits(x *call) error {
	below, err := x.Number("below", 1, 0)
	if err != nil {
		return err
	}
	limit, err := x.Number("limit", 1, 100)
	if err != nil {
		return err
	}
	most := int(min(limit, mostRollouts))
	lines, err := a.Server.Store.ListAudits(x.Context(), below, most+1)
	if err != nil {
		return err
	}
	answer := contract.Audits{At: x.At(), Items: []contract.Audit{}}
	if len(lines) > most {
		lines = lines[:most]
		answer.Next = lines[most-1].ID
	}
	for _, l := range lines {
		answer.Items = append(answer.Items, contract.Audit{
			ID: l.ID, At: l.At, Actor: l.Actor, Action: l.Action, Environment: l.Environment, Plugin: l.Plugin, Rollout: l.Rollout,
			Reason: l.Reason, Refused: l.Refused, Request: l.Request,
		})
	}
	return x.Answer(http.StatusOK, answer)
}
