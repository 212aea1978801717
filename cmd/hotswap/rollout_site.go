package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// site is where rollouts are: at a server of rollouts, at a fleet, or in the folder of a
// simulated one. What it says is in the words of the server's API, wherever it is.
type site interface {
	// Plan is what a rollout would be that began now.
	Plan(ctx context.Context, a *asked) (*contract.Plan, error)
	// Begun is the unfinished rollout that does what is asked for, where whoever walked it left
	// it; "": there is none.
	Begun(ctx context.Context, a *asked) (id string, err error)
	// Start begins a rollout. Where nobody else walks it, it waits for Walk.
	Start(ctx context.Context, a *asked) (*contract.Rollout, error)
	// List lists rollouts, those that were started last first, and says what time it is there.
	List(ctx context.Context, q *query) (all []contract.Rollout, now time.Time, err error)
	// Show is all there is to see of a rollout; with glimpse, of fleet and traffic too.
	Show(ctx context.Context, id string, glimpse bool) (*contract.Detail, error)
	// Events are those of a rollout after a number. Where there are none yet, it may wait for
	// one as long as wait.
	Events(ctx context.Context, id string, after int64, wait time.Duration) ([]engine.Event, error)
	// Signal says something to a rollout.
	Signal(ctx context.Context, id string, s contract.Signal) error
	// Attended says that somebody walks rollouts there. Where nobody does, Walk does: until the
	// rollout has ended, or waits for a person. seen is told of each step.
	Attended() bool
	Walk(ctx context.Context, id string, seen func(*contract.Detail)) error
	// Flags are those that say where it is, as they were given, for commands that are told to
	// people: each has a blank before it.
	Flags() string
	// Environments are those that are known there, with their plugins.
	Environments(ctx context.Context) ([]contract.Environment, error)
	Close()
}

// asked is a rollout that somebody asks for.
type asked struct {
	contract.Ask
	spec        *engine.Spec // nil: Restores is asked for
	environment string
	plugin      string
	key         string
}

// query says which rollouts are listed.
type query struct {
	environments, phases, outcomes []string
	plugin                         string
	unfinished                     bool
	limit                          int
}

// whoami is who says something from here, for others to read.
func whoami() string {
	name := "somebody"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		host = "a machine without a name"
	}
	return name + "@" + host
}

// holder is who walks rollouts here.
func holder() string { return fmt.Sprintf("%s, hotswap, process %d", whoami(), os.Getpid()) }
