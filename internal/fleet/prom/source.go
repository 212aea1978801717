package prom

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// raw implements source: a question of its own, so that the samples have the times at which
// they were scraped.
func (a *api) raw(ctx context.Context, sel selector, from, to int64) ([]series, error) {
	return a.query(ctx, sel.over(time.Duration(to-from)*time.Millisecond), to)
}

// stepped implements source.
func (a *api) stepped(ctx context.Context, expr string, from, to int64, step time.Duration) ([]series, error) {
	return a.queryRange(ctx, expr, from, to, step)
}

// values implements source.
func (a *api) values(ctx context.Context, sel selector, at int64) ([]series, error) {
	return a.query(ctx, sel.String(), at)
}

// groups implements source.
func (a *api) groups(ctx context.Context, sel selector, by []string, at int64) ([]series, error) {
	return a.query(ctx, fmt.Sprintf("group by (%s) (%s)", strings.Join(by, ", "), sel), at)
}

// count implements source.
func (a *api) count(ctx context.Context, sel selector, at int64) (int, error) {
	got, err := a.query(ctx, fmt.Sprintf("count(%s)", sel), at)
	return int(single(got)), err
}

// natives implements source.
func (a *api) natives(ctx context.Context, sel selector, at int64) (int, error) {
	got, err := a.query(ctx, fmt.Sprintf("count(histogram_count(%s))", sel), at)
	return int(single(got)), err
}

// past is how far back the time between samples is read off.
const past = 10 * time.Minute

// interval implements source: the median time between the samples of one series of many.
func (a *api) interval(ctx context.Context, sel selector, at int64) (time.Duration, error) {
	some, err := a.query(ctx, fmt.Sprintf("topk(1, %s)", sel), at)
	if err != nil || len(some) == 0 {
		return 0, err
	}
	one := selector{name: sel.name}
	for _, label := range sorted(some[0].Metric) {
		if label != "__name__" {
			one = one.where(label, "=", some[0].Metric[label])
		}
	}
	got, err := a.raw(ctx, one, at-past.Milliseconds(), at)
	if err != nil || len(got) == 0 {
		return 0, err
	}
	return apart(got[0].Values), nil
}

// apart is the median time between samples; 0 where there are fewer than three.
func apart(values []point) time.Duration {
	if len(values) < 3 {
		return 0
	}
	gaps := make([]int64, len(values)-1)
	for i := range gaps {
		gaps[i] = values[i+1].at - values[i].at
	}
	slices.Sort(gaps)
	gap := time.Duration(gaps[len(gaps)/2]) * time.Millisecond
	if gap > time.Second {
		return gap.Round(100 * time.Millisecond)
	}
	return max(gap.Round(10*time.Millisecond), time.Millisecond)
}
