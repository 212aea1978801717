package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// screen is where a watched rollout is shown.
type screen interface {
	show(w *watched, err error)
}

func (f *watchFlags) screen(c *console) screen {
	switch {
	case f.json:
		return &jsonScreen{c: c}
	case c.drawn:
		return &liveScreen{c: c}
	}
	return &plainScreen{c: c}
}

// plainScreen writes a line for each event, and one for each change of the condition.
type plainScreen struct {
	c     *console
	begun bool
	shown int    // events
	last  string // condition
}

func (p *plainScreen) show(w *watched, err error) {
	if !p.begun {
		p.begun = true
		p.c.print("%s\n%s\n", p.c.paint.bold(w.plan.Rollout), engine.Headline(w.plan))
	}
	for ; p.shown < len(w.events); p.shown++ {
		e := w.events[p.shown]
		p.c.print("%s  %s\n", e.At.UTC().Format(time.DateTime), w.plan.Line(e))
	}
	text := conditionText(w)
	if waits := w.waits(); waits != "" {
		text = waits + "; " + text
	}
	if err != nil {
		text = "cannot be watched: " + engine.Visible(err.Error())
	}
	if text != p.last {
		p.last = text
		p.c.print("%s  %s\n", w.now.UTC().Format(time.DateTime), text)
	}
}

// conditionText is the condition in a line.
func conditionText(w *watched) string {
	if w.condition == nil {
		return fmt.Sprintf("the fleet cannot be seen: %v", w.unseen)
	}
	return "reached: " + w.condition.Exposed.String() + "; " + instancesText(w.condition)
}

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

// liveScreen draws a view over and over.
type liveScreen struct {
	c     *console
	lines int // drawn last
}

// lastEvents is how many events the view has.
const lastEvents = 8

func (l *liveScreen) show(w *watched, err error) {
	lines := l.view(w)
	if err != nil {
		lines = append(lines, l.c.paint.red("cannot be watched: "+engine.Visible(err.Error())))
	}
	var b strings.Builder
	if l.lines > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", l.lines)
	}
	for _, line := range lines {
		b.WriteString("\x1b[2K" + line + "\n")
	}
	for range max(0, l.lines-len(lines)) {
		b.WriteString("\x1b[2K\n")
	}
	l.lines = max(l.lines, len(lines))
	l.c.print("%s", b.String())
}

// view are the lines of the view.
func (l *liveScreen) view(w *watched) []string {
	paint := l.c.paint
	at, of, name := w.stage()
	row := func(what, text string) string { return paint.faint(fmt.Sprintf("%-11s", what)) + text }
	stage := fmt.Sprintf("%d of %d, %s", at, of, name)
	if step := w.step(); step != "" {
		stage += ": " + step
	}
	lines := []string{
		paint.bold(w.plan.Rollout) + "  " + engine.Headline(w.plan),
		row("phase", l.phase(w.state.Phase)),
		row("stage", bar(at-1, of, w.state.Outcome)+" "+stage),
	}
	if w.condition != nil {
		lines = append(lines, row("reached", w.condition.Exposed.String()), row("instances", instancesText(w.condition)))
		for _, a := range w.condition.Ailing[:min(3, len(w.condition.Ailing))] {
			lines = append(lines, row("", paint.amber(ailingText(&a))))
		}
	} else {
		lines = append(lines, row("reached", paint.amber(conditionText(w))))
	}
	if v := w.state.Verdict; v != nil {
		lines = append(lines, row("verdict", string(v.Result)+": "+v.Reason))
	}
	if who := w.attended(); who != "" {
		lines = append(lines, row("walked by", who))
	}
	lines = append(lines, "")
	for _, e := range w.events[max(0, len(w.events)-lastEvents):] {
		lines = append(lines, paint.faint(e.At.UTC().Format(time.TimeOnly))+"  "+w.plan.Line(e))
	}
	return lines
}

func ailingText(a *engine.Ailing) string {
	text := a.Instance
	if !a.Ready {
		text += " is not ready"
	}
	if a.Failures > 0 {
		text += fmt.Sprintf(", %d failed probes in a row", a.Failures)
	}
	if a.Deaths > 0 {
		text += fmt.Sprintf(", died %d times", a.Deaths)
	}
	if a.Reason != "" {
		text += ": " + a.Reason
	}
	return engine.Visible(text)
}

func (l *liveScreen) phase(p engine.Phase) string {
	switch p {
	case engine.PhaseSucceeded:
		return l.c.paint.green(string(p))
	case engine.PhaseHeld, engine.PhasePaused, engine.PhaseRetained:
		return l.c.paint.amber(string(p))
	case engine.PhaseRollingBack, engine.PhaseRolledBack, engine.PhaseStuck:
		return l.c.paint.red(string(p))
	}
	return string(p)
}

// bar is how many stages are behind.
func bar(done, of int, end engine.Outcome) string {
	if end == engine.Succeeded {
		done = of
	}
	const width = 20
	full := done * width / max(1, of)
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", width-full) + "]"
}
