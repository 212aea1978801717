// Package plugin is what a plugin is to its host, however it is run: something that serves
// requests, can be told to misbehave, and may go away by itself.
package plugin

import (
	"context"
	"errors"
)

// Request is a payment that a tenant asks for.
type Request struct {
	Tenant string
	Amount int64 // in cents
}

// Response is what a plugin answers where it did not fail.
type Response struct {
	Text      string
	Converted bool
}

// Plugin serves requests, many at once.
type Plugin interface {
	// Serve serves one. An [*Error] is the plugin's own; an error that is [ErrCrashed] says
	// that the plugin went away meanwhile, and an error of ctx that it took too long.
	Serve(ctx context.Context, r Request) (Response, error)
	// Configure replaces how the plugin behaves, for requests that come from now on.
	Configure(ctx context.Context, b Behaviours) error
}

// Loaded is a plugin that its host has started.
type Loaded interface {
	Plugin
	// Lost is closed when the plugin went away as a whole, by itself or by Close. Then
	// Why says what became of it, in one line.
	Lost() <-chan struct{}
	Why() string
	// PID is the plugin's process, 0 where it lives in that of its host.
	PID() int
	// Close ends the plugin, with all requests that it still has. It may be called again.
	Close()
}

// ErrCrashed is what has become of a request whose plugin went away.
var ErrCrashed = errors.New("the plugin went away while it had the request")

// Error is an error that the plugin answered with.
type Error struct{ Text string }

// Error implements error.
func (e *Error) Error() string { return e.Text }

// Behaviour is how a plugin behaves to a request.
type Behaviour struct {
	// LatencyMS is the median of what a request takes, in milliseconds.
	LatencyMS float64 `json:"latencyMs,omitempty"`
	// ErrorRate is the share of requests that are answered with an error, 0..1.
	ErrorRate float64 `json:"errorRate,omitempty"`
	// ConversionRate is the share of requests without an error that convert, 0..1.
	ConversionRate float64 `json:"conversionRate,omitempty"`
	// LeakBytes is how much memory is kept of each request.
	LeakBytes int64 `json:"leakBytes,omitempty"`
	// PanicRate is the share of requests at which the plugin panics, 0..1.
	PanicRate float64 `json:"panicRate,omitempty"`
}

// On is the behaviour b with over on top: its rates and its leak count where they are set,
// and its latency comes to that of b.
func (b Behaviour) On(over Behaviour) Behaviour {
	b.LatencyMS += over.LatencyMS
	if over.ErrorRate != 0 {
		b.ErrorRate = over.ErrorRate
	}
	if over.ConversionRate != 0 {
		b.ConversionRate = over.ConversionRate
	}
	if over.LeakBytes != 0 {
		b.LeakBytes = over.LeakBytes
	}
	if over.PanicRate != 0 {
		b.PanicRate = over.PanicRate
	}
	return b
}

// Behaviours are how a plugin behaves to everybody, and to tenants to whom it behaves
// otherwise.
type Behaviours struct {
	All     Behaviour            `json:"all"`
	Tenants map[string]Behaviour `json:"tenants,omitempty"`
}

// To is how it behaves to a tenant.
func (b *Behaviours) To(tenant string) Behaviour {
	if one, ok := b.Tenants[tenant]; ok {
		return one
	}
	return b.All
}
