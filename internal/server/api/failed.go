package api

import (
	"context"
	"errors"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

func engineEnvironment(name string) engine.Environment { return engine.Environment(name) }

// refuse is a failure with a reason of this API.
func refuse(reason fleetcontract.Reason, err error) *exchange.Failure {
	f := exchange.Refuse(reason, "%v", err)
	f.Status, f.Title = contract.StatusOf(reason), titles[reason]
	return f
}

// titles are what the reasons mean.
var titles = func() map[fleetcontract.Reason]string {
	means := map[fleetcontract.Reason]string{}
	for _, row := range contract.Reasons() {
		means[row.Reason] = row.Means
	}
	return means
}()

// titled is failed, under the title that its reason has in this API.
func titled(err error) error {
	err = failed(err)
	var f *exchange.Failure
	if errors.As(err, &f) {
		f.Title = titles[f.Reason]
	}
	return err
}

// failed is what an error is in the API's words.
func failed(err error) error {
	var f *exchange.Failure
	var nothing *server.NothingError
	var outline *server.OutlineError
	var started *store.StartedError
	var stage *engine.StageError
	var problems engine.Problems
	var noWorld *server.NoWorldError
	var fleet *server.FleetError
	var owned *store.OwnedError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &nothing):
		return refuse(contract.AlreadyActive, err)
	case errors.As(err, &outline):
		return with(refuse(contract.FleetChanged, err), func(p *contract.Problem) { p.Outline = outline.Plan.Outline() })
	case errors.As(err, &started):
		return with(refuse(contract.KeyUsed, err), func(p *contract.Problem) { p.Rollout = started.Rollout })
	case errors.As(err, &stage):
		return with(refuse(contract.StageDiffers, err), func(p *contract.Problem) { p.Is = stage.Is })
	case errors.As(err, &problems):
		return invalid(problems)
	case errors.As(err, &noWorld):
		if noWorld.Plugin == "" {
			return refuse(contract.UnknownEnvironment, err)
		}
		return refuse(fleetcontract.UnknownPlugin, err)
	case errors.As(err, &fleet):
		return refuse(contract.FleetUnavailable, err)
	case errors.As(err, &owned):
		return refuse(fleetcontract.OwnerDiffers, err)
	default:
		return denied(err)
	}
}

// denied is failed of those that are about who comes, and of all others.
func denied(err error) error {
	var nobody *access.UnauthenticatedError
	var often *access.TooManyError
	var away *access.UnavailableError
	var storeAway *store.UnavailableError
	switch {
	case errors.As(err, &nobody):
		return exchange.Refuse(fleetcontract.Unauthenticated, "%v", err)
	case errors.As(err, &often):
		f := exchange.Refuse(fleetcontract.Busy, "%v", err)
		f.After = often.After
		return f
	case errors.As(err, &away):
		return exchange.Refuse(fleetcontract.Unavailable, "%s", away.What)
	case errors.As(err, &storeAway):
		return exchange.Refuse(fleetcontract.Unavailable, "the store of the server can be neither read nor written now")
	case errors.Is(err, engine.ErrPhase):
		return refuse(contract.WrongPhase, err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		f := exchange.Refuse(fleetcontract.Unavailable, "%v", err)
		f.After = time.Second
		return f
	default:
		return exchange.Failed(err)
	}
}

// with is f with more in it than every problem has.
func with(f *exchange.Failure, put func(*contract.Problem)) *exchange.Failure {
	f.More = func(p fleetcontract.Problem) any {
		more := contract.Problem{Problem: p}
		put(&more)
		return more
	}
	return f
}

// invalid is a deployment of which no plan can be made.
func invalid(problems engine.Problems) *exchange.Failure {
	return with(refuse(contract.InvalidDeployment, problems), func(p *contract.Problem) {
		for _, one := range problems {
			p.Problems = append(p.Problems, contract.FieldProblem{Path: one.Path, Value: one.Value, Rule: one.Rule})
		}
	})
}
