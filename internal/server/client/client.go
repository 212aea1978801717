// Package client reaches a rollout server over HTTP, by the API of docs/server-api.yaml. What
// it says of fleets and journals it reads with the client of a fleet, whose contract a server
// speaks where it only reads.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	fleetclient "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/client"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// Client is the API of a rollout server. It may be used by several at once.
type Client struct {
	// Fleets is what the server says of fleets and journals.
	Fleets *fleetclient.Client
}

// New makes a client. Nothing is asked yet.
func New(s connect.Settings) (*Client, error) {
	c, err := fleetclient.New(s)
	if err != nil {
		return nil, err
	}
	return &Client{Fleets: c}, nil
}

// Close lets connections go.
func (c *Client) Close() { c.Fleets.Close() }

// Service is what the API is like. Whatever is no rollout server is a *NoServerError.
func (c *Client) Service(ctx context.Context) (contract.Service, error) {
	var s contract.Service
	err := c.get(ctx, nil, &s, "v1")
	if err == nil && s.API == "" {
		err = &NoServerError{Software: s.Software}
	}
	return s, err
}

// NoServerError says that something else answers than a rollout server.
type NoServerError struct{ Software string }

// Error says what, and what to do.
func (e *NoServerError) Error() string {
	who := "what answers"
	if e.Software != "" {
		who += " (" + e.Software + ")"
	}
	return who + " is the API of a fleet, and no rollout server: give its address as that of a fleet, or that of what hotswap serve --config runs"
}

// Self is who asks.
func (c *Client) Self(ctx context.Context) (a contract.Actor, err error) {
	return a, c.get(ctx, nil, &a, "v1", "self")
}

// Environments are those that whoever asks may look at.
func (c *Client) Environments(ctx context.Context) ([]contract.Environment, error) {
	var e contract.Environments
	err := c.get(ctx, nil, &e, "v1", "environments")
	return e.Items, err
}

// Plan is what a rollout would be that began now.
func (c *Client) Plan(ctx context.Context, e engine.Environment, plugin string, a contract.Ask) (*contract.Plan, error) {
	var p contract.Plan
	err := c.ask(ctx, fleetclient.Ask{Method: http.MethodPost, Path: below(e, plugin, "plan"), Body: a, Again: true}, &p)
	return &p, err
}

// Start begins a rollout, once for each key: it may be sent again.
func (c *Client) Start(ctx context.Context, e engine.Environment, plugin, key string, a contract.Ask) (*contract.Rollout, error) {
	var r contract.Started
	err := c.ask(ctx, fleetclient.Ask{
		Method: http.MethodPost, Path: below(e, plugin, "rollouts"), Header: map[string]string{"Idempotency-Key": key}, Body: a, Again: key != "",
	}, &r)
	return &r.Rollout, err
}

func below(e engine.Environment, plugin, what string) []string {
	return []string{"v1", "environments", string(e), "plugins", plugin, what}
}

// Rollouts lists rollouts: environment, plugin, phase, outcome, q, unfinished, limit, cursor,
// since and wait, as the API has them.
func (c *Client) Rollouts(ctx context.Context, q url.Values) (*contract.RolloutPage, error) {
	var p contract.RolloutPage
	err := c.get(ctx, q, &p, "v1", "rollouts")
	return &p, err
}

// Show is all there is to see of a rollout; with glimpse, of fleet and traffic too. One that is
// not there is engine.ErrNoJournal.
func (c *Client) Show(ctx context.Context, id string, glimpse bool) (*contract.Detail, error) {
	q := url.Values{}
	if glimpse {
		q.Set("glimpse", "true")
	}
	var d contract.Detail
	err := c.get(ctx, q, &d, "v1", "rollouts", id)
	return &d, err
}

// Targets are who is on which version.
func (c *Client) Targets(ctx context.Context, id string) (*contract.Targets, error) {
	var t contract.Targets
	err := c.get(ctx, nil, &t, "v1", "rollouts", id, "targets")
	return &t, err
}

// Events gives the events of a rollout after a number. Where there are none, it waits for one,
// up to wait.
func (c *Client) Events(ctx context.Context, id string, after int64, wait time.Duration) ([]engine.Event, error) {
	q := url.Values{"after": {strconv.FormatInt(after, 10)}}
	if wait >= time.Second {
		q.Set("wait", strconv.Itoa(int(wait/time.Second)))
	}
	var p contract.EventPage
	err := c.get(ctx, q, &p, "v1", "rollouts", id, "events")
	return p.Items, err
}

// Signal says something to a rollout. It is not sent again: whoever is not answered looks.
func (c *Client) Signal(ctx context.Context, id string, s contract.Signal) (*contract.Rollout, error) {
	var r contract.Started
	err := c.ask(ctx, fleetclient.Ask{Method: http.MethodPost, Path: []string{"v1", "rollouts", id, "signals"}, Body: s}, &r)
	return &r.Rollout, err
}

// Own makes a rollout owner's, where it was previous's before; "": nobody's.
func (c *Client) Own(ctx context.Context, id, owner, previous string) error {
	return c.ask(ctx, fleetclient.Ask{
		Method: http.MethodPut, Path: []string{"v1", "rollouts", id, "owner"}, Body: fleetcontract.Owner{Owner: owner, Previous: previous},
	}, nil)
}

// NewToken makes a token. The answer alone has it.
func (c *Client) NewToken(ctx context.Context, n contract.NewToken) (*contract.Token, error) {
	var t contract.MadeToken
	err := c.ask(ctx, fleetclient.Ask{Method: http.MethodPost, Path: []string{"v1", "tokens"}, Body: n}, &t)
	return &t.Token, err
}

// Tokens lists the tokens that the server keeps.
func (c *Client) Tokens(ctx context.Context) ([]contract.Token, error) {
	var t contract.Tokens
	err := c.get(ctx, nil, &t, "v1", "tokens")
	return t.Items, err
}

// RemoveToken removes a token.
func (c *Client) RemoveToken(ctx context.Context, id string) error {
	return c.ask(ctx, fleetclient.Ask{Method: http.MethodDelete, Path: []string{"v1", "tokens", id}}, nil)
}

// Audits lists who did what, newest first, below a line; 0: from the newest.
func (c *Client) Audits(ctx context.Context, below int64, limit int) (*contract.Audits, error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if below > 0 {
		q.Set("below", strconv.FormatInt(below, 10))
	}
	var a contract.Audits
	err := c.get(ctx, q, &a, "v1", "audit")
	return &a, err
}

func (c *Client) get(ctx context.Context, q url.Values, to any, path ...string) error {
	return c.ask(ctx, fleetclient.Ask{Method: http.MethodGet, Path: path, Query: q, Again: true}, to)
}

// ask asks. What a server refuses is a *Problem.
func (c *Client) ask(ctx context.Context, a fleetclient.Ask, to any) error {
	err := c.Fleets.Ask(ctx, a, to)
	var told *fleetclient.Problem
	if !errors.As(err, &told) {
		return err
	}
	p := &Problem{Problem: told, More: contract.Problem{Problem: told.Problem}}
	_ = json.Unmarshal(told.Text, &p.More) // what cannot be read is not known
	return p
}

// Problem is what a server answered instead of doing it.
type Problem struct {
	*fleetclient.Problem
	More contract.Problem
}

// Error is that of a fleet's problem; of a deployment, a line for each thing that is wrong.
func (p *Problem) Error() string {
	if ps := p.Problems(); len(ps) > 0 {
		return ps.Error()
	}
	return p.Problem.Error()
}

// Unwrap is what the engine calls it, where it has a word.
func (p *Problem) Unwrap() error {
	switch p.More.Reason {
	case fleetcontract.UnknownRollout:
		return engine.ErrNoJournal
	case contract.WrongPhase:
		return engine.ErrPhase
	case fleetcontract.UnfinishedRollout:
		if u := p.More.Unfinished; u != nil {
			return &engine.UnfinishedError{Rollout: u.Rollout, Candidate: u.Candidate, Phase: engine.Phase(u.Phase), Stage: u.Stage, Since: u.Since}
		}
	case contract.StageDiffers:
		return &engine.StageError{Is: p.More.Is}
	}
	return p.Problem
}

// Problems are all that is wrong with a deployment.
func (p *Problem) Problems() engine.Problems {
	var ps engine.Problems
	for _, one := range p.More.Problems {
		ps = append(ps, engine.Problem{Path: one.Path, Value: one.Value, Rule: one.Rule})
	}
	return ps
}

// Is says whether an error is a problem with a reason.
func Is(err error, reason fleetcontract.Reason) bool {
	var p *Problem
	return errors.As(err, &p) && p.More.Reason == reason
}

// String is what was asked and what came.
func (p *Problem) String() string { return fmt.Sprintf("%s %s: %s", p.Method, p.URL, p.Error()) }
