package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
)

// watchedRollout is a canary in its first bake, walked by one runner, and its ports.
func watchedRollout(t *testing.T, version string) (*engine.Runner, engine.Ports, *enginetest.Fleet) {
	t.Helper()
	f := enginetest.NewFleet(engine.Production, "gateway", 3, 30, "1.0.0", 150)
	f.Behave["9.0.0"] = enginetest.Behaviour{Errors: 0.04, Latency: 40}
	js := engine.NewMemoryJournals()
	plan, err := engine.Compile("r1", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: version}, f.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	j, err := js.Begin(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	p := engine.Ports{Fleet: f, Meter: f, Journal: j, Judge: engine.JudgeByMode{}, Now: f.Clock, Writer: "one"}
	r, err := engine.NewRunner(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for r.State().Step != engine.StepBake {
		if _, err := r.Advance(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.Advance(f.Now.Add(time.Second))
	}
	return r, p, f
}

// TestGlimpse says what a gate would say now, with what it still needs, and leaves no trace.
func TestGlimpse(t *testing.T) {
	walked, p, f := watchedRollout(t, "2.0.0")
	f.Advance(f.Now.Add(3 * time.Second))
	p.Writer = ""
	own, err := engine.NewRunner(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	before := walked.State().Seq
	g, err := own.Glimpse(t.Context())
	if err != nil || g.Condition == nil || g.Verdict == nil {
		t.Fatalf("%+v, %v", g, err)
	}
	if g.Condition.Exposed.Tenants == 0 || g.Verdict.Requests == 0 {
		t.Errorf("%+v, %+v", g.Condition.Exposed, g.Verdict)
	}
	needs := int64(0)
	for _, finding := range g.Verdict.Findings {
		needs += finding.Needs
	}
	if g.Verdict.Result != engine.Inconclusive || needs == 0 {
		t.Errorf("after seconds the gate would say %s: %s, and needs %d more", g.Verdict.Result, g.Verdict.Reason, needs)
	}
	events, err := p.Journal.Events(t.Context(), -1)
	if err != nil || int64(len(events)) != before {
		t.Errorf("it left %d events, and there were %d: %v", len(events), before, err)
	}
	for i := range 3 { // who walks goes on, and who watches keeps up
		wake, err := walked.Advance(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f.Advance(wake)
		if _, err := own.Glimpse(t.Context()); err != nil || own.State().Seq != walked.State().Seq {
			t.Errorf("look %d: %d events, and there are %d: %v", i, own.State().Seq, walked.State().Seq, err)
		}
	}
	f.Blind = errors.New("nobody there")
	f.Advance(f.Now.Add(time.Second))
	if g, err = own.Glimpse(t.Context()); err != nil || g.Condition != nil || !strings.Contains(g.Unseen, "nobody there") {
		t.Errorf("of a fleet that is away it sees %+v, %v", g, err)
	}
}

// busy is a journal to which somebody else writes just before each event that comes.
type busy struct {
	engine.Journal
	before func()
}

func (b busy) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	b.before()
	return b.Journal.Append(ctx, e, h)
}

// TestSpeak says something while whoever walks the rollout writes at the same moment.
func TestSpeak(t *testing.T) {
	walked, p, f := watchedRollout(t, "2.0.0")
	times := 0
	p.Writer, p.Journal = "two", busy{p.Journal, func() {
		if times++; times > 1 { // once is enough: then it is heard
			return
		}
		for n := walked.State().Seq; walked.State().Seq == n; {
			f.Advance(f.Now.Add(time.Minute))
			if _, err := walked.Advance(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}}
	if _, err := engine.Speak(t.Context(), p, engine.Signal{Kind: engine.Aborted, By: "ann", Reason: "enough"}); err != nil {
		t.Fatal(err)
	}
	if _, err := walked.Advance(t.Context()); err != nil || walked.Phase() != engine.PhaseRollingBack && walked.Phase() != engine.PhaseRolledBack {
		t.Errorf("it is %s: %v", walked.Phase(), err)
	}
	if times < 2 {
		t.Error("nobody wrote at the same moment")
	}
}

// TestMeantForAnotherStage refuses a signal that is meant for another stage, in the words of both.
func TestMeantForAnotherStage(t *testing.T) {
	_, p, _ := watchedRollout(t, "2.0.0")
	p.Writer = "two"
	var other *engine.StageError
	_, err := engine.Speak(t.Context(), p, engine.Signal{Kind: engine.Aborted, By: "ann", Stage: "50%"})
	if !errors.As(err, &other) || other.Is != "10%" || other.Meant != "50%" {
		t.Errorf("%v", err)
	}
	if _, err := engine.Speak(t.Context(), p, engine.Signal{Kind: engine.Aborted, By: "ann", Stage: "10%"}); err != nil {
		t.Error(err)
	}
	if _, err := engine.Speak(t.Context(), p, engine.Signal{Kind: engine.Promoted, By: "ann"}); !errors.Is(err, engine.ErrPhase) {
		t.Errorf("%v", err)
	}
}

// TestOutline is the same for what somebody would approve alike, and another one otherwise.
func TestOutline(t *testing.T) {
	outline := func(id string, change func(*engine.Spec, *enginetest.Fleet)) string {
		f := enginetest.NewFleet(engine.Production, "gateway", 3, 30, "1.0.0", 150)
		s := engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "2.0.0"}
		change(&s, f)
		p, err := engine.Compile(id, s, f.Snapshot())
		if err != nil {
			t.Fatal(err)
		}
		return p.Outline()
	}
	usual := outline("r1", func(*engine.Spec, *enginetest.Fleet) {})
	period := engine.Duration(time.Minute)
	for what, other := range map[string]string{
		"another id":      outline("r2", func(*engine.Spec, *enginetest.Fleet) {}),
		"another traffic": outline("r1", func(_ *engine.Spec, f *enginetest.Fleet) { f.State.RequestsPerSecond = 170 }),
	} {
		if other != usual {
			t.Errorf("%s is another outline", what)
		}
	}
	for what, other := range map[string]string{
		"another version": outline("r1", func(s *engine.Spec, _ *enginetest.Fleet) { s.Version = "3.0.0" }),
		"another length": outline("r1", func(s *engine.Spec, _ *enginetest.Fleet) {
			s.Canary = &engine.CanarySettings{EvaluationPeriod: &period}
		}),
		"more tenants": outline("r1", func(_ *engine.Spec, f *enginetest.Fleet) {
			f.State.Tenants = append(f.State.Tenants, engine.Tenant{ID: "t-9", Weight: 1}, engine.Tenant{ID: "t-99", Weight: 1})
		}),
	} {
		if other == usual {
			t.Errorf("%s is the same outline", what)
		}
	}
}

// TestGlimpseOfATest has what an A/B test would decide now: with the comparison, tenant by tenant.
func TestGlimpseOfATest(t *testing.T) {
	f := enginetest.NewFleet(engine.Production, "gateway", 3, 60, "1.0.0", 2000)
	plan, err := engine.Compile("r1", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "2.0.0", Strategy: engine.ABTesting}, f.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	j, err := engine.NewMemoryJournals().Begin(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	r, err := engine.NewRunner(t.Context(), engine.Ports{Fleet: f, Meter: f, Journal: j, Judge: engine.JudgeByMode{}, Now: f.Clock, Writer: "one"})
	if err != nil {
		t.Fatal(err)
	}
	for s := r.State(); s.Step != engine.StepBake || plan.Stages[s.Stage].Gate.Compare == nil; s = r.State() {
		wake, err := r.Advance(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f.Advance(wake)
	}
	f.Advance(f.Now.Add(time.Hour))
	g, err := r.Glimpse(t.Context())
	if err != nil || g.Verdict == nil || len(g.Verdict.Comparison) == 0 {
		t.Fatalf("%+v, %v", g.Verdict, err)
	}
	if strings.Contains(g.Verdict.Reason, "by tenant") {
		t.Errorf("%s", g.Verdict.Reason)
	}
}
