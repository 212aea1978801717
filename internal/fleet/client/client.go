package client

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// Client is the API of a fleet. It may be used by several at once.
type Client struct {
	conn  *connect.Client
	waits Waits

	mu      sync.Mutex
	service *contract.Service // once it was asked
	server  bool              // a rollout server answers
}

// New makes a client. Nothing is asked yet.
func New(s connect.Settings) (*Client, error) { return NewWaiting(s, usualWaits) }

// NewWaiting is New, with other waits before what may be sent again is.
func NewWaiting(s connect.Settings, w Waits) (*Client, error) {
	conn, err := connect.New(s)
	if err != nil {
		return nil, err
	}
	return &Client{conn: conn, waits: w}, nil
}

// Close lets connections go.
func (c *Client) Close() { c.conn.Close() }

// service is what a fleet, or a rollout server, says of itself.
type service struct {
	contract.Service

	API string `json:"api"` // which no fleet says
}

// Service is what the API is like. It is asked once. One that speaks another contract is a
// *ContractError.
func (c *Client) Service(ctx context.Context) (contract.Service, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.service != nil {
		return *c.service, nil
	}
	var answer service
	if err := c.call(ctx, get(c.conn.URL("v1")), &answer); err != nil {
		return contract.Service{}, err
	}
	s := answer.Service
	if !s.Speaks() {
		return contract.Service{}, &ContractError{Address: c.conn.URL().String(), Service: s}
	}
	s.Limits = s.Limits.Or()
	c.service, c.server = &s, answer.API != ""
	return s, nil
}

// IsServer says whether a rollout server answers: it speaks the half of the contract that reads.
func (c *Client) IsServer(ctx context.Context) (bool, error) {
	_, err := c.Service(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server, err
}

// ContractError is a fleet that speaks another contract.
type ContractError struct {
	Address string
	Service contract.Service
}

// Error says which, and what to do.
func (e *ContractError) Error() string {
	if e.Service.Contract == "" {
		return fmt.Sprintf("%s answers, and not as the API of a fleet does: it names no contract. Is the endpoint right? It is what comes before /v1", e.Address)
	}
	do := "use a newer fleet"
	if e.Service.Newer() {
		do = "use a newer version of this program"
	}
	return fmt.Sprintf("%s speaks contract %s, and this version speaks %s: %s", e.Address, e.Service.Contract, contract.Version, do)
}

// World is a plugin in an environment. It is the engine's Fleet, Meter and Journals.
type World struct {
	c           *Client
	environment engine.Environment
	plugin      string
	lists       lists
	remembers   atomic.Bool // it said that it keeps rollouts
}

var (
	_ engine.Fleet    = (*World)(nil)
	_ engine.Meter    = (*World)(nil)
	_ engine.Journals = (*World)(nil)
)

// World is that of a plugin in an environment. Nothing is asked yet.
func (c *Client) World(e engine.Environment, plugin string) *World {
	return &World{c: c, environment: e, plugin: plugin}
}
