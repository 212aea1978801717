package main

import (
	"fmt"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// oneRun is a run as JSON.
type oneRun struct {
	Scenario        string   `json:"scenario"`
	ScenarioHash    string   `json:"scenario_hash"`
	Seed            int64    `json:"seed"`
	Outcome         string   `json:"outcome"`
	Reason          string   `json:"reason,omitempty"`
	Bad             bool     `json:"bad"`
	TookSeconds     float64  `json:"took_seconds"`
	RollbackSeconds float64  `json:"rollback_seconds"`
	DetectedSeconds *float64 `json:"detected_seconds"` // null: no verdict failed
	TenantsExposed  int      `json:"tenants_exposed"`
	Requests        int64    `json:"requests"`
	FailedRequests  int64    `json:"failed_requests"`
	Timeline        []moment `json:"timeline"`
	Violations      []string `json:"promises_broken"`
	Failures        []string `json:"not_as_expected"`
	Trace           string   `json:"trace"`
}

// moment is an event of a run.
type moment struct {
	Seconds float64 `json:"seconds"`
	Kind    string  `json:"kind"`
	Text    string  `json:"text"`
}

func runOf(r *scenario.Result) oneRun {
	o := oneRun{
		Scenario: r.Scenario.Name, ScenarioHash: r.Scenario.Hash(), Seed: r.Seed, Outcome: string(r.Ending), Reason: r.Reason,
		Bad: r.Scenario.Bad(), TookSeconds: r.Took().Seconds(), RollbackSeconds: r.Summary.RollbackTook.Seconds(),
		TenantsExposed: r.Summary.Most.Tenants, Requests: r.Requests, FailedRequests: r.FailedRequests,
		Timeline: []moment{}, Violations: []string{}, Failures: append([]string{}, r.Failures()...), Trace: fmt.Sprintf("%016x", r.Trace),
	}
	if r.Alarmed {
		seconds := r.Detected.Seconds()
		o.DetectedSeconds = &seconds
	}
	for _, e := range r.Events {
		o.Timeline = append(o.Timeline, moment{e.At.Sub(r.Start()).Seconds(), string(e.Kind), r.Plan.Line(e)})
	}
	for _, v := range r.Violations {
		o.Violations = append(o.Violations, v.String())
	}
	return o
}
