package conformance

import (
	"context"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// Settings say which fleet is held to the contract, and where in it.
type Settings struct {
	Connection connect.Settings
	// Secret is the token of the connection, which is never shown, whatever the fleet
	// answers; "": there is none.
	Secret string
	// Environment, Plugin and Versions are where to try, instead of in the sandbox that the
	// fleet names. Versions are two that can be installed; the first one runs there.
	Environment, Plugin string
	Versions            []string
	// Deploy allows another plugin than the sandbox.
	Deploy bool
	// Settle is how long a change may take; 0: as the sandbox says.
	Settle time.Duration
	// Only chooses clauses by their ids; nil: all. What they rest on is tried as well.
	Only func(id string) bool
	// Tell hears of each clause as it is over; nil: nobody does.
	Tell func(Result)
	// Pause waits; nil: in real time.
	Pause func(ctx context.Context, d time.Duration) error
}

// Report is what came of a run.
type Report struct {
	Software, Contract  string // of the fleet, as it says
	Environment, Plugin string
	Results             []Result
	// Left says how the sandbox differs from how it was found; "": not at all.
	Left string
}

// Count counts the clauses of a verdict.
func (r *Report) Count(v Verdict) int {
	n := 0
	for i := range r.Results {
		if r.Results[i].Verdict == v {
			n++
		}
	}
	return n
}

func (s *Settings) pause(ctx context.Context, d time.Duration) error {
	if s.Pause != nil {
		return s.Pause(ctx, d)
	}
	return walker.Pause(ctx, d)
}
