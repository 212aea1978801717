package api

import (
	"context"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// mostAudited is how many bytes of what a path has are in a line of the audit log.
const mostAudited = 300

// begin begins what the audit log will have of a request that acts, as far as its path says.
func (x *call) begin(action string) {
	bounded := func(name string) string {
		if text := x.PathValue(name); len(text) <= mostAudited {
			return text
		}
		return engine.Shortened(x.PathValue(name))
	}
	x.line = &store.Audit{Action: action, Environment: bounded("environment"), Plugin: bounded("plugin"), Rollout: bounded("rollout"), Reason: bounded("token")}
}

// acted writes the line of a request that acts, once: that it was done, or why not. A line
// that cannot be written is logged: what was done is in the journal too.
func (a *api) acted(x *call, refused error) {
	line := x.line
	if line == nil {
		return
	}
	x.line = nil
	line.At, line.Actor, line.Request = x.At(), x.actor.Name, exchange.RequestID(x.Request)
	if refused != nil {
		line.Refused = engine.Visible(refused.Error())
	}
	if err := a.Server.Store.Audit(context.WithoutCancel(x.Context()), *line); err != nil {
		a.Log.Error("the audit log cannot be written", "error", err, "request", line.Request, "actor", line.Actor, "action", line.Action,
			"environment", line.Environment, "plugin", line.Plugin, "rollout", line.Rollout, "reason", line.Reason, "refused", line.Refused)
	}
}
