package campaign

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Tuned is what came of a search.
type Tuned struct {
	Kind         string `json:"kind"`   // KindTune
	Format       int    `json:"format"` // see Format
	Scenario     string `json:"scenario"`
	ScenarioHash string `json:"scenario_hash"`
	Seed         int64  `json:"seed"`
	Runs         int    `json:"runs"` // of each setting with each version
	// Interrupted says that not all settings were tried; nil: they were.
	Interrupted *Interruption `json:"interrupted,omitempty"`

	Strategy engine.Strategy `json:"strategy"`

	// The limits, which the upper ends of the intervals have to keep.
	MostFalseRollback float64 `json:"most_false_rollback"`
	MostGoodStopped   float64 `json:"most_good_stopped"`
	MostMissed        float64 `json:"most_missed"`
	// LeastRuns is how many runs it takes to show that the limits are kept, where nothing
	// goes wrong in any.
	LeastRuns int `json:"least_runs"`
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
	// Duration is of the good versions that get through, and Failed of the bad ones.
	Duration      Spread `json:"duration_seconds"`
	Failed        Spread `json:"failed_requests"`
	FalseRollback Share  `json:"false_rollback"` // good versions that were rolled back
	GoodStopped   Share  `json:"good_stopped"`   // good versions that did not get through
	Missed        Share  `json:"missed_regression"`
	// Within says whether the upper end of each interval is within its limit, and Seen
	// whether the shares that were seen are.
	Within bool   `json:"within_limits"`
	Seen   bool   `json:"seen_within_limits"`
	HCL    string `json:"hcl,omitempty"` // of a point on the front
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
	usualRuns  = 200
	usualLimit = 0.05
	screening  = 4 // a setting is looked at with one run in so many first
)

// Tune searches the settings of a deployment for those that are fast with a good
// version and let few requests fail with a bad one. All settings are tried on the
// same worlds, so that they differ in nothing else. Where ctx is done before that, the front is
// of the settings that were tried by then, and comes with ctx's error; it is nil where there are none.
func Tune(ctx context.Context, s *scenario.Scenario, opt Options) (*Tuned, error) {
	t := &Tuned{
		Scenario: s.Name, ScenarioHash: s.Hash(), Seed: opt.Seed, Runs: cmp.Or(opt.Runs, s.Tune.Runs, usualRuns),
		Strategy: s.Deployment.Resolve().Strategy, MostFalseRollback: usualLimit, MostGoodStopped: usualLimit, MostMissed: usualLimit,
		Kind: KindTune, Format: Format,
	}
	for limit, asked := range map[*float64]*float64{
		&t.MostFalseRollback: s.Tune.MostFalseRollback, &t.MostGoodStopped: s.Tune.MostGoodStopped, &t.MostMissed: s.Tune.MostMissed,
	} {
		if asked != nil {
			*limit = *asked
		}
	}
	t.LeastRuns = runsFor(min(t.MostFalseRollback, t.MostGoodStopped, t.MostMissed))
	good, bad := s.Good(), s.Worse()
	if v, ok := good.Said(s.Candidate()); ok {
		t.GoodErrorRate = v.ErrorRate
	}
	if v, ok := bad.Said(s.Candidate()); ok {
		t.BadErrorRate = v.ErrorRate
	}
	all := settings(s)
	for i, x := range all {
		p, err := t.point(ctx, x, good, bad, opt)
		if err != nil && (ctx.Err() == nil || i == 0) {
			return nil, err
		}
		if err != nil {
			t.Interrupted = &Interruption{Played: i, Of: len(all), Unit: "settings"}
			t.nameFront()
			return t, ctx.Err()
		}
		t.Points = append(t.Points, p)
		if opt.Progress != nil {
			opt.Progress(i+1, len(all))
		}
	}
	t.nameFront()
	return t, nil
}

// point looks at a setting, and plays it in all runs where there is hope for it.
func (t *Tuned) point(ctx context.Context, x Setting, good, bad *scenario.Scenario, opt Options) (Point, error) {
	p := Point{Setting: x}
	for _, runs := range []int{max(10, t.Runs/screening), t.Runs} {
		if runs <= p.Runs || p.Runs > 0 && t.hopeless(p) {
			continue
		}
		var err error
		if p, err = t.try(ctx, x, good, bad, runs, opt); err != nil {
			return p, err
		}
	}
	return p, nil
}

// try plays a setting with both versions.
func (t *Tuned) try(ctx context.Context, x Setting, good, bad *scenario.Scenario, runs int, opt Options) (Point, error) {
	spec, err := x.apply(good)
	if err != nil {
		return Point{}, err
	}
	if ps := spec.Validate(); len(ps) > 0 {
		return Point{}, fmt.Errorf("the setting %s: %w", x, ps)
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
	var took, failed []float64
	for _, o := range well {
		if !o.stopped {
			took = append(took, o.took.Seconds())
		}
	}
	for _, o := range ill {
		failed = append(failed, float64(o.failed))
	}
	p := Point{
		Setting: x, Runs: runs, Duration: spreadOf(took), Failed: spreadOf(failed),
		FalseRollback: shareOf("false rollback", countOf(well, func(o *outcome) bool { return o.turned }), runs),
		GoodStopped:   shareOf("good stopped", countOf(well, func(o *outcome) bool { return o.stopped }), runs),
		Missed:        shareOf("missed regression", countOf(ill, func(o *outcome) bool { return o.ending == scenario.Succeeded }), runs),
	}
	keeps := func(of func(Share) float64) bool {
		return len(took) > 0 && of(p.FalseRollback) <= t.MostFalseRollback && of(p.GoodStopped) <= t.MostGoodStopped && of(p.Missed) <= t.MostMissed
	}
	p.Within, p.Seen = keeps(func(s Share) float64 { return s.High }), keeps(func(s Share) float64 { return s.Share })
	return p, nil
}

// countOf counts outcomes.
func countOf(all []outcome, is func(*outcome) bool) int {
	n := 0
	for i := range all {
		if is(&all[i]) {
			n++
		}
	}
	return n
}

// runsFor is how many runs without a case it takes for the interval to end within a
// limit.
func runsFor(limit float64) int {
	const zz = 1.959963984540054 * 1.959963984540054 // Wilson's interval of 0 of n ends at zz/(n+zz)
	return max(1, int(math.Ceil(zz*(1-limit)/limit-1e-9)))
}

// hopeless says whether a setting is beyond a limit with hardly a doubt.
func (t *Tuned) hopeless(p Point) bool {
	return p.FalseRollback.Low > t.MostFalseRollback || p.GoodStopped.Low > t.MostGoodStopped || p.Missed.Low > t.MostMissed
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
		return cmp.Or(cmp.Compare(t.Points[a].Duration.P50, t.Points[b].Duration.P50), cmp.Compare(t.Points[a].Failed.Mean, t.Points[b].Failed.Mean))
	})
	named := 0
	for k, i := range order {
		p := &t.Points[i]
		if k > 0 {
			if last := t.Points[order[k-1]]; last.Duration.P50 == p.Duration.P50 && last.Failed.Mean == p.Failed.Mean {
				continue // as good as the one before: one of them is enough
			}
		}
		p.Name, p.HCL = nameOf(named), p.Setting.HCL(t.Strategy)
		named++
	}
}

// beats says whether q is no worse than p in both, and better in one.
func beats(q, p Point) bool {
	return q.Duration.P50 <= p.Duration.P50 && q.Failed.Mean <= p.Failed.Mean &&
		(q.Duration.P50 < p.Duration.P50 || q.Failed.Mean < p.Failed.Mean)
}

// nameOf is A to Z, then AA and on.
func nameOf(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return nameOf(i/26-1) + string(rune('A'+i%26))
}
