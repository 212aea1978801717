package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/swarm"
)

// summaryOfRun is a run in short.
func summaryOfRun(r *scenario.Result, failures []string) summary {
	promises := check{name: "promises of the engine", remark: "all kept"}
	expected := check{name: "expectations", remark: "all hold"}
	broken := map[string]bool{}
	for _, v := range r.Violations {
		broken[v.String()] = true
		promises.wrong = append(promises.wrong, v.String())
	}
	for _, f := range failures {
		if !broken[f] {
			expected.wrong = append(expected.wrong, f)
		}
	}
	s := summary{name: r.Scenario.Name, checks: []check{promises, expected}}
	body := [][]string{{"outcome", string(r.Ending) + reason(r.Reason)}}
	if r.Plan != nil {
		body = append(body, []string{"took", span(r.Took())}, []string{"exposed", exposed(r)},
			[]string{"requests", fmt.Sprintf("%d, of which %d failed", r.Requests, r.FailedRequests)})
		if r.Alarmed {
			body = append(body, []string{"detected", "after " + span(r.Detected)})
		}
	}
	for _, p := range r.Idle() {
		body = append(body, []string{"idle", p.String()})
	}
	body = append(body, []string{"trace", fmt.Sprintf("%016x (seed %d, scenario %s)", r.Trace, r.Seed, r.Scenario.Hash())})
	s.body = rows([]string{"", ""}, body)
	return s
}

// summaryOf is a campaign in short.
func summaryOf(f *campaign.Figures) summary {
	promises := check{name: "promises of the engine", remark: fmt.Sprintf("%d checked in each of %d runs", f.Promises, f.Runs)}
	if f.Violations > 0 {
		promises.wrong = append([]string{fmt.Sprintf("broken in %d runs", f.Violations)}, f.Broken...)
	}
	expected := check{name: "expectations", remark: fmt.Sprintf("as expected in %s of the runs, needed are %s", percent(f.Expected.Share), percent(f.Needed))}
	if f.Expected.Share < f.Needed {
		expected.wrong = []string{expected.remark}
	}
	s := summary{name: f.Scenario, checks: []check{promises, expected}}
	if f.Interrupted.Cut() { // what was not played may break a promise, or make up for what was not as expected
		s.checks[1].wrong = nil
		for i := range s.checks {
			if len(s.checks[i].wrong) > 0 {
				continue
			}
			s.checks[i].skipped = "interrupted; as far as it went: " + s.checks[i].remark
		}
		s.checks = append([]check{unfinished(f.Interrupted)}, s.checks...)
	}
	kind := map[bool]string{true: "bad", false: "good"}[f.Bad]
	s.body = fmt.Sprintf("%d runs of a %s version, seed %d, scenario %s, trace %s.\n\n", f.Runs, kind, f.Seed, f.ScenarioHash, f.Trace) +
		rows([]string{"", "runs", "share", "95 % interval"}, sharesOf(f)) + "\n" + rows([]string{"", "median", "95 %", "most"}, spreadsOf(f))
	return s
}

// sharesOf are the shares of a campaign that say something: of what happened, or what its
// version was played for.
func sharesOf(f *campaign.Figures) [][]string {
	var shares [][]string
	add := func(o campaign.Share) {
		shares = append(shares, []string{o.Of, fmt.Sprint(o.Count), percent(o.Share), percent(o.Low) + " .. " + percent(o.High)})
	}
	for _, o := range f.Outcomes {
		if o.Count > 0 {
			add(o)
		}
	}
	for _, o := range f.Risks() {
		if o.Count > 0 || o.Of != f.FalseRollback.Of { // who was not rolled back may still have been stopped, which is said
			add(o)
		}
	}
	for _, e := range f.TookEffect {
		if never := e.Never(); never != "" {
			shares = append(shares, []string{never, "0", "0 %", "0 % .. " + percent(e.High)})
		}
	}
	return shares
}

// spreadsOf are the spreads of a campaign.
func spreadsOf(f *campaign.Figures) [][]string {
	var spreads [][]string
	times := func(v float64) string { return span(time.Duration(v * float64(time.Second))) }
	counts := func(v float64) string { return fmt.Sprintf("%.0f", v) }
	for _, x := range []struct {
		name string
		s    campaign.Spread
		text func(float64) string
	}{
		{"duration", f.TookSeconds, times}, {"time to detect", f.DetectedSeconds, times}, {"tenants exposed", f.Tenants, counts}, {"failed requests", f.FailedRequests, counts},
	} {
		if x.s.Count > 0 {
			spreads = append(spreads, []string{x.name, x.text(x.s.P50), x.text(x.s.P95), x.text(x.s.Most)})
		}
	}
	return spreads
}

// summaryOfTuned is a search in short.
func summaryOfTuned(t *campaign.Tuned) summary {
	front := t.Front()
	x := check{name: "a setting is within the limits", remark: fmt.Sprintf("%d on the front", len(front))}
	if t.Interrupted.Cut() {
		x.wrong = []string{t.Interrupted.String()}
	} else if len(front) == 0 {
		x.wrong = []string{fmt.Sprintf("none of %d settings is", len(t.Points))}
		if t.Runs < t.LeastRuns {
			x.wrong = append(x.wrong, fmt.Sprintf("%d runs cannot show it: it takes %d", t.Runs, t.LeastRuns))
		}
	}
	var body [][]string
	for _, p := range front {
		body = append(body, []string{
			p.Name, strings.Trim(fmt.Sprint(p.Stages), "[]"), seconds(p.PeriodSeconds), percent(p.MaxErrorRate), p.Mode, seconds(p.Duration.P50),
			fmt.Sprintf("%.1f", p.Failed.Mean), upTo(p.GoodStopped), upTo(p.Missed),
		})
	}
	return summary{name: t.Scenario, checks: []check{x}, body: rows([]string{"", "stages", "period", "max errors", "judge", "duration", "failed requests", "good stopped", "missed"}, body)}
}

// summaryOfSwarm is a swarm in short.
func summaryOfSwarm(f *swarm.Figures) summary {
	promises := check{name: "promises of the engine", remark: fmt.Sprintf("kept in %d worlds", f.Runs)}
	for _, failure := range f.Failures {
		promises.wrong = append(promises.wrong, fmt.Sprintf("world %d: %s", failure.Seed, failure.What))
	}
	var all []check
	if f.Interrupted.Cut() {
		all = append(all, unfinished(f.Interrupted))
		promises.skipped = "interrupted; as far as it went: " + promises.remark
		if len(promises.wrong) > 0 {
			promises.skipped = ""
		}
	}
	happened := check{name: "everything happened now and then", remark: strings.Join(f.Never, "; ")}
	if f.Lacking() {
		happened.wrong = f.Never
	}
	if f.Interrupted.Cut() {
		happened.skipped = "interrupted"
	}
	return summary{name: "hotswap swarm", checks: append(all, promises, happened)}
}
