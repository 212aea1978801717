package notify

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// memory is a store that remembers as long as the test runs.
type memory struct {
	store.Rollouts
	*engine.MemoryJournals

	mu         sync.Mutex
	starts     map[string]store.Start
	untold     []store.Untold
	deliveries map[string]store.Delivery // those that wait or were given up
	threads    map[string]string
	claimed    map[string]bool
	held       int // deliveries that were claimed at a time, at most
	forgetful  int // settles that fail
}

func newMemory() *memory {
	return &memory{MemoryJournals: engine.NewMemoryJournals(), starts: map[string]store.Start{}, deliveries: map[string]store.Delivery{}, threads: map[string]string{}, claimed: map[string]bool{}}
}

func (m *memory) Begin(ctx context.Context, p engine.Plan) (engine.Journal, error) {
	return m.MemoryJournals.Begin(ctx, p)
}

func (m *memory) Open(ctx context.Context, id string) (engine.Journal, error) {
	return m.MemoryJournals.Open(ctx, id)
}

func (m *memory) List(ctx context.Context, e engine.Environment, plugin string, f engine.Filter) ([]engine.RolloutHead, error) {
	return m.MemoryJournals.List(ctx, e, plugin, f)
}

func (m *memory) Rollout(_ context.Context, id string) (store.Rollout, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return store.Rollout{Start: m.starts[id]}, nil
}

func (m *memory) Untold(ctx context.Context, most int) ([]store.Untold, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.untold[:min(most, len(m.untold))]), ctx.Err()
}

func (m *memory) Divide(ctx context.Context, u store.Untold, to []store.Delivery) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.Index(m.untold, u)
	if i < 0 {
		return ctx.Err()
	}
	m.untold = slices.Delete(m.untold, i, i+1)
	for _, d := range to {
		m.deliveries[d.ID] = d
	}
	return ctx.Err()
}

func (m *memory) Claim(ctx context.Context, now, until time.Time, most int) ([]store.Delivery, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var due []store.Delivery
	for _, d := range m.deliveries {
		if !d.Due.IsZero() && !d.Due.After(now) {
			due = append(due, d)
		}
	}
	slices.SortFunc(due, func(a, b store.Delivery) int {
		if c := a.Due.Compare(b.Due); c != 0 {
			return c
		}
		return int(a.Seq - b.Seq)
	})
	due = due[:min(len(due), most)]
	for _, d := range due {
		d.Due = until
		m.deliveries[d.ID], m.claimed[d.ID] = d, true
	}
	m.held = max(m.held, len(m.claimed))
	return due, ctx.Err()
}

func (m *memory) Settle(ctx context.Context, d store.Delivery) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.forgetful > 0 {
		m.forgetful--
		return errors.New("the disk is full")
	}
	delete(m.claimed, d.ID)
	if d.Due.IsZero() && d.Failed == "" {
		delete(m.deliveries, d.ID)
		return ctx.Err()
	}
	m.deliveries[d.ID] = d
	return ctx.Err()
}

func (m *memory) Pending(context.Context) (map[string]store.Backlog, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := map[string]store.Backlog{}
	for _, d := range m.deliveries {
		b := all[d.Sink]
		if d.Due.IsZero() {
			b.GivenUp++
		} else {
			b.Waiting++
		}
		all[d.Sink] = b
	}
	return all, nil
}

func (m *memory) Thread(_ context.Context, sink, rollout, text string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if text != "" {
		m.threads[sink+" "+rollout] = text
	}
	return m.threads[sink+" "+rollout], nil
}

// idle says whether nothing waits.
func (m *memory) idle() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.deliveries {
		if !d.Due.IsZero() {
			return false
		}
	}
	return len(m.untold) == 0
}

// of are the deliveries of a sink that wait or were given up, in their order.
func (m *memory) of(sink string) []store.Delivery {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []store.Delivery
	for _, d := range m.deliveries {
		if d.Sink == sink {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b store.Delivery) int { return int(a.Seq - b.Seq) })
	return all
}

// dawn is when all rollouts begin.
var dawn = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// planned is a plan of two stages, of which the first one ends with a hold.
func planned(id, plugin string) engine.Plan {
	gate := engine.Gate{Checks: []engine.Check{{Metric: engine.ErrorRate, Bound: 0.05}}, OnFail: engine.Rollback}
	return engine.Plan{
		Format: engine.PlanFormat, Rollout: id, Baseline: "1.5.0", Candidate: "1.6.0",
		Spec: engine.Spec{PluginID: plugin, Environment: engine.Production, Strategy: engine.Canary},
		Stages: []engine.Stage{
			{Name: "10 %", Gate: gate, Hold: true, Bake: time.Minute, Exposure: engine.Exposure{Tenants: 2, Instances: 10, Share: 10}},
			{Name: "100 %", Gate: gate, Bake: time.Minute, Exposure: engine.Exposure{Tenants: 20, Instances: 10, Share: 100}},
		},
	}
}

// Events of such a plan.
var (
	passes = engine.Event{Kind: engine.Judged, Verdict: &engine.Verdict{Result: engine.Pass, Reason: "all is well", Requests: 1000, Window: time.Minute}}
	fails  = engine.Event{Kind: engine.Judged, Verdict: &engine.Verdict{
		Result: engine.Fail, Reason: "error rate 9 %, allowed is at most 5 %", Requests: 1000, Window: time.Minute,
		Findings: []engine.Finding{{Metric: string(engine.ErrorRate), Observed: 0.09, Allowed: 0.05, Result: engine.Fail, Detail: "error rate 9 % of 1000 requests, allowed is at most 5 %"}},
	}}
	begins   = engine.Event{Kind: engine.Began}
	promotes = engine.Event{Kind: engine.Promoted, By: "ada", Error: "looks fine"}
	back     = engine.Event{Kind: engine.Finished, Outcome: engine.RolledBack}
	surveys  = engine.Event{Kind: engine.Surveyed}
	over     = engine.Event{Kind: engine.Finished, Outcome: engine.Succeeded}
)

// happens begins a rollout in m, and has events happen to it, a minute apart.
func (m *memory) happens(t testing.TB, p engine.Plan, events ...engine.Event) {
	t.Helper()
	ctx := context.Background()
	j, err := m.Begin(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	m.mu.Lock()
	m.starts[p.Rollout] = store.Start{By: "ci", At: dawn}
	m.untold = append(m.untold, store.Untold{ID: int64(len(m.starts)) << 20, Rollout: p.Rollout, Seq: -1})
	m.mu.Unlock()
	m.goesOn(t, j, p, events...)
}

// goesOn has more events happen to a rollout.
func (m *memory) goesOn(t testing.TB, j engine.Journal, p engine.Plan, events ...engine.Event) {
	t.Helper()
	ctx := context.Background()
	had, err := j.Events(ctx, -1)
	if err != nil {
		t.Fatal(err)
	}
	s, err := engine.Fold(&p, had)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		e.Seq, e.At, e.Stage = s.Seq, dawn.Add(time.Duration(s.Seq+1)*time.Minute), s.Stage
		if s, err = s.Apply(&p, e); err != nil {
			t.Fatal(err)
		}
		if err := j.Append(ctx, e, engine.HeadOf(&p, &s, j.Ordinal(), e.At)); err != nil {
			t.Fatal(err)
		}
		m.mu.Lock()
		m.untold = append(m.untold, store.Untold{ID: int64(len(m.starts))<<20 + e.Seq + 1, Rollout: p.Rollout, Seq: e.Seq})
		m.mu.Unlock()
	}
}
