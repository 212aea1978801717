package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	fleetcontract "github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/servertest"
)

// canary asks for a canary of stages of two seconds.
func canary(e engine.Environment, plugin, version, more string) contract.Ask {
	return contract.Ask{Deployment: json.RawMessage(fmt.Sprintf(`{"pluginId": %q, "environment": %q, "version": %q, "strategy": "Canary",
		"canaryConfig": {"stages": [25, 100], "evaluationPeriod": "PT2S"%s}, "analysis": {"minRequests": 50, "minTenants": 1}}`, plugin, e, version, more))}
}

// end waits until a rollout has ended, or waits for a person.
func end(t *testing.T, c *client.Client, id string) *contract.Detail {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	after := int64(-1)
	for {
		d, err := c.Show(ctx, id, false)
		if err != nil {
			t.Fatal(err)
		}
		if d.Outcome != "" || d.Phase == "held" || d.Phase == "paused" {
			return d
		}
		events, err := c.Events(ctx, id, after, 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) > 0 {
			after = events[len(events)-1].Seq
		}
	}
}

// TestRollouts starts a good and a bad version over the API, and sees them end.
func TestRollouts(t *testing.T) {
	t.Parallel()
	r := servertest.Start(t, t.TempDir(), servertest.Fleet(engine.Production, "shop"), servertest.Fleet(engine.Staging, "shop"))
	c := r.Client("operator")
	bad, err := c.Start(t.Context(), engine.Staging, "shop", "k1", canary(engine.Staging, "shop", "2.0.0", ""))
	if err != nil {
		t.Fatal(err)
	}
	good, err := c.Start(t.Context(), engine.Production, "shop", "k2", canary(engine.Production, "shop", "1.1.0", ""))
	if err != nil {
		t.Fatal(err)
	}
	if d := end(t, c, bad.ID); d.Outcome != "rolled_back" || d.Story == "" {
		t.Errorf("a version of which 30 %% err is %s: %s", d.Phase, d.Story)
	}
	d := end(t, c, good.ID)
	if d.Outcome != "succeeded" || d.StartedBy != "olga" || d.Generation != d.ObservedGeneration || d.Generation < 5 {
		t.Errorf("%+v", d.Rollout)
	}
	page, err := c.Rollouts(t.Context(), url.Values{"outcome": {"succeeded"}})
	if err != nil || len(page.Items) != 1 || page.Items[0].ID != good.ID {
		t.Errorf("%v, %+v", err, page)
	}
	again, err := c.Start(t.Context(), engine.Production, "shop", "k2", canary(engine.Production, "shop", "1.1.0", ""))
	if err != nil || again.ID != good.ID {
		t.Errorf("the same key starts %v, %v", again, err)
	}
	if _, err = c.Start(t.Context(), engine.Production, "shop", "k2", canary(engine.Production, "shop", "2.0.0", "")); !client.Is(err, contract.KeyUsed) {
		t.Errorf("another request with the key: %v", err)
	}
	if _, err = c.Start(t.Context(), engine.Production, "shop", "", canary(engine.Production, "shop", "1.1.0", "")); !client.Is(err, contract.AlreadyActive) {
		t.Errorf("what is active already: %v", err)
	}
}

// TestDecisions holds a rollout, and has people say things to it.
func TestDecisions(t *testing.T) {
	t.Parallel()
	r := servertest.Start(t, t.TempDir(), servertest.Fleet(engine.Production, "shop"))
	c := r.Client("operator")
	ask := canary(engine.Production, "shop", "2.0.0", `, "autoRollback": false`)
	plan, err := c.Plan(t.Context(), engine.Production, "shop", ask)
	if err != nil || len(plan.Stages) != 4 || plan.Outline == "" {
		t.Fatalf("%v, %+v", err, plan)
	}
	ask.Expect = plan.Outline
	started, err := c.Start(t.Context(), engine.Production, "shop", "k1", ask)
	if err != nil || started.ID != plan.Rollout {
		t.Fatalf("%v, %+v", err, started)
	}
	if _, err := c.Start(t.Context(), engine.Production, "shop", "k9", canary(engine.Production, "shop", "1.1.0", "")); !client.Is(err, fleetcontract.UnfinishedRollout) {
		t.Errorf("a second rollout: %v", err)
	}
	d := end(t, c, started.ID)
	if d.Phase != "held" || d.Verdict == nil {
		t.Fatalf("%+v", d)
	}
	if _, err := c.Signal(t.Context(), started.ID, contract.Signal{Signal: "promote", Stage: "100%"}); !client.Is(err, contract.StageDiffers) {
		t.Errorf("a promote for another stage: %v", err)
	}
	if _, err := r.Client("reader").Signal(t.Context(), started.ID, contract.Signal{Signal: "promote"}); !client.Is(err, fleetcontract.Forbidden) {
		t.Errorf("a promote of somebody who only reads: %v", err)
	}
	if _, err := c.Signal(t.Context(), started.ID, contract.Signal{Signal: "pause"}); !errors.Is(err, engine.ErrPhase) {
		t.Errorf("a pause of what is held: %v", err)
	}
	if _, err := c.Signal(t.Context(), started.ID, contract.Signal{Signal: "rollback", Reason: "seen enough", Stage: d.Stage.Name}); err != nil {
		t.Fatal(err)
	}
	if d = end(t, c, started.ID); d.Outcome != "rolled_back" || !strings.Contains(d.Story, "seen enough") {
		t.Errorf("%s: %s", d.Phase, d.Story)
	}
	audits, err := r.Client("admin").Audits(t.Context(), 0, 10)
	if err != nil || len(audits.Items) < 4 || audits.Items[0].Action != "rollback" || audits.Items[0].Actor != "olga" || audits.Items[0].Reason != "seen enough" {
		t.Errorf("%v, %+v", err, audits)
	}
}

// TestExpect refuses a rollout that is not the one that was approved.
func TestExpect(t *testing.T) {
	t.Parallel()
	r := servertest.Start(t, t.TempDir(), servertest.Fleet(engine.Production, "shop"))
	ask := canary(engine.Production, "shop", "1.1.0", "")
	ask.Expect = strings.Repeat("0", 64)
	if _, err := r.Client("operator").Start(t.Context(), engine.Production, "shop", "k", ask); !client.Is(err, contract.FleetChanged) {
		t.Errorf("%v", err)
	}
}

// TestRestart ends a server in the midst of a rollout, and has the next one go on.
func TestRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := servertest.Start(t, dir, servertest.Fleet(engine.Production, "shop"))
	started, err := r.Client("operator").Start(t.Context(), engine.Production, "shop", "k1", canary(engine.Production, "shop", "1.1.0", ""))
	if err != nil {
		t.Fatal(err)
	}
	r.Stop()
	r = servertest.Start(t, dir, servertest.Fleet(engine.Production, "shop"))
	if d := end(t, r.Client("operator"), started.ID); d.Outcome != "succeeded" {
		t.Errorf("%s: %s", d.Phase, d.Story)
	}
}

// TestWhoMay has nobody see or do what they may not.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	r := servertest.Start(t, t.TempDir(), servertest.Fleet(engine.Production, "shop"), servertest.Fleet(engine.Staging, "shop"))
	started, err := r.Client("operator").Start(t.Context(), engine.Production, "shop", "k1", canary(engine.Production, "shop", "1.1.0", ""))
	if err != nil {
		t.Fatal(err)
	}
	stan := r.Client("staging")
	if _, err := stan.Show(t.Context(), started.ID, false); !errors.Is(err, engine.ErrNoJournal) {
		t.Errorf("what is in another environment is there: %v", err)
	}
	if page, err := stan.Rollouts(t.Context(), nil); err != nil || len(page.Items) != 0 {
		t.Errorf("%v, %+v", err, page)
	}
	if page, err := stan.Rollouts(t.Context(), url.Values{"environment": {"Production"}}); err != nil || len(page.Items) != 0 {
		t.Errorf("%v, %+v", err, page)
	}
	if _, err := stan.Plan(t.Context(), engine.Production, "shop", canary(engine.Production, "shop", "1.1.0", "")); !client.Is(err, fleetcontract.Forbidden) {
		t.Errorf("a plan in another environment: %v", err)
	}
	if _, err := stan.Fleets.World(engine.Production, "shop").Describe(t.Context()); err == nil {
		t.Error("the fleet of another environment is told")
	}
	if _, err := stan.Fleets.World(engine.Staging, "shop").Open(t.Context(), started.ID); !errors.Is(err, engine.ErrNoJournal) {
		t.Errorf("a rollout of another environment is open in this one: %v", err)
	}
	if _, err := stan.Tokens(t.Context()); !client.Is(err, fleetcontract.Forbidden) {
		t.Errorf("tokens: %v", err)
	}
	if _, err := r.Client("nobody").Self(t.Context()); err == nil {
		t.Error("a token that is none opens something")
	}
}
