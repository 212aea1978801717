package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// decisions are the commands that a rollout which waits for a person can be answered with, each
// with what comes of it; none where it does not wait. As comments of a shell they can be copied
// along.
func decisions(d *contract.Detail, p site) (lines []string) {
	more := p.Flags()
	if !p.Attended() { // nobody else would go on with it
		more += " --wait"
	}
	say := func(signal, then string) {
		lines = append(lines, fmt.Sprintf("  hotswap rollout %s %s%s  # %s", signal, shellWord(shown(d.ID)), more, then))
	}
	stage := shown(d.Stage.Name)
	switch engine.Phase(d.Phase) {
	case engine.PhaseHeld:
		say(contract.Promote, promoted(d))
		say(contract.Resume, fmt.Sprintf("tries %s again, with new time", stage))
	case engine.PhasePaused:
		say(contract.Resume, "goes on at "+stage)
	case engine.PhaseStuck:
		say(contract.Resume, "tries again what it stuck at")
		return lines
	default:
		return nil
	}
	if at := d.Stage.Number - 1; at < 0 || at >= len(d.Stages) || !d.Stages[at].Final || d.Stages[at].OnFail != "" || !happened(d, engine.Began) {
		say(contract.Rollback, "takes back all that it changed")
	}
	return lines
}

// signalsOf are what decisions say to a rollout, as "promote|rollback".
func signalsOf(decisions []string) string {
	var names []string
	for _, line := range decisions {
		names = append(names, strings.Fields(line)[2])
	}
	return strings.Join(names, "|")
}

// promoted says what comes of a promote.
func promoted(d *contract.Detail) string {
	switch next := d.Stage.Number; {
	case !happened(d, engine.Settled):
		return fmt.Sprintf("goes on at %s, in spite of what held it", shown(d.Stage.Name))
	case next < len(d.Stages):
		return fmt.Sprintf("goes on to %s, whatever was measured", shown(d.Stages[next].Name))
	default:
		return "ends it, and the new version stays"
	}
}

// happened says whether something happened to the present stage.
func happened(d *contract.Detail, kind engine.EventKind) bool {
	return slices.ContainsFunc(d.Timeline, func(l contract.Line) bool { return l.Kind == string(kind) && l.Stage == d.Stage.Number-1 })
}

// decide prints them.
func (c *console) decide(d *contract.Detail, p site) {
	if lines := decisions(d, p); len(lines) > 0 {
		c.print("%s\n%s\n", c.paint.amber("It waits for a person. To decide:"), strings.Join(lines, "\n"))
	}
}

// whereNames are the flags that say where rollouts are.
var whereNames = []string{
	"controller", "context", "endpoint", "state", "scenario", "time-scale", "journal", "prometheus", "prometheus-http-config", "queries", "environment", "plugin",
	"token-file", "http-config", "allow-http",
}

// flagsGiven are those of them that a command was given, as a shell takes them, each with a blank
// before it.
func flagsGiven(cmd *cobra.Command) string {
	var b strings.Builder
	for _, name := range whereNames {
		switch f := cmd.Flags().Lookup(name); {
		case f == nil || !f.Changed:
		case f.Value.Type() == "bool":
			fmt.Fprintf(&b, " --%s=%s", name, f.Value)
		default:
			fmt.Fprintf(&b, " --%s %s", name, shellWord(shown(f.Value.String())))
		}
	}
	return b.String()
}
