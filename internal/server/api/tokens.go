package api

import (
	"encoding/json"
	"errors"
	"net/http"

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

// addToken makes a token. The answer alone has it.
func (a *api) addToken(x *call) error {
	var body contract.NewToken
	if err := x.JSON(mostBody, &body); err != nil {
		return err
	}
	var grants []access.Grant
	for _, g := range body.Grants {
		one := access.Grant{Role: access.Role(g.Role)}
		for _, e := range g.Environments {
			one.Environments = append(one.Environments, engine.Environment(e))
		}
		grants = append(grants, one)
	}
	text, t, err := access.NewToken(body.Name, grants, x.actor.Name, x.At(), body.Expires)
	if err == nil {
		err = a.Server.Store.AddToken(x.Context(), t)
	}
	x.line.Reason = engine.Shortened(body.Name)
	a.acted(x, err)
	var problems engine.Problems
	if errors.As(err, &problems) {
		return exchange.Refuse(fleetcontract.InvalidRequest, "%v", err)
	}
	if err != nil {
		return err
	}
	told := tokenOf(&t)
	told.Token = text
	return x.Answer(http.StatusCreated, contract.MadeToken{At: x.At(), Token: told})
}

// removeToken removes a token: from then on nobody comes with it.
func (a *api) removeToken(x *call) error {
	id := x.PathValue("token")
	err := a.Server.Store.RemoveToken(x.Context(), id)
	a.acted(x, err)
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
