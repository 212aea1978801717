package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// TestEveryLineOfASummaryChangesWithTheRelease: Terraform hides the elements of a list
// that stay the same, and with them what a release does.
func TestEveryLineOfASummaryChangesWithTheRelease(t *testing.T) {
	for _, strategy := range engine.Strategies() {
		t.Run(string(strategy), func(t *testing.T) {
			before := map[string]bool{}
			for _, release := range []struct{ from, to string }{{"1.5.0", "1.6.0"}, {"1.6.0", "1.7.0"}} {
				f := enginetest.NewFleet(engine.Production, "gateway", 10, 150, release.from, 100)
				snapshot := f.Snapshot()
				p, err := engine.Compile("r", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: release.to, Strategy: strategy}, snapshot)
				if err != nil {
					t.Fatal(err)
				}
				lines := engine.SummaryLines(&p)
				if len(lines) != len(p.Stages)+1 {
					t.Errorf("%d lines for %d stages", len(lines), len(p.Stages))
				}
				for _, line := range lines {
					if before[line] {
						t.Errorf("%q stays from one release to the next", line)
					}
					if !strings.Contains(line, release.from+" -> "+release.to) {
						t.Errorf("%q does not say %s -> %s", line, release.from, release.to)
					}
					before[line] = true
				}
			}
		})
	}
}

func TestSummaryOfACanary(t *testing.T) {
	f := enginetest.NewFleet(engine.Production, "gateway", 10, 150, "1.5.0", 100)
	snapshot := f.Snapshot()
	spec := engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "1.6.0"}
	p, err := engine.Compile("r", spec, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1.5.0 -> 1.6.0, Canary in Production: 150 tenants and 10 instances in 6 stages, done after 40m to 1h23m30s; a guard that trips: rollback",
		"1.5.0 -> 1.6.0 at install: 0 tenants, 10 instances, 0 % of traffic; ready within 30s; over after 0s to 30s",
		"1.5.0 -> 1.6.0 at 10%: 15 tenants, 10 instances, 10 % of traffic; ready within 30s; watched for 10m, at most 20m; over after 10m to 21m; failed: rollback; too little data: hold",
	}
	lines := engine.SummaryLines(&p)
	for i, w := range want {
		if lines[i] != w {
			t.Errorf("line %d is\n%s\nwant\n%s", i, lines[i], w)
		}
	}
	if last := lines[len(lines)-1]; !strings.Contains(last, "at retire") || !strings.Contains(last, "no way back once begun") {
		t.Errorf("the last line is %q", last)
	}
	p, err = engine.Compile("r", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "1.5.0"}, snapshot)
	if lines := engine.SummaryLines(&p); err != nil || len(lines) != 1 || lines[0] != "1.5.0: every instance serves it already, nothing runs" {
		t.Errorf("%v, %v", lines, err)
	}
}

func TestSummaryOfManyStagesIsShort(t *testing.T) {
	f := enginetest.NewFleet(engine.Production, "gateway", 400, 20, "1.5.0", 100)
	snapshot := f.Snapshot()
	p, err := engine.Compile("r", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "1.6.0", Strategy: engine.Rolling}, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	lines := engine.SummaryLines(&p)
	if len(lines) != 8 || !strings.HasPrefix(lines[4], "1.5.0 -> 1.6.0 at batch 4 of 400 to batch 397 of 400: 394 more stages") {
		t.Errorf("%d lines:\n%s", len(lines), fmt.Sprint(strings.Join(lines, "\n")))
	}
}

// TestGateSaysWhatFollows: a failure and too little data lead to different things, and
// the comparison with the version that still runs is part of the gate.
func TestGateSaysWhatFollows(t *testing.T) {
	text := "threshold"
	for _, c := range []struct {
		spec engine.Spec
		want string
	}{
		{
			engine.Spec{Environment: engine.Production, Strategy: engine.Canary},
			"error rate <= 5 %, p99 <= 500 ms, success rate >= 95 %, error rate not over 1.25 times the baseline's where both serve (alpha 0.0025), " +
				"else rollback; at least 400 requests of at least 10 tenants, else hold",
		},
		{
			engine.Spec{Environment: engine.QA, Strategy: engine.Canary, Analysis: &engine.AnalysisSettings{Mode: &text}},
			"error rate <= 5 %, p99 <= 500 ms, success rate >= 95 %, else rollback; at least 400 requests of at least 10 tenants, else rollback",
		},
		{
			engine.Spec{Environment: engine.Development, Strategy: engine.Direct, Analysis: &engine.AnalysisSettings{Mode: &text}},
			"error rate <= 5 %, p99 <= 500 ms, success rate >= 95 %, else rollback; undecided: rollback",
		},
		{
			engine.Spec{Environment: engine.Production, Strategy: engine.ABTesting, Analysis: &engine.AnalysisSettings{Mode: &text}},
			"error rate <= 5 %, p99 <= 500 ms, success rate >= 95 %, B better by 5 % on latency, error rate, conversion rate, " +
				"else A stays; at least 400 requests of at least 10 tenants, else A stays",
		},
	} {
		c.spec.PluginID, c.spec.Version = "gateway", "1.6.0"
		snapshot := enginetest.NewFleet(c.spec.Environment, "gateway", 10, 150, "1.5.0", 100).Snapshot()
		p, err := engine.Compile("r", c.spec, snapshot)
		if err != nil {
			t.Fatal(err)
		}
		found := ""
		for _, s := range p.Stages {
			if len(s.Gate.Checks) > 0 {
				found = s.Gate.String()
				break
			}
		}
		if found != c.want {
			t.Errorf("%s in %s:\n%s\nwant\n%s", c.spec.Strategy, c.spec.Environment, found, c.want)
		}
	}
}
