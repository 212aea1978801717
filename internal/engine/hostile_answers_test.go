package engine_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine/enginetest"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/journal/file"
)

// TestNoNumbers measures what no journal can hold, asked for or not: it is no data.
func TestNoNumbers(t *testing.T) {
	far := time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, alter := range map[string]func(*engine.Answer){
		"a mean nobody asked for": func(a *engine.Answer) { a.Baseline.CPU = engine.Mean{Sum: math.NaN(), Count: 1} },
		"newest":                  func(a *engine.Answer) { a.Baseline.Newest = far },
		"minute":                  func(a *engine.Answer) { a.Baseline.Minutes = []engine.MinuteCount{{Start: far, Requests: 1}} },
		"worst": func(a *engine.Answer) {
			a.Candidate.Worst = &engine.TenantCount{Tenant: "t", Requests: 20, Latency: engine.Mean{Sum: math.Inf(1), Count: 1}}
		},
		"a tenant's name": func(a *engine.Answer) { a.Candidate.Worst = &engine.TenantCount{Tenant: "caf\xe9", Requests: 20} },
	} {
		t.Run(name, func(t *testing.T) {
			f := enginetest.NewFleet(engine.Production, "gateway", 3, 30, "1.0.0", 150)
			f.AlterAnswer = alter
			r, err := enginetest.Begin(f, file.Open(t.TempDir()), "r1", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "2.0.0"})
			if err != nil {
				t.Fatal(err)
			}
			walkSteps(t, f, r)
		})
	}
}

// TestCountsTheWholeFleet answers for a million where ten were asked about.
func TestCountsTheWholeFleet(t *testing.T) {
	f, r := canaryOn(t, 200, func(s *engine.Spec) {
		s.Strategy, s.Rolling = engine.Rolling, &engine.RollingSettings{BatchSize: &engine.BatchSize{N: 10}}
	})
	f.AlterCondition = func(got *engine.Condition) {
		if got.Watched > 0 {
			got.Watched, got.Ready = 1_000_000, 1_000_000-10
		}
	}
	walkSteps(t, f, r)
	if s := r.State(); s.Outcome == engine.Succeeded || !strings.Contains(s.Turned, "condition.watched: 1000000 is not in 0..10") {
		t.Error(s, s.Turned)
	}
}

// TestSizes names instances at length, and lists more of them than a condition does:
// neither gets into a journal.
func TestSizes(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for name, alter := range map[string]func(*engine.Condition){
		"name": func(c *engine.Condition) {
			c.Ailing, c.Failing = []engine.Ailing{{Instance: long, Ready: true, Failures: 3}}, 1
		},
		"reason": func(c *engine.Condition) {
			c.Ailing, c.Failing = []engine.Ailing{{Instance: "i-01", Ready: true, Failures: 3, Reason: long}}, 1
		},
		"list": func(c *engine.Condition) {
			for range 100_000 {
				c.Broken = append(c.Broken, engine.Broken{Target: "i-01", Reason: "disk full"})
			}
			c.BrokenCount = len(c.Broken)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, r := canaryOn(t, 3, direct)
			f.AlterCondition = func(c *engine.Condition) {
				if c.Watched > 0 && r.State().Phase == engine.PhaseProgressing {
					alter(c)
				}
			}
			walkSteps(t, f, r)
			for _, e := range r.Events() {
				if len(e.Error) > 2048 || len(e.Targets) > engine.MostListed || e.Verdict != nil && len(e.Verdict.Reason) > 2048 {
					t.Errorf("%s with %d bytes and %d targets", e.Kind, len(e.Error), len(e.Targets))
				}
			}
		})
	}
}

// anew reads its file anew each time, as another process does, and loses one reply.
type anew struct {
	t    *testing.T
	dir  string
	lost *bool
}

func (f anew) open() engine.Journal {
	j, err := file.Open(f.dir).Open(f.t.Context(), "r1")
	if err != nil {
		f.t.Fatal(err)
	}
	return j
}

func (f anew) Ordinal() int64                                 { return 1 }
func (f anew) Plan(ctx context.Context) (*engine.Plan, error) { return f.open().Plan(ctx) }
func (f anew) Events(ctx context.Context, after int64) ([]engine.Event, error) {
	return f.open().Events(ctx, after)
}

func (f anew) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	err := f.open().Append(ctx, e, h)
	if err == nil && e.Kind == engine.Failed && !*f.lost {
		*f.lost = true
		return errors.New("no reply")
	}
	return err
}

// TestTextsOfOtherEncodings loses the reply to an event whose text is not UTF-8: the runner
// knows it again.
func TestTextsOfOtherEncodings(t *testing.T) {
	f := enginetest.NewFleet(engine.Production, "gateway", 3, 30, "1.0.0", 150)
	f.Refuse, f.RefuseWith = 1, errors.New("caf\xe9 is closed")
	plan, err := engine.Compile("r1", engine.Spec{PluginID: "gateway", Environment: engine.Production, Version: "2.0.0", Strategy: engine.Direct}, f.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	dir, lost := t.TempDir(), false
	if _, err := file.Open(dir).Begin(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	r, err := engine.NewRunner(t.Context(), engine.Ports{Fleet: f, Meter: f, Journal: anew{t, dir, &lost}, Judge: engine.JudgeByMode{}, Now: f.Clock, Writer: "one"})
	if err != nil {
		t.Fatal(err)
	}
	ro := &enginetest.Rollout{Runner: r, Fleet: f}
	if _, err := r.Advance(t.Context()); err == nil {
		t.Fatal("the reply was not lost")
	}
	walkSteps(t, f, ro)
	if r.State().Outcome != engine.Succeeded {
		t.Error(r.State())
	}
}
