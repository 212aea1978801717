package prom

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// buckets are the bounds of a histogram, and which of them are followed.
type buckets struct {
	query   string
	sel     selector
	native  bool
	tenant  bool
	scale   float64              // ms in the unit of its bounds
	written map[float64][]string // bounds in ms, as they are written; +Inf is one of them
	used    []string             // those that are followed
	at      int64                // when they were read, Unix ms
	of      *follower
}

// labelBound is that of a classic histogram's buckets.
const labelBound = "le"

// readAgain is after how long bounds are read again: a new version may have others.
const readAgain = 5 * time.Minute

// nativeBounds are the latencies in ms that native histograms are counted against where all
// are asked for. They have none of their own.
var nativeBounds = []float64{5, 10, 25, 50, 75, 100, 150, 200, 250, 300, 400, 500, 750, 1000, 1500, 2000, 2500, 5000, 10_000}

// planLatency has what is asked of latencies followed.
func (w *work) planLatency(ctx context.Context, want engine.Want) (err error) {
	bounds := w.q.Bounds
	if want&engine.WantSlower == 0 {
		bounds = nil
	}
	all, means := want&engine.WantHistogram != 0, want&engine.WantMeans != 0
	if all || means || len(bounds) > 0 {
		if w.duration, err = w.m.bucketsOf(ctx, queryDuration, w.to); err != nil {
			return err
		}
	}
	if b := w.duration; b != nil {
		w.needLatency(b, bounds, all, means)
	}
	if w.q.TenantBound > 0 && want&engine.WantByTenant != 0 && means {
		return w.planTenantLatency(ctx)
	}
	return nil
}

// needLatency has bounds, or all that there are, and the mean followed.
func (w *work) needLatency(b *buckets, bounds []float64, all, means bool) {
	if all {
		bounds = append(slices.Clone(bounds), b.finite()...)
	}
	if len(bounds) > 0 {
		w.needBuckets(b, bounds)
	}
	if means {
		w.needDurationMean(b)
	}
}

// planTenantLatency has what is asked of the latencies of each tenant followed.
func (w *work) planTenantLatency(ctx context.Context) error {
	b, err := w.m.bucketsOf(ctx, queryTenantDuration, w.to)
	if err != nil || b == nil {
		return err
	}
	w.tenantDuration = b
	w.needBuckets(b, []float64{w.q.TenantBound})
	return nil
}

// bucketsOf finds out which bounds a histogram has; nil: it is not asked for, or not there.
func (m *Meter) bucketsOf(ctx context.Context, query string, at int64) (*buckets, error) {
	sel, asked := m.queries[query]
	known := m.bounds[query]
	if !asked || known != nil && at >= known.at && at < known.at+readAgain.Milliseconds() {
		return known, nil
	}
	b := &buckets{query: query, sel: sel, at: at, scale: m.inMs(), tenant: query == queryTenantDuration, written: map[float64][]string{}}
	if known != nil {
		b.used = known.used
	}
	if err := m.readBounds(ctx, b); err != nil {
		return nil, fmt.Errorf("%s.queries.%s: %w", m.set.Path, query, err)
	}
	if len(b.written) == 0 && !b.native {
		return nil, nil //nolint:nilnil // there is no histogram: that is not wrong, and not remembered
	}
	m.bounds[query] = b
	return b, nil
}

// readBounds reads the bounds of a histogram, or that it is a native one.
func (m *Meter) readBounds(ctx context.Context, b *buckets) error {
	got, err := m.src.groups(ctx, b.sel.part("_bucket"), []string{labelBound}, b.at, 0)
	if err != nil {
		return err
	}
	for i := range got {
		le := got[i].Metric[labelBound]
		if v, err := strconv.ParseFloat(le, 64); err == nil {
			ms := inMs(v, b.scale)
			b.written[ms] = append(b.written[ms], le)
		}
	}
	if len(b.written) > 0 || b.tenant {
		return nil
	}
	n, err := m.src.natives(ctx, b.sel, b.at)
	b.native = n > 0
	return err
}

// inMs is a bound in ms, without what the multiplication adds.
func inMs(v, scale float64) float64 {
	ms, err := strconv.ParseFloat(strconv.FormatFloat(v*scale, 'g', 12, 64), 64)
	if err != nil {
		return math.Inf(1) // as +Inf is
	}
	return ms
}

// finite are the bounds in ms, ascending.
func (b *buckets) finite() []float64 {
	if b.native {
		return slices.Clone(nativeBounds)
	}
	var list []float64
	for ms := range b.written {
		if !math.IsInf(ms, 0) {
			list = append(list, ms)
		}
	}
	slices.Sort(list)
	return list
}

// needBuckets has the buckets of bounds followed, and those that were before.
func (w *work) needBuckets(b *buckets, bounds []float64) {
	used := slices.Clone(b.used)
	for _, ms := range append(slices.Clone(bounds), math.Inf(1)) {
		if b.native {
			used = append(used, spelledBound(ms))
		} else {
			used = append(used, b.written[ms]...)
		}
	}
	slices.Sort(used)
	b.used = slices.Compact(used)
	f := family{query: b.query, by: labelBound, tenant: b.tenant, sel: b.sel.part("_bucket").where(labelBound, "=~", alternatives(b.used))}
	if b.native {
		f.by, f.sel, f.natives = "", b.sel, b.expressions()
	}
	b.of = w.m.follower(b.query+"_bucket", f)
	if f.natives != nil && len(b.of.natives) != len(f.natives) {
		b.of = newFollower(w.m, f)
		w.m.fs[b.query+"_bucket"] = b.of
	}
	w.needs = append(w.needs, b.of)
}

// alternatives matches any of some texts.
func alternatives(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = strings.NewReplacer(".", `\.`, "+", `\+`).Replace(t)
	}
	return strings.Join(quoted, "|")
}

// spelledBound is the part under which a native histogram counts against a bound in ms.
func spelledBound(ms float64) string { return strconv.FormatFloat(ms, 'g', -1, 64) }

// expressions count a native histogram's requests up to each bound that is used: what
// there is of a bucket that a bound cuts is estimated. An empty one has no fractions.
func (b *buckets) expressions() []native {
	list := make([]native, 0, len(b.used))
	for _, part := range b.used {
		n := native{part: part, expr: fmt.Sprintf("histogram_count(%s)", b.sel)}
		if ms, err := strconv.ParseFloat(part, 64); err == nil && !math.IsInf(ms, 0) {
			n.expr = fmt.Sprintf("histogram_fraction(-Inf, %s, %[2]s) * (histogram_count(%[2]s) > 0) or 0 * histogram_count(%[2]s)", strconv.FormatFloat(ms/b.scale, 'g', -1, 64), b.sel)
		}
		list = append(list, n)
	}
	return list
}

// slower counts against bounds in ms, ascending, how many of an arm's requests took longer,
// of which there are so many by tenant; nil: that is not counted. A histogram that is not by
// tenant has the tenant "".
func (b *buckets) slower(w *work, baseline bool, bounds []float64, requests map[string]int64) map[string][]int64 {
	if b.of == nil || len(bounds) == 0 {
		return nil
	}
	column := map[string]int{} // by part; the last one is all
	for i, ms := range append(slices.Clone(bounds), math.Inf(1)) {
		parts := b.written[ms]
		if b.native {
			parts = []string{spelledBound(ms)}
		}
		for _, part := range parts {
			column[part] = i
		}
	}
	type row struct {
		n      []float64
		series []int
	}
	rows := map[string]row{}
	for _, k := range b.of.keys() {
		i, asked := column[k.part]
		if !asked || !w.has(k.version, baseline) {
			continue
		}
		r, has := rows[k.tenant]
		if !has {
			r = row{make([]float64, len(bounds)+1), make([]int, len(bounds)+1)}
			rows[k.tenant] = r
		}
		r.n[i] += b.of.cells[k].between(w.from, w.to)
		r.series[i] += b.of.members[k]
	}
	counts := make(map[string][]int64, len(rows))
	for tenant, r := range rows {
		if slices.Max(r.series) == slices.Min(r.series) { // or a version has other bounds than another
			counts[tenant] = falling(r.n, requests[tenant])
		}
	}
	return counts
}

// falling is how many are above each bound, of counts up to it, the last of which is all;
// none is more than the one before, and the first than requests.
func falling(upTo []float64, requests int64) []int64 {
	counts, all := make([]int64, len(upTo)-1), upTo[len(upTo)-1]
	for i := range counts {
		counts[i] = min(whole(all-upTo[i]), requests)
		requests = counts[i]
	}
	return counts
}

// needDurationMean has the sum and the number of latencies followed.
func (w *work) needDurationMean(b *buckets) {
	if !b.native {
		w.needMean(queryDuration, false)
		return
	}
	for _, part := range []string{"_sum", "_count"} {
		f := family{query: b.query, sel: b.sel, natives: []native{{"", fmt.Sprintf("histogram%s(%s)", part, b.sel)}}}
		w.needs = append(w.needs, w.m.follower(b.query+part, f))
	}
}

// latencyMean is that of the requests of some keys, in ms.
func (w *work) latencyMean(of func(cellKey) bool) engine.Mean {
	return w.mean(queryDuration, w.m.inMs(), of)
}
