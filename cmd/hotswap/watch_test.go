package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// noon is when what is seen in these tests is seen.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// seenDetail is a rollout in the midst of its second stage, with evidence of every kind.
func seenDetail() *contract.Detail {
	d := &contract.Detail{
		At: noon, Rollout: contract.Rollout{
			ID: "stripe-production-7", Environment: "Production", Plugin: "stripe", Strategy: "Canary", Baseline: "1.5.0", Candidate: "1.6.0", Phase: "progressing",
			Stage: contract.Place{Number: 2, Of: 4, Name: "10%"}, StartedAt: noon.Add(-8 * time.Minute), StartedBy: "olga", Generation: 6, ObservedGeneration: 6,
			Conditions: []contract.Condition{{Type: contract.Walked, Status: "True", Reason: "walked", Message: "rollouts-1"}},
		},
		Headline: "1.5.0 -> 1.6.0, Canary in Production: 400 tenants and 20 instances in 4 stages, done after 40m to 1h22m; a guard that trips: rollback",
		Stages: []contract.Stage{
			{Name: "install", Instances: 20, Gate: "-"},
			{Name: "10%", Tenants: 40, Instances: 20, Share: 10, Gate: "error rate <= 5 %", MinRequests: 1000, MinTenants: 20},
			{Name: "50%", Tenants: 200, Instances: 20, Share: 50, Gate: "error rate <= 5 %"},
			{Name: "100%", Tenants: 400, Instances: 20, Share: 100, Gate: "-", Final: true},
		},
		Step:    contract.Step{Kind: "bake", Text: "watches the new version", Began: noon.Add(-7 * time.Minute), Ends: noon.Add(3 * time.Minute)},
		Exposed: &engine.Exposure{Tenants: 40, Instances: 20, Share: 9.8}, Most: &engine.Exposure{Tenants: 40, Instances: 20, Share: 10.2}, Tenants: 400, Targets: 20,
		Now: &contract.Glimpse{
			Condition: &engine.Condition{
				Watched: 20, Ready: 19, Failing: 1, Exposed: engine.Exposure{Tenants: 40, Instances: 20, Share: 9.8},
				Ailing: []engine.Ailing{{Instance: "i-0017", Failures: 3, Reason: "health: 503 from /healthz"}},
			},
			Verdict: &engine.Verdict{Result: engine.Inconclusive, Reason: "p99 latency needs more requests", Requests: 1842, Tenants: 38, Findings: []engine.Finding{
				{Metric: "errorRatio", Observed: 0.92, Allowed: 1.25, Result: engine.Pass},
				{Metric: "errorRate", Observed: 0.0109, Allowed: 0.05, Result: engine.Pass},
				{Metric: "latencyP99Ms", Observed: 431, Allowed: 500, Result: engine.Inconclusive, Needs: 4100},
				{Metric: "successRate", Observed: 0.981, Allowed: 0.95, Result: engine.Pass},
				{Metric: "conversionRate", Observed: 0.021, Allowed: 0.03, Result: engine.Fail},
			}},
		},
	}
	for i, text := range []string{
		"before: 360542 requests, 1.02 % errors", "install: began", "install: install 1.6.0 beside on 20 instances", "install: settled (0 tenants, 20 instances, 0 % of traffic)",
		"10%: began", "10%: pin 40 tenants to 1.6.0",
	} {
		d.Timeline = append(d.Timeline, contract.Line{Seq: int64(i), At: noon.Add(time.Duration(i-480) * time.Second), Text: text})
	}
	return d
}

// views are rollouts as they are seen, by name.
var views = map[string]func() *contract.Detail{
	"bake": seenDetail,
	"held": func() *contract.Detail {
		d := seenDetail()
		d.Phase, d.Verdict, d.Now.Verdict = "held", d.Now.Verdict, nil
		d.Verdict.Result = engine.Fail
		d.Step = contract.Step{Kind: "hold", Text: "waits for a decision", Began: noon.Add(-time.Minute), Ends: noon.Add(29 * time.Minute)}
		d.Conditions[0] = contract.Condition{Type: contract.Walked, Status: "False", Reason: "unattended"}
		return d
	},
	"blind": func() *contract.Detail {
		d := seenDetail()
		d.Step.Text, d.Step.Blind, d.Step.Ends = "has had no samples since 11:58:00", noon.Add(-2*time.Minute), time.Time{}
		d.Now = &contract.Glimpse{Unseen: "GET https://fleet.example.com/v1: 503"}
		return d
	},
	"done": func() *contract.Detail {
		d := seenDetail()
		d.Phase, d.Outcome, d.Now, d.Stage = "succeeded", "succeeded", nil, contract.Place{Number: 4, Of: 4, Name: "100%"}
		d.Conditions[0] = contract.Condition{Type: contract.Walked, Status: "False", Reason: "ended"}
		return d
	},
	"hostile": func() *contract.Detail {
		d := seenDetail()
		d.ID, d.Headline, d.Stage.Name = "a\x1b[2Jb", "\x1b]0;title\a1.0 -> 2.0", "10%\r\nphase      succeeded"
		d.Step.Text, d.Now.Verdict.Reason = "\u202ewatches", "\x1b[31mred"
		d.Now.Condition.Ailing[0].Reason = "\x1b[1A"
		d.Conditions[0].Message = "x\x00y"
		d.Timeline = []contract.Line{{At: noon, Text: "paused by \x1b[8mnobody\nphase succeeded"}}
		return d
	},
}

// TestLiveView draws rollouts as they are seen at a width.
func TestLiveView(t *testing.T) {
	datadriven.RunTest(t, "testdata/watch/live.txt", func(t *testing.T, d *datadriven.TestData) string {
		var name string
		var width int
		d.ScanArgs(t, "of", &name)
		d.ScanArgs(t, "width", &width)
		var out bytes.Buffer
		c := &console{out: &out, size: func() (int, int) { return width, 50 }}
		(&liveScreen{canvas{c: c}, &scripted{}}).show(views[name](), nil, nil)
		text := strings.ReplaceAll(out.String(), "\x1b[2K", "")
		for _, line := range strings.Split(text, "\n") {
			if wide(line) > width {
				t.Errorf("%d columns do not fit into %d: %s", wide(line), width, line)
			}
		}
		if strings.ContainsAny(text, "\x1b\a\r\x00\u202e") {
			t.Errorf("something of the rollout reaches the terminal:\n%q", text)
		}
		return text
	})
}

// TestRedraw: a view that becomes shorter leaves nothing behind, and one that is higher than the
// terminal is cut.
func TestRedraw(t *testing.T) {
	var out bytes.Buffer
	v := &canvas{c: &console{out: &out, size: func() (int, int) { return 10, 4 }}}
	v.draw([]string{"1", "2", "3", "4", "5"})
	v.draw([]string{"a"})
	if want := "\x1b[2K1\n\x1b[2K2\n\x1b[2K3\n\x1b[3A\x1b[2Ka\n\x1b[J"; out.String() != want {
		t.Errorf("%q", out.String())
	}
	for line, want := range map[string]string{
		"123456789012": "123456789…", "日本語日本語": "日本語日…", paint(true).red("123456789012"): "\x1b[31m123456789…\x1b[0m", paint(true).red("1"): "\x1b[31m1\x1b[0m",
	} {
		if got := clip(line, 10); got != want {
			t.Errorf("%q is cut to %q", line, got)
		}
	}
}

// TestEnded has an exit code for each end, and for each wait.
func TestEnded(t *testing.T) {
	for phase, want := range map[string]int{
		"progressing": exitFine, "succeeded": exitFine, "rolling_back": exitFine, "rolled_back": 10, "retained": 11, "held": 12, "paused": 12, "stuck": 13,
	} {
		c := &console{err: &bytes.Buffer{}}
		if code := c.end(ended(&contract.Rollout{Phase: phase})); code != want {
			t.Errorf("%s exits with %d, not %d", phase, code, want)
		}
	}
}

// TestConfirm: what is asked on a terminal is done where the answer is yes, and for the stage
// that was shown.
func TestConfirm(t *testing.T) {
	for answer, want := range map[string]int{"y\n": exitFine, "yes\n": exitFine, "n\n": exitRefused, "\n": exitRefused, "": exitRefused} {
		var out, errs bytes.Buffer
		c := &console{in: strings.NewReader(answer), out: &out, err: &errs, asks: true}
		if code := c.end(c.confirm(t.Context(), "Begin this rollout?")); code != want || !strings.Contains(errs.String(), "Begin this rollout? [y/N] ") {
			t.Errorf("%q exits with %d\n%s", answer, code, errs.String())
		}
	}
	d := views["held"]()
	for signal, want := range map[string]string{
		"promote": "It will go on to 50%, which reaches 200 tenants", "rollback": "All that it changed is taken back.", "pause": "It will stay there", "resume": "It will go on from there.",
	} {
		if text := intent(signal, d); !strings.Contains(text, want) || !strings.Contains(text, "at stage 2 of 4, 10%") {
			t.Errorf("%s: %s", signal, text)
		}
	}
}

// TestExitsHelp: each help has the codes of its command, from the one table.
func TestExitsHelp(t *testing.T) {
	var out bytes.Buffer
	if code := run(t.Context(), []string{"rollout", "--help"}, &out, &out); code != exitFine {
		t.Fatal(out.String())
	}
	for _, e := range exits {
		if !strings.Contains(out.String(), fmt.Sprintf("  %3d  %s\n", e.code, e.means)) {
			t.Errorf("%d is not in the help", e.code)
		}
	}
}
