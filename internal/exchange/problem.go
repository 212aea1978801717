package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// Failure is a problem on its way out, and what of it stands in headers.
type Failure struct {
	contract.Problem
	After time.Duration // Retry-After, of busy and unavailable
	Allow string        // of a method that is not there
	// More makes what is sent of the problem, where that is more than a problem; nil: it is not.
	More func(contract.Problem) any
}

// Error is that of the problem.
func (f *Failure) Error() string { return f.Problem.Error() }

// Refuse is a failure with a reason, and in words what was wrong.
func Refuse(reason contract.Reason, format string, args ...any) *Failure {
	return &Failure{Problem: contract.Problem{Reason: reason, Status: contract.StatusOf(reason), Detail: fmt.Sprintf(format, args...)}}
}

// Failed is what an error of the ports is in the contract's words.
func Failed(err error) *Failure {
	var f *Failure
	var refused *engine.Refused
	var unavailable *engine.Unavailable
	var unfinished *engine.UnfinishedError
	var taken *engine.RolloutTakenError
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, engine.ErrSuperseded):
		return Refuse(contract.Superseded, "%v", err)
	case errors.As(err, &refused):
		return Refuse(contract.Refused, "%s", refused.Reason)
	case errors.As(err, &unavailable):
		f := Refuse(contract.Unavailable, "%v", err)
		f.After = unavailable.After
		return f
	case errors.As(err, &unfinished):
		f := Refuse(contract.UnfinishedRollout, "%v", err)
		f.Unfinished = &contract.Unfinished{
			Rollout: unfinished.Rollout, Candidate: unfinished.Candidate, Phase: string(unfinished.Phase), Stage: unfinished.Stage, Since: unfinished.Since,
		}
		return f
	case errors.As(err, &taken):
		return Refuse(contract.RolloutTaken, "%v", err)
	case errors.Is(err, engine.ErrConflict):
		return Refuse(contract.SequenceConflict, "%v", err)
	case errors.Is(err, engine.ErrNoJournal):
		return Refuse(contract.UnknownRollout, "%v", err)
	default:
		return Refuse(contract.Internal, "%v", err)
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

// Fail sends a problem.
func (x *Exchange) Fail(err error) {
	f := Failed(err)
	if f.Title == "" {
		f.Title = titles[f.Reason]
	}
	f.At, f.Detail = x.At(), engine.Visible(f.Detail)
	h := x.To.Header()
	switch f.Reason {
	case contract.Unauthenticated:
		h.Set("WWW-Authenticate", "Bearer")
	case contract.Busy, contract.Unavailable:
		h.Set("Retry-After", strconv.FormatInt(max(1, int64((f.After+time.Second-1)/time.Second)), 10))
	}
	if f.Allow != "" {
		h.Set("Allow", f.Allow)
	}
	x.note(&f.Problem)
	var told any = f.Problem
	if f.More != nil {
		told = f.More(f.Problem)
	}
	body, err := json.Marshal(told)
	if err != nil {
		panic("exchange: " + err.Error()) // a problem is plain values
	}
	x.Send(f.Status, contract.ProblemJSON, append(body, '\n'))
}
