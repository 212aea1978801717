package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// failure is a problem on its way out, and what of it stands in headers.
type failure struct {
	contract.Problem
	after time.Duration // Retry-After, of busy and unavailable
	allow string        // of a method that is not there
}

// Error is that of the problem.
func (f *failure) Error() string { return f.Problem.Error() }

// refuse is a failure with a reason, and in words what was wrong.
func refuse(reason contract.Reason, format string, args ...any) *failure {
	return &failure{Problem: contract.Problem{Reason: reason, Status: contract.StatusOf(reason), Detail: fmt.Sprintf(format, args...)}}
}

// failed is what an error of the ports is in the contract's words.
func failed(err error) *failure {
	var f *failure
	var refused *engine.Refused
	var unavailable *engine.Unavailable
	var unfinished *engine.UnfinishedError
	var taken *engine.RolloutTakenError
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, engine.ErrSuperseded):
		return refuse(contract.Superseded, "%v", err)
	case errors.As(err, &refused):
		return refuse(contract.Refused, "%s", refused.Reason)
	case errors.As(err, &unavailable):
		f := refuse(contract.Unavailable, "%v", err)
		f.after = unavailable.After
		return f
	case errors.As(err, &unfinished):
		f := refuse(contract.UnfinishedRollout, "%v", err)
		f.Unfinished = &contract.Unfinished{
			Rollout: unfinished.Rollout, Candidate: unfinished.Candidate, Phase: string(unfinished.Phase), Stage: unfinished.Stage, Since: unfinished.Since,
		}
		return f
	case errors.As(err, &taken):
		return refuse(contract.RolloutTaken, "%v", err)
	case errors.Is(err, engine.ErrConflict):
		return refuse(contract.SequenceConflict, "%v", err)
	case errors.Is(err, engine.ErrNoJournal):
		return refuse(contract.UnknownRollout, "%v", err)
	default:
		return refuse(contract.Internal, "%v", err)
	}
}

// titles are what the reasons mean.
var titles = func() map[contract.Reason]string {
	means := map[contract.Reason]string{}
	for _, row := range contract.Reasons() {
		means[row.Reason] = row.Means
	}
	return means
}()

// fail sends a problem.
func (x *exchange) fail(err error) {
	f := failed(err)
	f.Title, f.At, f.Detail = titles[f.Reason], x.at(), engine.Visible(f.Detail)
	h := x.to.Header()
	switch f.Reason {
	case contract.Unauthenticated:
		h.Set("WWW-Authenticate", "Bearer")
	case contract.Busy, contract.Unavailable:
		h.Set("Retry-After", strconv.FormatInt(max(1, int64((f.after+time.Second-1)/time.Second)), 10))
	}
	if f.allow != "" {
		h.Set("Allow", f.allow)
	}
	x.note(&f.Problem)
	body, err := json.Marshal(f.Problem)
	if err != nil {
		panic("server: " + err.Error()) // a problem is plain values
	}
	x.send(f.Status, contract.ProblemJSON, append(body, '\n'))
}
