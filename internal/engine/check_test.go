package engine_test

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// canaryOn begins a canary of 2.0.0 on a fleet of n instances and 30 tenants.
func canaryOn(t *testing.T, n int, change ...func(*engine.Spec)) (*enginetest.Fleet, *enginetest.Rollout) {
	t.Helper()
	f := enginetest.NewFleet(engine.Production, "gateway", n, 30, "1.0.0", 150)
	spec := engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "2.0.0"}
	for _, c := range change {
		c(&spec)
	}
	r, err := enginetest.Begin(f, engine.NewMemoryJournals(), "r1", spec)
	if err != nil {
		t.Fatal(err)
	}
	return f, r
}

// TestAnswersThatCannotBe measures what cannot be, in every way: it is no data, with the
// reason, and nothing panics.
func TestAnswersThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		name  string
		alter func(*engine.Answer)
		says  string
	}{
		{"more errors than requests", func(a *engine.Answer) { a.Candidate.Errors = a.Candidate.Requests + 1 }, "measurement.candidate.errors:"},
		{"counts below zero", func(a *engine.Answer) { a.Candidate.Requests = -5 }, "measurement.candidate.requests: -5 is not in 0.."},
		{"errors below zero", func(a *engine.Answer) { a.Baseline.Errors = -1 }, "measurement.baseline.errors: -1 is not in 0.."},
		{"more slower than there are", func(a *engine.Answer) { a.Candidate.Slower = []int64{a.Candidate.Requests + 1} }, "slower[0]:"},
		{"counts for no bounds", func(a *engine.Answer) { a.Candidate.Slower = []int64{1, 1, 1, 1} }, "4 counts for"},
		{"a share over one", func(a *engine.Answer) { a.Coverage = 1.5 }, "measurement.coverage: 1.5 is not in 0..1"},
		{"no number", func(a *engine.Answer) { a.Coverage = math.NaN() }, "measurement.coverage: NaN is not in 0..1"},
		{"a tenant with more errors than requests", func(a *engine.Answer) { a.Candidate.Worst = &engine.TenantCount{Tenant: "t", Requests: 1, Errors: 2} }, "worst.errors: 2 is not in 0..1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, r := canaryOn(t, 3)
			f.AlterAnswer = c.alter
			if err := r.Run(time.Time{}); err != nil {
				t.Fatal(err)
			}
			if s := r.State(); s.Phase != engine.PhaseHeld || !strings.Contains(s.Reason, c.says) {
				t.Errorf("%s, want held: … %s", s, c.says)
			}
		})
	}
}

// TestConditionsThatCannotBe looks at what cannot be: nothing settles on it.
func TestConditionsThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		alter func(*engine.Condition)
		says  string
	}{
		{func(c *engine.Condition) { c.Ready = c.Watched + 1 }, "condition.ready:"},
		{func(c *engine.Condition) { c.Pending = -1 }, "condition.pending: -1 is not 0 or more"},
		{func(c *engine.Condition) { c.Watched, c.Ready = -2, -2 }, "condition.watched: -2 is not 0 or more"},
		{func(c *engine.Condition) { c.Failing = c.Watched + 1 }, "condition.failing:"},
		{func(c *engine.Condition) { c.Exposed.Share = math.Inf(1) }, "condition.exposed.share: +Inf is not in 0..100"},
	} {
		f, r := canaryOn(t, 3)
		f.AlterCondition = c.alter
		if err := r.Run(enginetest.Start.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if s := r.State(); s.Phase != engine.PhaseRollingBack || !strings.Contains(s.Reason, c.says) {
			t.Errorf("%s, want rolling back: … %s", s, c.says)
		}
	}
}

// TestSnapshotsThatCannotBe compiles against fleets that cannot be: every problem is
// named, with its place, and no plan comes of it.
func TestSnapshotsThatCannotBe(t *testing.T) {
	spec := engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "2.0.0"}
	for _, c := range []struct {
		name  string
		alter func(*engine.Snapshot)
		want  string
	}{
		{"twice", func(s *engine.Snapshot) { s.Instances[1].ID = s.Instances[0].ID }, `fleet.instances[1]: "i-01" is there twice`},
		{"no id", func(s *engine.Snapshot) { s.Tenants[2].ID = "" }, "fleet.tenants[2]: has no id"},
		{"another environment", func(s *engine.Snapshot) { s.Environment = engine.QA }, "fleet.environment: QA is not that of the deployment, Production"},
		{"another plugin", func(s *engine.Snapshot) { s.Plugin = "exporter" }, "fleet.plugin: exporter is not that of the deployment, gateway"},
		{"weights", func(s *engine.Snapshot) { s.Tenants[0].Weight, s.Tenants[1].Weight = -1, math.NaN() }, "fleet.tenants[0]: \"t-001\": weight: -1 is not a number of at least 0\nfleet.tenants[1]: \"t-002\": weight: NaN is not a number of at least 0"},
		{"priors", func(s *engine.Snapshot) { s.Tenants[0].PriorErrors = 3 }, `fleet.tenants[0]: "t-001": prior_errors: 3 is not in 0..0, its prior requests`},
		{"routes", func(s *engine.Snapshot) { s.Routes[0].Percent = 120 }, "fleet.routes[0].percent: 120 is not in 0..100"},
		{"traffic", func(s *engine.Snapshot) { s.RequestsPerSecond = math.Inf(1) }, "fleet.requests_per_second: +Inf is not a number of at least 0"},
		{"bounds", func(s *engine.Snapshot) { s.Capabilities.LatencyBounds = []float64{100, 50} }, "fleet.latency_bounds[1]: 50 is not above 0 and above the bound before it"},
		{"many", func(s *engine.Snapshot) {
			for i := range s.Tenants {
				s.Tenants[i].ID = "same"
			}
		}, "fleet.tenants: has 19 more like these"},
	} {
		s := enginetest.NewFleet(engine.Production, "gateway", 3, 30, "1.0.0", 150).Snapshot()
		c.alter(&s)
		_, err := engine.Compile("r1", spec, s)
		if err == nil || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%s: %v, want … %s", c.name, err, c.want)
		}
	}
}

// FuzzAnswers lets a meter and a fleet say anything that JSON can: no rollout panics, and
// every one that is walked ends or waits.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"Candidate":{"requests":10,"errors":12}}`), []byte(`{"watched":3,"ready":5}`), uint8(0))
	f.Add([]byte(`{"Baseline":{"requests":-1,"slower":[9,8]}}`), []byte(`{"ailing":[{"instance":"i-01","failures":9}],"watched":-1}`), uint8(2))
	f.Add([]byte(`{"Candidate":{"histogram":{"bounds":[5,1],"slower":[1]},"perTenant":[{"tenant":"t-001","errors":4}]}}`), []byte(`{"brokenCount":-3,"broken":[{}]}`), uint8(4))
	f.Fuzz(func(t *testing.T, answer, condition []byte, strategy uint8) {
		var a engine.Answer
		var c engine.Condition
		if json.Unmarshal(answer, &a) != nil || json.Unmarshal(condition, &c) != nil {
			return
		}
		fleet := enginetest.NewFleet(engine.Production, "gateway", 3, 30, "1.0.0", 150)
		spec := engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "2.0.0", Strategy: engine.Strategies()[int(strategy)%5]}
		r, err := enginetest.Begin(fleet, engine.NewMemoryJournals(), "r1", spec)
		if err != nil {
			t.Fatal(err)
		}
		settled := false
		fleet.AlterAnswer = func(to *engine.Answer) { *to = a }
		fleet.AlterCondition = func(to *engine.Condition) {
			if settled {
				*to = c
			}
			settled = !settled
		}
		for range 400 {
			wake, err := r.Advance(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if wake.IsZero() {
				return
			}
			fleet.Advance(wake)
		}
	})
}
