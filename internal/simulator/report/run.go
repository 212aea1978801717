package report

import (
	"fmt"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Run adds a run: its timeline, what the judge saw, and every event. The run must
// have been recorded.
func (p *Page) Run(r *scenario.Result) {
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
		{"requests on the candidate", fmt.Sprintf("%d, of which %d failed", r.Requests, r.FailedRequests)},
	}
	if r.Alarmed {
		rows = append(rows, []string{"time to detect", clock(r.Detected.Seconds())})
	}
	rows = append(rows, []string{"trace", fmt.Sprintf("%016x", r.Trace)})
	p.add(section{Title: fmt.Sprintf("The run of seed %d", r.Seed), Text: r.Plan.Title(), Table: &table{Rows: rows, Mono: true}})
	if len(r.Frames) > 0 {
		p.add(timeline(r))
	}
	if s, ok := evidence(r); ok {
		p.add(s)
	}
	var events [][]string
	for _, e := range r.Events {
		events = append(events, []string{clock(e.At.Sub(r.Start()).Seconds()), r.Plan.Line(e)})
	}
	p.add(section{Title: "Events", Table: &table{Head: []string{"time", "event"}, Rows: events, Mono: true}})
}

// evidence draws what the gates saw of the error rate, against their cap.
func evidence(r *scenario.Result) (section, bool) {
	most, limit, seen := 0.0, 0.0, 0
	for _, l := range r.Looks {
		if l.Requests == 0 {
			continue
		}
		seen++
		most, limit = max(most, l.Rate), max(limit, l.Cap)
	}
	if seen < 2 {
		return section{}, false
	}
	const left, right, top, bottom = 110.0, width - 24.0, 16.0, 236.0
	p := draw(bottom+44, "Error rate that the gates saw")
	x := axis{left, right, 0, max(r.Took().Seconds(), 1)}
	y := axis{bottom, top, 0, min(1, max(1.6*limit, 1.3*most, 0.01))}
	p.axes(x, y, true, percent, "time since the start")
	for i := 0; i < len(r.Looks); {
		next := i
		var middle, upper, lower []point
		for ; next < len(r.Looks) && r.Looks[next].Stage == r.Looks[i].Stage; next++ {
			if l := r.Looks[next]; l.Requests > 0 {
				at := x.at(seconds(r, l.At))
				middle = append(middle, point{at, y.at(l.Rate)})
				upper = append(upper, point{at, y.at(l.High)})
				lower = append([]point{{at, y.at(l.Low)}}, lower...)
			}
		}
		p.area(append(upper, lower...))
		p.lines(middle, "l-cand", 1.6)
		i = next
	}
	if limit > 0 {
		p.line(left, y.at(limit), right, y.at(limit), "l-bad", true)
		p.text(right, y.at(limit)-6, "end", "bad s", "cap of the gate, "+percent(limit))
	}
	// What counts is what the runner made of the judge's word: a gate that is blind
	// does not pass.
	for _, e := range r.Events {
		for _, l := range r.Looks {
			if e.Kind == engine.Judged && !e.Verdict.Guard && l.At.Equal(e.At) && l.Stage == e.Stage {
				p.dot(x.at(seconds(r, l.At)), y.at(l.Rate), 4.5, classOf(e.Verdict.Result), e.Verdict.Reason)
				break
			}
		}
	}
	var modes []string
	if a := r.Plan.Spec.Analysis; a != nil && a.Mode != nil {
		modes = append(modes, "The judge is "+*a.Mode+".")
	}
	return section{
		Title: "Evidence against its boundary",
		Text: "The candidate's error rate in each bake so far, with the interval that holds the true one with a confidence of 95 %. " +
			strings.Join(modes, " "),
		Picture: p.end(),
		Legend:  []key{{"cand", "error rate of the candidate"}, {"good", "the gate passed"}, {"bad", "the gate failed"}, {"warn", "it was inconclusive"}},
	}, true
}
