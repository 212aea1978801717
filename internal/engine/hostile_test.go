package engine_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// TestVersions has what versions may be called: by numbers, tags and digests of images.
func TestVersions(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0f", 32)
	for _, v := range []string{
		"1.6.0", "v1.2.3", "1.6.0+build.7", "1", "1..2", digest, "v1.2.3@" + digest, "latest", "sha512:" + strings.Repeat("a", 128),
		"ghcr.io/acme/payments:1.6.0", "registry.example.com:5000/team/payments:v1@" + digest, "localhost:5000/p",
	} {
		if ps := (engine.Spec{PluginID: "p", Environment: engine.QA, Version: v}).Validate(); len(ps) > 0 {
			t.Errorf("%s is refused: %v", v, ps)
		}
	}
	for _, v := range []string{
		"", ".", "..", "../1", "a/../b", "a//b", "/a", "a/", "a/.b", ":1", "1:", "@1", "1@@2", "a b", "a\\b", "1\n", "é", "1\x1b[31m", "\u202e1", "a:..",
		strings.Repeat("1", 513),
	} {
		ps := (engine.Spec{PluginID: "p", Environment: engine.QA, Version: v}).Validate()
		if len(ps) != 1 || ps[0].Path != "version" {
			t.Errorf("%q is taken: %v", v, ps)
		}
		if text := ps.Error(); len(text) > 400 || engine.Visible(text) != text {
			t.Errorf("%q is shown as %q", v, text)
		}
	}
}

// TestFarTooLong asks for numbers whose products and sums would overflow.
func TestFarTooLong(t *testing.T) {
	const most = math.MaxInt
	period := func(d time.Duration) *engine.Duration { v := engine.Duration(d); return &v }
	fleet := enginetest.NewFleet(engine.QA, "p", 300, 20, "1", 100).Snapshot()
	parallel := most
	spec := engine.Spec{PluginID: "p", Environment: engine.QA, Version: "2", Rolling: &engine.RollingSettings{
		BatchSize: &engine.BatchSize{N: most}, MaxParallelBatches: &parallel,
	}}
	plan, err := engine.Compile("r", spec, fleet)
	if err != nil || len(plan.Stages) != 1 || plan.Stages[0].Touched.To != 300 {
		t.Errorf("the largest batch gives %d stages, %v", len(plan.Stages), err)
	}
	spec.Rolling = &engine.RollingSettings{BatchSize: &engine.BatchSize{N: 1}, WaitBetweenBatches: period(364 * 24 * time.Hour)}
	if _, err = engine.Compile("r", spec, fleet); err == nil || !strings.Contains(err.Error(), "strategy: Rolling takes up to 598 years in 300 stages") {
		t.Errorf("300 waits of a year: %v", err)
	}
	spec.Rolling.WaitBetweenBatches = period(24 * time.Hour)
	if plan, err = engine.Compile("r", spec, fleet); err != nil || engine.Longest(&plan) < 300*24*time.Hour {
		t.Errorf("300 waits of a day: %v, %v", engine.Longest(&plan), err)
	}
}

// TestFewNames counts the targets that a message has no room for.
func TestFewNames(t *testing.T) {
	var ids []string
	for i := range 200 {
		ids = append(ids, fmt.Sprintf("i-%03d", i))
	}
	if got := engine.Names(ids); !strings.HasSuffix(got, "i-009 and 190 more") || len(got) > 100 {
		t.Error(got)
	}
	if got := engine.Reasons(ids); !strings.HasSuffix(got, "i-009; and 190 more") {
		t.Error(got)
	}
	if got := engine.Names(ids[:10]); strings.Contains(got, "more") || engine.Names(nil) != "" {
		t.Error(got)
	}
	plan := engine.Plan{Stages: []engine.Stage{{Name: "deploy"}}}
	for _, e := range []engine.Event{{Kind: engine.Surveyed, Targets: ids}, {Kind: engine.Settled, Targets: ids}} {
		if line := plan.Line(e); !strings.Contains(line, "190 more") || len(line) > 200 {
			t.Error(line)
		}
	}
}

// TestVisible shows what a terminal would obey.
func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain, ä, 漢, €": "plain, ä, 漢, €", "two\nlines\tand a tab": "two\nlines\tand a tab",
		"\x1b[31mred": `\x1b[31mred`, "a\rb": `a\rb`, "\u202eabc": `\u202eabc`, "\x00\x07": `\x00\a`, "\xff": `\xff`, "\u200b": `\u200b`, "\u009b1m": `\u009b1m`,
	} {
		if got := engine.Visible(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	if got := engine.Shortened(strings.Repeat("ä", 1000)); len(got) > 110 || !strings.Contains(got, "(1000 characters)") {
		t.Error(got)
	}
}

// TestNoneAllowed has a cap of zero, which every failure is over: there is no number
// for how sure that is.
func TestNoneAllowed(t *testing.T) {
	gate := engine.Gate{Mode: engine.Sequential, Alpha: 0.01, MinEffect: 0.25, Checks: []engine.Check{{Metric: engine.ErrorRate}, {Metric: engine.SuccessRate, Bound: 1}}}
	e := engine.Evidence{End: true, Window: time.Minute}
	e.Candidate.Requests, e.Candidate.Errors = 1000, 3
	v := engine.SequentialJudge{}.Judge(&gate, &e)
	if v.Result != engine.Fail || strings.Contains(v.Reason, "Inf") || !strings.Contains(v.Reason, "none is allowed") {
		t.Errorf("%s: %s", v.Result, v.Reason)
	}
}

// TestCountsThatNobodyMeans refuses counts that overflow when they are doubled, and
// plans with the largest that are left: too little traffic for them is said.
func TestCountsThatNobodyMeans(t *testing.T) {
	spec := in(engine.QA, "")
	requests, tenants := int64(math.MaxInt64), math.MaxInt
	spec.Analysis = &engine.AnalysisSettings{MinRequests: &requests, MinTenants: &tenants}
	if ps := spec.Validate(); len(ps) != 2 || ps[0].Path != "analysis.min_requests" || ps[1].Path != "analysis.min_tenants" {
		t.Errorf("%v", ps)
	}
	requests, tenants = 1_000_000_000_000, 1_000_000
	fleet := enginetest.NewFleet(engine.QA, "p", 3, 20, "1", 100).Snapshot()
	fleet.RequestsPerSecond = 100
	for _, strategy := range engine.Strategies() {
		spec.Strategy = strategy
		plan, err := engine.Compile("r", spec, fleet)
		if err != nil || !strings.Contains(fmt.Sprint(plan.Warnings), "too little traffic") {
			t.Errorf("%s: %v, %v", strategy, plan.Warnings, err)
		}
	}
}
