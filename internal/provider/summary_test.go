package provider

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// lines are the elements of a list of texts.
func lines(t *testing.T, v tftypes.Value) []string {
	t.Helper()
	var values []tftypes.Value
	if err := v.As(&values); err != nil {
		t.Fatal(err)
	}
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = textOf(t, v)
	}
	return all
}

func TestSummarySaysWhatGoesOn(t *testing.T) {
	hold := map[string]any{"canary": map[string]any{"stages": []any{10, 30, 100}, "auto_rollback": false}, "rollback_triggers": off}
	ctx := context.Background()
	for name, c := range map[string]struct {
		version string
		more    map[string]any
		says    string
	}{
		"promoted":    {"9.9.9", map[string]any{"decision": map[string]any{"rollout_id": "stripe-production-1", "action": "promote"}}, "1.5.0 -> 9.9.9 is promoted, as the decision says, and goes on (it was held at 10% of 5 stages, 15 tenants, 10 instances,"},
		"rolled back": {"9.9.9", map[string]any{"decision": map[string]any{"rollout_id": "stripe-production-1", "action": "rollback"}}, "1.5.0 -> 9.9.9 is rolled back, as the decision says (it was held at 10%"},
		"set back":    {"1.5.0", nil, "1.5.0 -> 9.9.9 is rolled back, because version was set back (it was held at 10%"},
		"settings":    {"9.9.9", map[string]any{"on_destroy": "leave", "analysis": map[string]any{"min_requests": 500}}, "settings only, nothing runs: analysis, on_destroy; 1.5.0 stays where it is"},
	} {
		t.Run(name, func(t *testing.T) {
			core := newCore(t, newMemoryWorlds(t))
			expectGood(t, core.apply(ctx, deployment("9.9.9", hold)))
			core.refresh()
			_, value := core.plan(deployment(c.version, hold, c.more))
			text := strings.Join(lines(t, attributes(t, value)["summary"]), "\n")
			expectText(t, text, c.says)
			expectGood(t, core.apply(ctx, deployment(c.version, hold, c.more)))
			if got := strings.Join(lines(t, attributes(t, core.state)["summary"]), "\n"); got != text {
				t.Errorf("planned as %q, and is %q", text, got)
			}
			core.refresh()
			if got := strings.Join(lines(t, attributes(t, core.state)["summary"]), "\n"); got != text {
				t.Errorf("a refresh made it %q", got)
			}
		})
	}
}

// TestStateWithoutSummary: what the last release wrote is read, and the next plan is empty.
func TestStateWithoutSummary(t *testing.T) {
	core := newCore(t, newMemoryWorlds(t))
	expectGood(t, core.apply(context.Background(), deployment("1.6.0")))
	attrs := attributes(t, core.state)
	attrs["summary"] = tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, nil)
	core.state = tftypes.NewValue(core.typ, attrs)
	expectQuiet(t, core, deployment("1.6.0"))
}

// TestStateOfAnOlderProvider: a state whose stages lack what policies read is read.
func TestStateOfAnOlderProvider(t *testing.T) {
	core := newCore(t, newMemoryWorlds(t))
	raw := `{"id":"Production/stripe","plugin_id":"stripe","environment":"Production","version":"1.5.0","strategy":"Canary","on_destroy":"rollback",
"on_interrupt":"leave","on_timeout":"rollback","status":"succeeded","stages":[{"name":"10%","share":10,"targets":{"tenants":15,"instances":10},
"settle":"PT30S","bake":"PT10M","gate":"-","hold":false,"final":false,"earliest_end":"PT10M","latest_end":"PT21M"}]}`
	resp, err := core.server.UpgradeResourceState(context.Background(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: deploymentType, RawState: &tfprotov6.RawState{JSON: []byte(raw)},
	})
	if err != nil || errorsIn(resp.Diagnostics) != "" {
		t.Fatal(err, errorsIn(resp.Diagnostics))
	}
	core.state = core.read(resp.UpgradedState)
	expectGood(t, core.refresh())
	expectGood(t, core.apply(context.Background(), deployment("1.6.0")))
}

// TestStagesSayWhatFollows: in an A/B test A stays where B does not win and where too little is
// seen, and the attributes say so as the gate and the end of such a test do.
func TestStagesSayWhatFollows(t *testing.T) {
	core := newCore(t, newMemoryWorlds(t, func(c *simulator.Config) { c.RequestsPerSecond = 0.0001 }))
	config := deployment("1.6.0", map[string]any{"strategy": "ABTesting"})
	_, value := core.plan(config)
	var stages []tftypes.Value
	if err := attributes(t, value)["stages"].As(&stages); err != nil {
		t.Fatal(err)
	}
	test := attributes(t, stages[1])
	for _, name := range []string{"on_fail", "on_inconclusive"} {
		if got := textOf(t, test[name]); got != "retain" {
			t.Errorf("%s is %q", name, got)
		}
	}
	core.apply(context.Background(), config)
	if got := textOf(t, attributes(t, core.state)["outcome"]); got != "retained" {
		t.Errorf("a test without data ended as %q", got)
	}
}

// TestStateOfARollback: an update that is rolled back leaves the settings as they were, with the
// version that runs, and what became of its rollout: as the guide says.
func TestStateOfARollback(t *testing.T) {
	core := newCore(t, newMemoryWorlds(t))
	ctx := context.Background()
	expectGood(t, core.apply(ctx, deployment("1.6.0")))
	before := attributes(t, core.state)
	expectError(t, core.apply(ctx, deployment("9.9.9", map[string]any{"on_destroy": "leave"})), "was rolled back")
	after := attributes(t, core.state)
	var changed []string
	for name, value := range after {
		if !value.Equal(before[name]) {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	if got := strings.Join(changed, " "); got != rolledBackChanges {
		t.Errorf("%s changed, want %s", got, rolledBackChanges)
	}
	guide, err := os.ReadFile("../../docs/guides/read-the-plan.md")
	if err != nil {
		t.Fatal(err)
	}
	_, says, _ := strings.Cut(string(guide), "- An *update* that is rolled back")
	says, _, _ = strings.Cut(says, "\n- ")
	for _, name := range changed {
		if !strings.Contains(says, "`"+name+"`") {
			t.Errorf("the guide does not say that %s changes", name)
		}
	}
}

// rolledBackChanges are the attributes that change where an update is rolled back.
const rolledBackChanges = "affected_tenants finished_at outcome previous_version reason rollout_id stages started_at status summary"
