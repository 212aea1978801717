package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// Exit codes of what is done with rollouts, beside those of every command.
const (
	exitRolledBack = 10
	exitRetained   = 11
	exitHeld       = 12
	exitStuck      = 13
	exitRefused    = 14
)

// exits says what each exit code means: here, and nowhere else.
var exits = []struct {
	code  int
	means string
}{
	{exitFine, "done, or the rollout succeeded"},
	{exitUnexpected, "no plan can be made"},
	{exitInput, "the command line or a file is wrong, or who is asked cannot be reached"},
	{exitUnwritten, "the output could not be written"},
	{exitRolledBack, "the rollout was rolled back"},
	{exitRetained, "an A/B test ended and the old version stays"},
	{exitHeld, "the rollout waits for a person: it is held or paused"},
	{exitStuck, "the rollout is stuck: a way back could not be finished"},
	{exitRefused, "refused: an invalid deployment, an unfinished rollout, a fleet that changed, a phase that does not allow it"},
	{exitStopped, "interrupted"},
}

// exitsHelp is the part of a help about the exit codes that a command has.
func exitsHelp(codes ...int) string {
	var b strings.Builder
	b.WriteString("\n\nExit codes:\n")
	for _, e := range exits {
		if slices.Contains(codes, e.code) || len(codes) == 0 {
			fmt.Fprintf(&b, "  %3d  %s\n", e.code, e.means)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// codedError ends a command with an exit code of its own. Without an err, the output has said
// it all.
type codedError struct {
	code int
	err  error
}

func (e *codedError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *codedError) Unwrap() error { return e.err }

// coded is the exit code of an error of its own; ok: it has one.
func coded(err error) (e *codedError, ok bool) {
	ok = errors.As(err, &e)
	return e, ok
}

// refusals are the reasons for which a server does not do what it was asked, though the
// question was in order.
var refusals = []fleetcontract.Reason{
	contract.InvalidDeployment, contract.FleetChanged, contract.StageDiffers, contract.WrongPhase, contract.KeyUsed,
	fleetcontract.UnfinishedRollout, fleetcontract.RolloutTaken, fleetcontract.Forbidden,
}

// refused gives an error that is a refusal the exit code of one.
func refused(err error) error {
	if err == nil {
		return nil
	}
	var (
		known      *codedError
		problem    *client.Problem
		problems   engine.Problems
		unfinished *engine.UnfinishedError
		outline    *server.OutlineError
		stage      *engine.StageError
		away       *connect.Fault
	)
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &problem):
		if !slices.Contains(refusals, problem.More.Reason) {
			return err
		}
		return &codedError{exitRefused, said{problem}}
	case errors.As(err, &away):
		return err
	case errors.As(err, &problems), errors.As(err, &unfinished), errors.As(err, &outline), errors.As(err, &stage),
		errors.Is(err, engine.ErrPhase), errors.Is(err, simulator.ErrNoFleet):
	default:
		return err
	}
	return &codedError{exitRefused, err}
}

// said is a refusal in the server's own words: how it was asked is nobody's concern.
type said struct{ *client.Problem }

// longestSaid is how much of what a server says is shown.
const longestSaid = 1000

func (s said) Error() string {
	if len(s.Problems()) > 0 || s.More.Detail == "" {
		return s.Problem.Error()
	}
	return engine.Visible(s.More.Detail[:min(len(s.More.Detail), longestSaid)])
}

func (s said) Unwrap() error { return s.Problem }

// ended is the end of a command that saw how a rollout is: nil where it succeeded, or goes on.
func ended(d *contract.Rollout) error {
	codes := map[string]int{
		string(engine.PhaseRolledBack): exitRolledBack, string(engine.PhaseRetained): exitRetained, string(engine.PhaseStuck): exitStuck,
		string(engine.PhaseHeld): exitHeld, string(engine.PhasePaused): exitHeld,
	}
	if code, ok := codes[d.Phase]; ok {
		return &codedError{code: code}
	}
	return nil
}

// interrupted is the end of a command that was interrupted, and what goes on all the same.
type interrupted struct{ so string }

func (i *interrupted) Error() string { return "interrupted: " + i.so }

func (i *interrupted) Unwrap() error { return context.Canceled }
