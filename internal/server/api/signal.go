package api

import (
	"net/http"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// signals are what people say, in the engine's words.
var signals = map[string]engine.EventKind{
	contract.Pause: engine.Paused, contract.Resume: engine.Resumed, contract.Promote: engine.Promoted, contract.Rollback: engine.Aborted,
}

// causes are what leads to a signal.
var causes = []engine.Cause{
	engine.CauseDecision, engine.CauseVersion, engine.CauseDestroy, engine.CauseTimeout, engine.CauseInterrupt, engine.CauseSilence, engine.CauseRetry,
}

// How many bytes a reason and a name have at most: what a journal keeps of them.
const (
	mostReason = 1500
	mostName   = 300
)

// signal says something to a rollout. It stands in its journal, and in the audit log.
func (a *api) signal(x *call) error {
	r, err := a.rollout(x, access.Operate)
	if err != nil {
		return err
	}
	var body contract.Signal
	if err := x.JSON(mostBody, &body); err != nil {
		return err
	}
	kind, known := signals[body.Signal]
	switch {
	case !known:
		return exchange.Refuse(fleetcontract.InvalidRequest, "signal: %q is none of pause, resume, promote, rollback", body.Signal)
	case len(body.Reason) > mostReason:
		return exchange.Wrong("reason", "has %d bytes, and at most %d are taken", len(body.Reason), mostReason)
	case len(body.By) > mostName:
		return exchange.Wrong("by", "has %d bytes, and at most %d are taken", len(body.By), mostName)
	case body.Cause != "" && !slices.Contains(causes, engine.Cause(body.Cause)):
		return exchange.Wrong("cause", "%q is none of %v", engine.Shortened(body.Cause), causes)
	}
	x.line.Action, x.line.Reason = body.Signal, body.Reason
	by := x.actor.Name
	if body.By != "" {
		by = body.By + ", told by " + by
	}
	after, err := a.Server.Signal(x.Context(), r.RolloutHead.Rollout, engine.Signal{
		Kind: kind, By: by, Cause: engine.Cause(body.Cause), Reason: body.Reason, Stage: body.Stage,
	})
	if err != nil {
		return err
	}
	a.acted(x, nil)
	return x.Answer(http.StatusOK, contract.Started{At: x.At(), Rollout: a.rolloutOf(&after)})
}
