package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// liveScreen draws a view over and over.
type liveScreen struct {
	canvas

	place site
}

// How many events the view has, how many instances that are not well, and how wide its bars are.
const (
	lastEvents = 8
	mostAiling = 3
	barWidth   = 20
)

func (l *liveScreen) show(d *contract.Detail, _ []engine.Event, err error) {
	var lines []string
	if d != nil {
		lines = l.view(d)
	}
	if err != nil {
		lines = append(lines, "", l.c.paint.red("cannot be watched, and is tried again: "+shown(err.Error())))
	}
	l.draw(lines)
}

// row is a line of the view.
func (l *liveScreen) row(what, text string) string {
	return l.c.paint.faint(fmt.Sprintf("%-11s", what)) + text
}

// view are the lines of the view.
func (l *liveScreen) view(d *contract.Detail) []string {
	paint := l.c.paint
	lines := []string{
		paint.bold(shown(d.ID)),
		shown(d.Headline),
		"",
		l.row("phase", paint.phase(d.Phase)+l.walker(d)),
		l.row("stage", fmt.Sprintf("%s %d of %d: %s", gauge(stagesDone(d), barWidth), d.Stage.Number, d.Stage.Of, l.stages(d))),
	}
	if d.Outcome == "" {
		lines = append(lines, l.row("step", l.step(d)))
	}
	if text := reachText(d); text != "" {
		lines = append(lines, l.row("reached", fmt.Sprintf("%s %s", gauge(d.Exposed.Share/100, barWidth), text)))
	}
	lines = append(lines, l.instances(d)...)
	lines = append(lines, l.measured(d)...)
	if signals := signalsOf(decisions(d, l.place)); signals != "" { // in short: long lines are cut
		lines = append(lines, "", l.row("decide", paint.amber("hotswap rollout "+signals+" "+shown(d.ID))))
	}
	lines = append(lines, "")
	for _, e := range d.Timeline[max(0, len(d.Timeline)-lastEvents):] {
		lines = append(lines, paint.faint(e.At.UTC().Format(time.TimeOnly))+"  "+shown(e.Text))
	}
	return lines
}

// stagesDone is how much of the stages is behind.
func stagesDone(d *contract.Detail) float64 {
	if d.Outcome == string(engine.Succeeded) {
		return 1
	}
	return float64(d.Stage.Number-1) / float64(max(1, d.Stage.Of))
}

// mostStages is how many stages before and behind the present one are named.
const mostStages = 3

// stages are the names of those around the present one, which stands in brackets.
func (l *liveScreen) stages(d *contract.Detail) string {
	at := d.Stage.Number - 1
	from, to := max(0, at-mostStages), min(len(d.Stages), at+mostStages+1)
	var names []string
	if from > 0 {
		names = append(names, "…")
	}
	for i := from; i < to; i++ {
		switch name := shown(d.Stages[i].Name); {
		case i == at:
			names = append(names, l.c.paint.bold("["+name+"]"))
		case i < at:
			names = append(names, name)
		default:
			names = append(names, l.c.paint.faint(name))
		}
	}
	if to < len(d.Stages) {
		names = append(names, "…")
	}
	return strings.Join(names, " > ")
}

// walker says who walks the rollout.
func (l *liveScreen) walker(d *contract.Detail) string {
	who := walkedBy(&d.Rollout)
	if who == "" {
		return ""
	}
	if strings.HasPrefix(who, "nobody") {
		who = l.c.paint.amber(who)
	}
	return l.c.paint.faint(", walked by ") + who
}

// step is what the stage waits for, with a bar where it is known how long.
func (l *liveScreen) step(d *contract.Detail) string {
	text := stepText(d)
	if d.Step.Kind == "hold" || d.Step.Kind == "pause" || !d.Step.Blind.IsZero() {
		text = l.c.paint.amber(text)
	}
	length := d.Step.Ends.Sub(d.Step.Began)
	if d.Step.Began.IsZero() || d.Step.Ends.IsZero() || length <= 0 {
		return text
	}
	return gauge(float64(d.At.Sub(d.Step.Began))/float64(length), barWidth) + " " + text
}

// instances is how the changed instances are, and which of them are not well.
func (l *liveScreen) instances(d *contract.Detail) []string {
	switch {
	case d.Now == nil:
		return nil
	case d.Now.Condition == nil:
		return []string{l.row("instances", l.c.paint.amber("the fleet cannot be seen: "+shown(d.Now.Unseen)))}
	}
	c := d.Now.Condition
	share := 0.0
	if c.Watched > 0 {
		share = float64(c.Ready) / float64(c.Watched)
	}
	lines := []string{l.row("instances", gauge(share, barWidth)+" "+instancesText(c))}
	for i := range c.Ailing[:min(mostAiling, len(c.Ailing))] {
		lines = append(lines, l.row("", l.c.paint.amber(ailingText(&c.Ailing[i]))))
	}
	if more := len(c.Ailing) - mostAiling; more > 0 {
		lines = append(lines, l.row("", l.c.paint.amber(fmt.Sprintf("and %d more that are not well", more))))
	}
	return lines
}

// measured is what the gate would say now, or said last, each check against its bound.
func (l *liveScreen) measured(d *contract.Detail) []string {
	v, when := d.Verdict, "verdict"
	if d.Now != nil && d.Now.Verdict != nil {
		v, when = d.Now.Verdict, "so far"
	}
	if v == nil {
		return nil
	}
	lines := []string{"", l.row(when, l.c.paint.result(v.Result)+": "+shown(v.Reason))}
	lines = append(lines, l.checks(v)...)
	if v.Requests > 0 {
		lines = append(lines, l.row("", l.sample(d, v)))
	}
	return lines
}

// On a terminal of less columns than narrow gauges of evidence are as wide as narrowGauge.
const (
	narrow      = 100
	narrowGauge = 8
)

// checks are those of a verdict, each against its bound.
func (l *liveScreen) checks(v *engine.Verdict) []string {
	width, _ := l.c.size()
	gaugeWidth := barWidth
	if width < narrow {
		gaugeWidth = narrowGauge
	}
	rows := make([][]string, len(v.Findings))
	for i := range v.Findings {
		f := &v.Findings[i]
		rows[i] = []string{mark(f.Result), findingName(f), evidence(f, gaugeWidth), observedText(f), allowedText(f), moreText(f, v.Requests, width < narrow)}
	}
	lines := columns(rows)
	for i := range lines {
		word := rows[i][0]
		lines[i] = "  " + l.c.paint.as(v.Findings[i].Result, word) + strings.TrimPrefix(lines[i], word)
	}
	return lines
}

// sample is what a verdict rests on.
func (l *liveScreen) sample(d *contract.Detail, v *engine.Verdict) string {
	text := "from " + engine.Plural(v.Requests, "request")
	if v.Tenants > 0 {
		text += " of " + engine.Plural(v.Tenants, "tenant")
	}
	if n := d.Stage.Number; n >= 1 && n <= len(d.Stages) && d.Now != nil && d.Now.Verdict == v {
		text += fmt.Sprintf("; the gate asks for %d and %d at least", d.Stages[n-1].MinRequests, d.Stages[n-1].MinTenants)
	}
	return l.c.paint.faint(text)
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
	return shown(text)
}
