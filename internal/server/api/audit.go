package api

import (
	"context"
	"encoding/json"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// audit writes a line of who did what. One that cannot be written is logged: what was done is
// in the journal too.
func (a *api) audit(x *call, line store.Audit) {
	line.At, line.Actor, line.Request = x.At(), x.actor.Name, exchange.RequestID(x.Request)
	if err := a.Server.Store.Audit(context.WithoutCancel(x.Context()), line); err != nil {
		text, _ := json.Marshal(line)
		a.Log.Error("the audit log cannot be written", "error", err, "line", string(text))
	}
}
