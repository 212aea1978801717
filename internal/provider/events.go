package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// stageLogger returns a function that writes what has happened since its last call
// to Terraform's log, a line for each event that a person cares about. It is the
// only way for a resource to show progress.
func stageLogger(ctx context.Context, r walking) func() {
	logged := len(r.Events())
	return func() {
		for ; logged < len(r.Events()); logged++ {
			e := r.Events()[logged]
			if !worthLogging(e) {
				continue
			}
			tflog.Info(ctx, r.Plan().Line(e), map[string]any{
				"rollout": r.Plan().Rollout, "event": string(e.Kind), "seq": e.Seq, "at": e.At.UTC().Format(time.RFC3339),
			})
		}
	}
}

// worthLogging says whether a line of TF_LOG is spent on the event.
func worthLogging(e engine.Event) bool {
	switch e.Kind {
	case engine.Began, engine.Reverting, engine.Judged, engine.Extended, engine.RanOut, engine.Failed, engine.Finished,
		engine.Paused, engine.Resumed, engine.Promoted, engine.Aborted:
		return true
	default:
		return false
	}
}
