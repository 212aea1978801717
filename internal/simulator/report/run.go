package report

import (
	"fmt"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Run adds a run: its timeline, what the judge saw, and every event. The run must
// have been recorded.
func (p *Page) Run(r *scenario.Result) {
	p.verdict(verdictOn(r))
	if r.Plan == nil {
		p.add(section{Title: "Outcome", Text: fmt.Sprintf("%s: %s", r.Ending, r.Reason)})
		return
	}
	outcome := string(r.Ending)
	if r.Reason != "" {
		outcome += ": " + r.Reason
	}
	rows := [][]string{
		{"outcome", outcome},
		{"duration", clock(r.Took().Seconds())},
		{"exposed", fmt.Sprintf("at most %s", r.Summary.Most)},
		{"requests", fmt.Sprintf("%d, of which %d failed", r.Requests, r.FailedRequests)},
	}
	if r.Alarmed {
		rows = append(rows, []string{"time to detect", clock(r.Detected.Seconds())})
	}
	rows = append(rows, []string{"trace", fmt.Sprintf("%016x", r.Trace)})
	p.add(section{Title: fmt.Sprintf("The run of seed %d", r.Seed), Text: r.Plan.Title(), Table: &table{Rows: rows, Mono: true}})
	if len(r.Frames) > 0 {
		p.add(timeline(r))
	}
	for _, draw := range []func(*scenario.Result) (section, bool){comparison, evidence, rates} {
		if s, ok := draw(r); ok {
			p.add(s)
		}
	}
	var events [][]string
	for _, e := range r.Events {
		events = append(events, []string{clock(e.At.Sub(r.Start()).Seconds()), r.Plan.Line(e)})
	}
	p.add(section{Title: "Events", Table: &table{Head: []string{"time", "event"}, Rows: events, Mono: true}})
}
