package provider

import (
	"fmt"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// timelineOf tells a rollout in lines, each with its time since the start.
func timelineOf(ro *rollout) []string {
	lines := []string{}
	for _, e := range ro.events {
		if text := ro.plan.Line(e); text != "" {
			lines = append(lines, fmt.Sprintf("%8s  %s", "+"+length(e.At.Sub(ro.began())), text))
		}
	}
	return lines
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
