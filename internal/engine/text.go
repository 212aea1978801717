package engine

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// String is the plan as a person reads it: what, over what, then a row for each
// stage.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", p.Title())
	for _, w := range p.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	if text := p.Pace.text(); text != "" {
		fmt.Fprintf(&b, "%s\n", text)
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "#\tstage\tchanges\tundo\treaches\tsettle\tbake\tgate\tthen")
	var gates []string
	for i, s := range p.Stages {
		then := "-"
		switch {
		case s.NoWayBack():
			then = "no way back"
		case s.Hold:
			then = "hold"
		}
		like := s.Gate
		like.Alpha = 0 // each gate has its own part, and nothing else differs
		gate := like.String()
		if gate != "-" {
			if !slices.Contains(gates, gate) {
				gates = append(gates, gate)
			}
			gate = fmt.Sprintf("gate %d", slices.Index(gates, gate)+1)
		}
		_, _ = fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", i+1, s.Name, changesText(s.Changes), changesText(s.Undo),
			s.Exposure, dash(s.Settle), dash(s.Bake), gate, then)
	}
	_ = w.Flush() // into memory
	for i, gate := range gates {
		fmt.Fprintf(&b, "gate %d: %s\n", i+1, gate)
	}
	return b.String()
}

// Title says what the plan does, in a line.
func (p *Plan) Title() string {
	s := &p.Spec
	what := fmt.Sprintf("%s rollout", s.Strategy)
	if p.Restores != "" {
		what = "restoring what was before " + p.Restores
	}
	return fmt.Sprintf("%s of %s in %s: %s -> %s, %s, %s", what, s.PluginID, s.Environment,
		versionOr(p.Baseline), versionOr(p.Candidate), Plural(len(p.Instances), "instance"), Plural(len(p.Tenants), "tenant"))
}

func versionOr(v string) string {
	if v == "" {
		return "(not installed)"
	}
	return v
}

func dash(d time.Duration) string {
	if d == 0 {
		return "-"
	}
	return FormatDuration(d)
}

func changesText(cs []Change) string {
	if len(cs) == 0 {
		return "-"
	}
	parts := make([]string, len(cs))
	for i, c := range cs {
		parts[i] = c.String()
	}
	return strings.Join(parts, "; ")
}

// String is what the change asks for.
func (c Change) String() string {
	instances := Plural(c.Instances.Len()+len(c.Named), "instance")
	tenants := fmt.Sprintf("tenants %d-%d", c.Tenants.From+1, c.Tenants.To)
	if c.Tenants.Len() == 1 {
		tenants = fmt.Sprintf("tenant %d", c.Tenants.To)
	}
	switch c.Kind {
	case Install:
		return fmt.Sprintf("install %s beside on %s", c.Version, instances)
	case Replace:
		return fmt.Sprintf("replace with %s on %s", c.Version, instances)
	case Activate:
		return fmt.Sprintf("make %s the default of %s", versionOr(c.Version), instances)
	case Remove:
		return fmt.Sprintf("remove %s from %s", c.Version, instances)
	case Pin:
		return fmt.Sprintf("pin %s to %s", tenants, c.Version)
	case Unpin:
		return "unpin " + tenants
	case Provision:
		return fmt.Sprintf("provision %s with %s of %s", c.Slot, Plural(c.Count, "instance"), c.Version)
	case Retire:
		return "retire " + c.Slot
	case Smoke:
		return fmt.Sprintf("smoke tests on %s: %s", c.Slot, strings.Join(c.Tests, ", "))
	case Shift:
		return "route " + routesText(c.Routes)
	default:
		return string(c.Kind)
	}
}

// routesText reads "blue 80%, green 20%".
func routesText(routes []Route) string {
	parts := make([]string, len(routes))
	for i, r := range routes {
		parts[i] = fmt.Sprintf("%s %g%%", r.Slot, r.Percent)
	}
	return strings.Join(parts, ", ")
}

// String reads "15 tenants, 10 instances, 10.2 % of traffic".
func (e Exposure) String() string {
	return fmt.Sprintf("%s, %s, %.4g %% of traffic", Plural(e.Tenants, "tenant"), Plural(e.Instances, "instance"), e.Share)
}

// Line is the event as one line of a rollout's timeline, without its time.
func (p *Plan) Line(e Event) string {
	stage := (&State{Stage: e.Stage}).stage(p)
	at := stage.Name + ": "
	if text, ok := rolloutLines[e.Kind]; ok {
		return text(p, &e)
	}
	if text, ok := stageLines[e.Kind]; ok {
		return at + text(&stage, &e)
	}
	return signalLine(at, e)
}

// rolloutLines say what is about the whole rollout.
var rolloutLines = map[EventKind]func(*Plan, *Event) string{
	Measured: func(_ *Plan, e *Event) string {
		if e.Error != "" {
			return "before: not measured: " + e.Error
		}
		return fmt.Sprintf("before: %s, %s errors", Plural(e.Before.Requests, "request"), pct(ratio(e.Before.Errors, e.Before.Requests)))
	},
	Surveyed: func(p *Plan, e *Event) string {
		switch {
		case len(e.Targets) > 0:
			return "brought along: " + Names(e.Targets)
		case p.Restores != "":
			return "everything is as it was before " + p.Restores
		default:
			return "every instance serves " + versionOr(p.Candidate) + butFor(e.Behind)
		}
	},
	Finished: func(_ *Plan, e *Event) string { return string(e.Outcome) },
}

// stageLines say what is about a stage, whose name stands in front.
var stageLines = map[EventKind]func(*Stage, *Event) string{
	Began:     func(*Stage, *Event) string { return "began" },
	Made:      func(_ *Stage, e *Event) string { return e.Did },
	Settled:   func(_ *Stage, e *Event) string { return "settled" + without(*e) + reach(*e) },
	Reverting: func(*Stage, *Event) string { return "rolling it back" },
	Reverted:  func(_ *Stage, e *Event) string { return "rolled back" + without(*e) + reach(*e) },
	Extended: func(s *Stage, e *Event) string {
		return fmt.Sprintf("inconclusive: %s; extended until %s, then %s", e.Error, e.Until.UTC().Format("15:04:05"), s.Gate.OnInconclusive)
	},
	Blinded: func(_ *Stage, e *Event) string { return "no samples since " + e.Until.UTC().Format("15:04:05") },
	Sighted: func(*Stage, *Event) string { return "samples are back" },
	Judged:  judgedLine,
	Failed:  func(_ *Stage, e *Event) string { return "failed: " + e.Error },
	RanOut:  func(_ *Stage, e *Event) string { return e.Error },
	Left:    func(_ *Stage, e *Event) string { return "left by " + e.By + reasonOf(*e) + reach(*e) },
}

func judgedLine(s *Stage, e *Event) string {
	switch v := e.Verdict; {
	case s.Gate.IsZero() && !v.Guard:
		return "over after " + Spoken(v.Window)
	case v.Winner != "":
		return v.Reason + reach(*e)
	case v.Guard:
		return fmt.Sprintf("guard says %s: %s%s", v.Result, v.Reason, reach(*e))
	default:
		return fmt.Sprintf("gate says %s: %s%s", v.Result, v.Reason, reach(*e))
	}
}

func signalLine(at string, e Event) string {
	return fmt.Sprintf("%s%s by %s%s%s", at, e.Kind, e.By, reasonOf(e), reach(e))
}

func reasonOf(e Event) string {
	if e.Error == "" {
		return ""
	}
	return ": " + e.Error
}

// butFor names the instances that a rollout went on without.
func butFor(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ", but for " + Names(ids)
}

// without names the instances that settling did not wait for any longer.
func without(e Event) string {
	if len(e.Targets) == 0 {
		return ""
	}
	return ", without " + Names(e.Targets)
}

func reach(e Event) string {
	if e.Exposed == nil || *e.Exposed == (Exposure{}) {
		return ""
	}
	return " (" + e.Exposed.String() + ")"
}

// String is the state in a line.
func (s State) String() string {
	text := fmt.Sprintf("%s at stage %d, %s", s.Phase, s.Stage+1, s.Step)
	if s.Outcome != "" {
		text = string(s.Outcome)
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text
}
