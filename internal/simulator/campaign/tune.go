package campaign

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Tuned is what came of a search.
type Tuned struct {
	Scenario     string          `json:"scenario"`
	ScenarioHash string          `json:"scenario_hash"`
	Seed         int64           `json:"seed"`
	Runs         int             `json:"runs"` // of each setting with each version
	Strategy     engine.Strategy `json:"strategy"`

	MostFalseRollback float64 `json:"most_false_rollback"`
	MostMissed        float64 `json:"most_missed"`
	// BadErrorRate and GoodErrorRate are those of the versions that were tried.
	BadErrorRate  float64 `json:"bad_error_rate"`
	GoodErrorRate float64 `json:"good_error_rate"`

	Points []Point `json:"points"` // in the order in which they were tried
}

// Point is a setting and what it costs.
type Point struct {
	Setting
	Name string `json:"name,omitempty"` // of a point on the front: A, B, …
	Runs int    `json:"runs"`           // with each version; few where that was enough
	// DurationSeconds is the median for a good version, FailedRequests the mean for a
	// bad one.
	DurationSeconds float64 `json:"duration_seconds"`
	FailedRequests  float64 `json:"failed_requests"`
	FalseRollback   Share   `json:"false_rollback"` // good versions turned away
	Held            Share   `json:"held"`           // good versions that did not get through for other reasons
	Missed          Share   `json:"missed_regression"`
	Within          bool    `json:"within_limits"`
	HCL             string  `json:"hcl,omitempty"` // of a point on the front
}

// Front are the points that no other one within the limits beats in both duration
// and failed requests, from the fastest on.
func (t *Tuned) Front() []Point {
	var front []Point
	for _, p := range t.Points {
		if p.Name != "" {
			front = append(front, p)
		}
	}
	slices.SortStableFunc(front, func(a, b Point) int { return cmp.Compare(a.Name, b.Name) })
	return front
}

const (
	usualRuns  = 100
	usualLimit = 0.05
	screening  = 4 // a setting is looked at with one run in so many first
)

// Tune searches the settings of a deployment for those that are fast with a good
// version and let few requests fail with a bad one. All settings are tried on the
// same worlds, so that they differ in nothing else.
func Tune(ctx context.Context, s *scenario.Scenario, opt Options) (*Tuned, error) {
	t := &Tuned{
		Scenario: s.Name, ScenarioHash: s.Hash(), Seed: opt.Seed, Runs: cmp.Or(opt.Runs, s.Tune.Runs, usualRuns),
		Strategy: s.Deployment.Resolve().Strategy, MostFalseRollback: usualLimit, MostMissed: usualLimit,
	}
	if v := s.Tune.MostFalseRollback; v != nil {
		t.MostFalseRollback = *v
	}
	if v := s.Tune.MostMissed; v != nil {
		t.MostMissed = *v
	}
	good, bad := s.Good(), s.Worse()
	if v, ok := good.Said(s.Candidate()); ok {
		t.GoodErrorRate = v.ErrorRate
	}
	if v, ok := bad.Said(s.Candidate()); ok {
		t.BadErrorRate = v.ErrorRate
	}
	all := settings(s)
	for i, x := range all {
		p := Point{Setting: x}
		for _, runs := range []int{max(10, t.Runs/screening), t.Runs} {
			if runs <= p.Runs || p.Runs > 0 && t.hopeless(p) {
				continue
			}
			var err error
			if p, err = t.try(ctx, x, good, bad, runs, opt); err != nil {
				return nil, err
			}
		}
		t.Points = append(t.Points, p)
		if opt.Progress != nil {
			opt.Progress(i+1, len(all))
		}
	}
	t.nameFront()
	return t, nil
}

// try plays a setting with both versions.
func (t *Tuned) try(ctx context.Context, x Setting, good, bad *scenario.Scenario, runs int, opt Options) (Point, error) {
	spec, err := x.apply(good)
	if err != nil {
		return Point{}, err
	}
	if ps := spec.Validate(); len(ps) > 0 {
		return Point{}, fmt.Errorf("the setting %+v: %w", x, ps)
	}
	opt.Runs, opt.Progress = runs, nil
	well, err := play(ctx, good.With(spec), opt)
	if err != nil {
		return Point{}, err
	}
	ill, err := play(ctx, bad.With(spec), opt)
	if err != nil {
		return Point{}, err
	}
	var took []float64
	turned, through, missed, failed := 0, 0, 0, int64(0)
	for _, o := range well {
		if o.turned {
			turned++
		}
		if o.ending == scenario.Succeeded {
			through++
			took = append(took, o.took.Seconds())
		}
	}
	for _, o := range ill {
		failed += o.failed
		if o.ending == scenario.Succeeded {
			missed++
		}
	}
	p := Point{
		Setting: x, Runs: runs, DurationSeconds: spreadOf(took).P50, FailedRequests: float64(failed) / float64(runs),
		FalseRollback: shareOf("false rollback", turned, runs), Held: shareOf("held", runs-turned-through, runs),
		Missed: shareOf("missed regression", missed, runs),
	}
	p.Within = through > 0 && p.FalseRollback.Share <= t.MostFalseRollback && p.Held.Share <= t.MostFalseRollback && p.Missed.Share <= t.MostMissed
	return p, nil
}

// hopeless says whether a setting is beyond a limit with hardly a doubt.
func (t *Tuned) hopeless(p Point) bool {
	return p.FalseRollback.Low > t.MostFalseRollback || p.Held.Low > t.MostFalseRollback || p.Missed.Low > t.MostMissed
}

// nameFront finds the points that no other beats, and names them from the fastest on.
func (t *Tuned) nameFront() {
	var order []int
	for i, p := range t.Points {
		if p.Within && !slices.ContainsFunc(t.Points, func(q Point) bool { return q.Within && beats(q, p) }) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(t.Points[a].DurationSeconds, t.Points[b].DurationSeconds), cmp.Compare(t.Points[a].FailedRequests, t.Points[b].FailedRequests))
	})
	named := 0
	for k, i := range order {
		p := &t.Points[i]
		if k > 0 {
			if last := t.Points[order[k-1]]; last.DurationSeconds == p.DurationSeconds && last.FailedRequests == p.FailedRequests {
				continue // as good as the one before: one of them is enough
			}
		}
		p.Name, p.HCL = nameOf(named), p.Setting.HCL(t.Strategy)
		named++
	}
}

// beats says whether q is no worse than p in both, and better in one.
func beats(q, p Point) bool {
	return q.DurationSeconds <= p.DurationSeconds && q.FailedRequests <= p.FailedRequests &&
		(q.DurationSeconds < p.DurationSeconds || q.FailedRequests < p.FailedRequests)
}

// nameOf is A to Z, then AA and on.
func nameOf(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return nameOf(i/26-1) + string(rune('A'+i%26))
}
