package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// print writes to the standard output, unless nobody wants to read. What cannot be
// written is noticed at the end: see [stream].
func (c *console) print(format string, args ...any) {
	if !c.quiet {
		_, _ = fmt.Fprintf(c.out, format, args...)
	}
}

// row is a line of a table of names and values.
func (c *console) row(name, format string, args ...any) {
	c.print("%s%s\n", c.paint.faint(fmt.Sprintf("%-12s", name)), fmt.Sprintf(format, args...))
}

// timeline prints a run: a line for each event, and what came of it.
func (c *console) timeline(r *scenario.Result) {
	s := r.Scenario
	c.print("%s\n", c.paint.bold(s.Name))
	if about := s.About(); about != "" {
		c.print("%s\n", about)
	}
	if r.Plan != nil {
		c.print("%s\n\n", r.Plan.Title())
		for _, w := range r.Plan.Warnings {
			c.warn(w)
		}
		c.print("%s\n", c.paint.faint(fmt.Sprintf("TIME       TENANTS  TRAFFIC  %-*s  EVENT", widest(r.Plan), "STAGE")))
		c.events(r)
		c.print("\n%s\n\n", c.paint.faint("TIME since the start; TENANTS and TRAFFIC, in percent, that the candidate has"))
	}
	c.row("outcome", "%s%s", c.ending(r.Ending), reason(r.Reason))
	if r.Plan != nil {
		took := span(r.Took())
		if back := r.Summary.RollbackTook; r.Turned() {
			took += ", of which the way back " + span(back)
		}
		c.row("took", "%s", took)
		c.row("exposed", "%s", exposed(r))
		c.row("requests", "%d on %s, of which %d failed", r.Requests, orNone(r.Plan.Candidate), r.FailedRequests)
		if r.Alarmed {
			c.row("detected", "after %s", span(r.Detected))
		}
		c.row("promises", "%s", c.promises(r))
	}
	for i, p := range r.Idle() {
		c.row(first(i, "idle"), "%s", c.paint.amber(p.String()+": what it should show is not shown"))
	}
	c.row("trace", "%016x (seed %d, scenario %s)", r.Trace, r.Seed, s.Hash())
}

// events prints a line for each event, and for each word that was refused.
func (c *console) events(r *scenario.Result) {
	refusals := r.Refusals
	refused := func(until time.Time) {
		for len(refusals) > 0 && refusals[0].At.Before(until) {
			c.line(r, refusals[0].At, nil, "", c.paint.amber("refused: "+refusals[0].What))
			refusals = refusals[1:]
		}
	}
	for _, e := range r.Events {
		refused(e.At)
		text := r.Plan.Line(e)
		stage := ""
		if e.Stage >= 0 && e.Stage < len(r.Plan.Stages) {
			if rest, ok := strings.CutPrefix(text, r.Plan.Stages[e.Stage].Name+": "); ok {
				stage, text = r.Plan.Stages[e.Stage].Name, rest
			}
		}
		if e.Exposed != nil {
			text = strings.TrimSuffix(text, " ("+e.Exposed.String()+")")
		}
		c.line(r, e.At, e.Exposed, stage, c.coloured(&e, text))
	}
	refused(r.Start().Add(1 << 62))
}

// coloured is the text of an event in the colour of what it means.
func (c *console) coloured(e *engine.Event, text string) string {
	switch e.Kind {
	case engine.Finished:
		return c.ending(scenario.Ending(e.Outcome))
	case engine.Failed, engine.RanOut:
		return c.paint.red(text)
	case engine.Extended, engine.Blinded:
		return c.paint.amber(text)
	}
	switch {
	case e.Verdict != nil && e.Verdict.Result == engine.Fail:
		return c.paint.red(text)
	case e.Verdict != nil && e.Verdict.Result == engine.Inconclusive:
		return c.paint.amber(text)
	default:
		return text
	}
}

func (c *console) line(r *scenario.Result, at time.Time, exposed *engine.Exposure, stage, text string) {
	tenants, traffic := "", ""
	if exposed != nil {
		tenants, traffic = fmt.Sprint(exposed.Tenants), fmt.Sprintf("%.2f", exposed.Share)
	}
	c.print("%s  %7s  %7s  %-*s  %s\n", clock(at.Sub(r.Start())), tenants, traffic, widest(r.Plan), stage, text)
}

// widest is how long the longest name of a stage is.
func widest(p *engine.Plan) int {
	n := len("STAGE")
	for _, s := range p.Stages {
		n = max(n, len(s.Name))
	}
	return n
}

// verdict says whether a run is as expected.
func (c *console) verdict(failures []string) {
	if len(failures) == 0 {
		c.row("expected", "%s", c.paint.green("yes"))
		return
	}
	for i, f := range failures {
		c.row(first(i, "expected"), "%s %s", c.paint.red("no:"), f)
	}
}

// first is a name for the first row of several.
func first(i int, name string) string {
	if i > 0 {
		return ""
	}
	return name
}

func (c *console) promises(r *scenario.Result) string {
	if n := len(r.Violations); n > 0 {
		return c.paint.red(fmt.Sprintf("%d broken", n))
	}
	return "all kept"
}

func (c *console) ending(e scenario.Ending) string {
	switch e {
	case scenario.Succeeded:
		return c.paint.green(string(e))
	case scenario.RolledBack, scenario.Retained:
		return c.paint.amber(string(e))
	default:
		return c.paint.red(string(e))
	}
}

func reason(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

func orNone(version string) string {
	if version == "" {
		return "no version"
	}
	return version
}

// clock is a time since the start, as 0:12:03.5.
func clock(d time.Duration) string {
	tenths := d / (100 * time.Millisecond)
	return fmt.Sprintf("%d:%02d:%02d.%d", tenths/36000, tenths/600%60, tenths/10%60, tenths%10)
}

// span is a length of time for people, to a tenth of a second: 1h2m or 12.3s.
func span(d time.Duration) string { return engine.Spoken(d.Round(100 * time.Millisecond)) }

// exposed says whom the new version reached in a run.
func exposed(r *scenario.Result) string {
	ro := &telling.Rollout{Plan: *r.Plan, Events: r.Events, State: r.Summary.State}
	return telling.Tell(ro, r.Start().Add(r.Took())).Exposed()
}

// shellWord is s as a shell reads it back.
func shellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=+-") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
