package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// fleetOf is what rollouts of TestServedRollouts are about; a strategy follows.
const fleetOf = `
installed: 1.5.0
versions:
  1.7.0: {error_rate: 0.3}
deployment:
  plugin_id: gateway
  environment: Production
  `

// TestServedRollouts walks rollouts on a served fleet that lives 60 times as fast, in real
// time, as a client does that is far away: what is good gets through, what is bad goes back.
func TestServedRollouts(t *testing.T) {
	for name, c := range map[string]struct {
		deployment string
		want       engine.Outcome
		least      time.Duration // that it takes: the bakes are real time
	}{
		"canary":     {"version: 1.6.0\n  strategy: Canary\n  canary: {stages: [10, 100], evaluation_period: 3s}", engine.Succeeded, 3 * time.Second},
		"bad canary": {"version: 1.7.0\n  strategy: Canary\n  canary: {stages: [10, 100], evaluation_period: 3s}", engine.RolledBack, 0},
		"rolling":    {"version: 1.6.0\n  strategy: Rolling\n  rolling: {batch_size: 5, wait_between_batches: 1s}", engine.Succeeded, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "fleet.yaml")
			if err := os.WriteFile(file, []byte(fleetOf+c.deployment+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			asked, err := scenario.ReadFleet(file)
			if err != nil {
				t.Fatal(err)
			}
			s := start(t, "--scenario", file, "--time-scale", "60")
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			took, state := s.roll(ctx, t, asked.Deployment)
			if state.Outcome != c.want || took < c.least || took > time.Minute {
				t.Errorf("after %s it is %s, %s: %s\n%s", took, state.Phase, state.Outcome, state.Reason, s.errs.String())
			}
			s.watched(t, c.want)
		})
	}
}

// roll walks a rollout, and says how long that took and what came of it.
func (s *served) roll(ctx context.Context, t *testing.T, spec engine.Spec) (time.Duration, engine.State) {
	t.Helper()
	to := connect.Settings{Path: "fleet", Address: s.url, HTTP: config.DefaultHTTPClientConfig}
	to.HTTP.Authorization = &config.Authorization{Credentials: config.Secret(s.token)}
	f, err := fleet.Open(fleet.Settings{API: to})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := f.World(spec.Environment, spec.PluginID)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := engine.ReadSnapshot(ctx, w)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := engine.Compile("r1", spec, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	j, err := w.Journals().Begin(ctx, plan)
	if err != nil {
		t.Fatal(err)
	}
	begun := w.Time.Now()
	r, err := engine.NewRunner(ctx, engine.Ports{Fleet: w, Meter: w, Journal: j, Judge: engine.JudgeByMode{}, Now: w.Time.Now, Writer: "w"})
	if err == nil {
		err = walker.Walk(ctx, r, &w.Time, walker.Options{})
	}
	if err != nil {
		t.Fatal(err)
	}
	return w.Time.Now().Sub(begun), r.State()
}

// watched has the rollout that ended shown, as lines and as JSON.
func (s *served) watched(t *testing.T, want engine.Outcome) {
	t.Helper()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(s.token), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"rollout", "watch", "--endpoint", s.url, "--token-file", token, "--environment", "Production", "--plugin", "gateway"}
	exit := map[engine.Outcome]int{engine.Succeeded: exitFine, engine.RolledBack: exitRolledBack}[want]
	var lines, objects bytes.Buffer
	if code := run(t.Context(), args, &lines, &lines); code != exit || !strings.Contains(lines.String(), string(want)+"\n") || !strings.Contains(lines.String(), "reached: ") {
		t.Errorf("exit %d\n%s", code, lines.String())
	}
	if code := run(t.Context(), append(args, "--json"), &objects, &objects); code != exit {
		t.Fatalf("exit %d\n%s", code, objects.String())
	}
	var seen seenJSON
	if err := json.Unmarshal(objects.Bytes(), &seen); err != nil {
		t.Fatalf("%v\n%s", err, objects.String())
	}
	turned := ""
	for _, e := range seen.Events {
		if e.Kind == engine.Reverting && turned == "" {
			turned = seen.Stage
		}
	}
	if seen.Outcome != want || seen.Condition == nil || seen.Condition.At.IsZero() || len(seen.Events) < 5 || (want == engine.RolledBack) != (turned == "10%") {
		t.Errorf("%+v", seen)
	}
}
