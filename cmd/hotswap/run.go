package main

import (
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// oneRun is a run as JSON: the figures of a campaign of one, and how it went.
type oneRun struct {
	*campaign.Figures
	Outcome  string   `json:"outcome"`
	Reason   string   `json:"reason"`
	Warnings []string `json:"warnings"` // of the plan
	Timeline []moment `json:"timeline"`
	Failures []string `json:"not_as_expected"`
}

// moment is an event of a run.
type moment struct {
	Seconds float64 `json:"seconds"`
	Kind    string  `json:"kind"`
	Text    string  `json:"text"`
}

// runOf is r, in which the expectations of failures do not hold.
func runOf(r *scenario.Result, failures []string) oneRun {
	o := oneRun{
		Figures: campaign.FiguresOf(r), Outcome: string(r.Ending), Reason: r.Reason,
		Warnings: []string{}, Timeline: []moment{}, Failures: append([]string{}, failures...),
	}
	if r.Plan != nil {
		for _, w := range r.Plan.Warnings {
			o.Warnings = append(o.Warnings, w.String())
		}
	}
	for _, e := range r.Events {
		o.Timeline = append(o.Timeline, moment{e.At.Sub(r.Start()).Seconds(), string(e.Kind), r.Plan.Line(e)})
	}
	return o
}
