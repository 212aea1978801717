package prom

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// source is where samples come from.
type source interface {
	// identify says who it is; "": that is not known. The error says that it is another.
	identify(ctx context.Context, at int64) (string, error)
	// raw gives the samples of (from, to].
	raw(ctx context.Context, sel selector, from, to int64) ([]series, error)
	// stepped gives the values of an expression at from, from+step … to. It is only asked where
	// sums is true.
	stepped(ctx context.Context, expr string, from, to int64, step time.Duration) ([]series, error)
	sums() bool
	// values gives the series that there are at a time, each with its value.
	values(ctx context.Context, sel selector, at int64) ([]series, error)
	// groups gives the combinations of labels that they have, or had at any time of back before.
	groups(ctx context.Context, sel selector, by []string, at int64, back time.Duration) ([]series, error)
	// count is how many there are.
	count(ctx context.Context, sel selector, at int64) (int, error)
	// natives is how many of them are native histograms.
	natives(ctx context.Context, sel selector, at int64) (int, error)
	// ages are how old their newest samples are, at most and at least.
	ages(ctx context.Context, sel selector, at int64) (oldest, newest time.Duration, err error)
	// interval is the time between their samples; 0: there are too few to tell.
	interval(ctx context.Context, sel selector, at int64) (time.Duration, error)
	// close gives up connections.
	close()
}

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
func (a *api) groups(ctx context.Context, sel selector, by []string, at int64, back time.Duration) ([]series, error) {
	of := sel.String()
	if back > 0 {
		of = fmt.Sprintf("last_over_time(%s)", sel.over(back))
	}
	return a.query(ctx, fmt.Sprintf("group by (%s) (%s)", strings.Join(by, ", "), of), at)
}

// sums implements source.
func (a *api) sums() bool { return true }

// close implements source.
func (a *api) close() { a.client.Close() }

// ages implements source.
func (a *api) ages(ctx context.Context, sel selector, at int64) (oldest, newest time.Duration, err error) {
	for _, age := range []struct {
		of  string
		set *time.Duration
	}{{"min", &oldest}, {"max", &newest}} {
		got, err := a.query(ctx, fmt.Sprintf("%s(timestamp(%s))", age.of, sel), at)
		if err != nil {
			return 0, 0, err
		}
		*age.set = time.Duration(math.Round(float64(at)-single(got)*1000)) * time.Millisecond
	}
	return oldest, newest, nil
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

// apart is the median time between samples, of two the shorter one, since what is lost makes
// times longer; 0 where there are fewer than three samples.
func apart(values []point) time.Duration {
	if len(values) < 3 {
		return 0
	}
	gaps := make([]int64, len(values)-1)
	for i := range gaps {
		gaps[i] = values[i+1].at - values[i].at
	}
	slices.Sort(gaps)
	gap := time.Duration(gaps[(len(gaps)-1)/2]) * time.Millisecond
	if gap > time.Second {
		return gap.Round(100 * time.Millisecond)
	}
	return max(gap.Round(10*time.Millisecond), time.Millisecond)
}
