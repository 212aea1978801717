package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// plainScreen writes a line for each event, and one for each change of the condition.
type plainScreen struct {
	c     *console
	place site
	begun bool
	next  int64  // number of the event to come
	last  string // condition
	asked int64  // number of the event after which it was said how to decide
}

func (p *plainScreen) show(d *contract.Detail, _ []engine.Event, err error) {
	if d == nil {
		p.c.print("cannot be watched: %s\n", shown(err.Error()))
		return
	}
	if !p.begun {
		p.begun = true
		p.c.print("%s\n%s\n", p.c.paint.bold(shown(d.ID)), shown(d.Headline))
	}
	for _, l := range d.Timeline {
		if l.Seq >= p.next {
			p.next = l.Seq + 1
			p.c.print("%s  %s\n", l.At.UTC().Format(time.DateTime), shown(l.Text))
		}
	}
	text := conditionText(d)
	if err != nil {
		text = "cannot be watched: " + shown(err.Error())
	}
	if text != p.last && text != "" {
		p.last = text
		p.c.print("%s  %s\n", d.At.UTC().Format(time.DateTime), text)
	}
	if err == nil && p.asked < d.Generation && len(decisions(d, p.place)) > 0 {
		p.asked = d.Generation
		p.c.decide(d, p.place)
	}
}

// conditionText is how the rollout is between two events, in a line; "": nobody looked.
func conditionText(d *contract.Detail) string {
	var parts []string
	if d.Phase == string(engine.PhaseHeld) || d.Phase == string(engine.PhasePaused) {
		parts = append(parts, fmt.Sprintf("%s at %s, walked by %s", d.Phase, shown(d.Stage.Name), walkedBy(&d.Rollout)))
	}
	switch n := d.Now; {
	case n == nil:
	case n.Condition == nil:
		parts = append(parts, "the fleet cannot be seen: "+shown(n.Unseen))
	default:
		parts = append(parts, "reached: "+n.Condition.Exposed.String(), instancesText(n.Condition))
	}
	return strings.Join(parts, "; ")
}

// instancesText is how the changed instances are.
func instancesText(c *engine.Condition) string {
	parts := []string{fmt.Sprintf("%d of %d changed instances ready", c.Ready, c.Watched)}
	for _, p := range []struct {
		n    int
		what string
	}{{c.Unproven, "not seen to work yet"}, {c.Failing, "failing"}, {c.Pending, "changes pending"}, {c.BrokenCount, "changes broken"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	return strings.Join(parts, ", ")
}
