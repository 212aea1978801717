package prom

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// work is one question on its way to its answer.
type work struct {
	m        *Meter
	q        *engine.Question
	from, to int64
	needs    []*follower // in the order in which they are asked for the last samples

	requests       *follower
	errors         *follower // nil: the outcome says it
	timeouts       *follower // the same
	duration       *buckets  // nil: nobody asks, or it is not measured
	tenantDuration *buckets
}

// plan finds out what has to be followed. The requests come last, see Meter.advance.
func (w *work) plan(ctx context.Context) error {
	want := w.q.Candidate | w.q.Baseline
	if err := w.planLatency(ctx, want); err != nil {
		return err
	}
	if want&engine.WantMeans != 0 {
		for _, of := range meanQueries {
			w.needMean(of.query, of.gauge)
		}
		w.need(queryConversions, family{})
	}
	if want&(engine.WantTenants|engine.WantByTenant) != 0 {
		w.planTenants(want)
	}
	w.errors, w.timeouts = w.need(queryErrors, family{}), w.need(queryTimeouts, family{})
	w.requests = w.need(queryRequests, family{by: w.m.outcome(queryErrors)})
	return nil
}

// outcome is the label that says how a request ended; "": a query of its own does.
func (m *Meter) outcome(query string) string {
	if _, own := m.queries[query]; own {
		return ""
	}
	return m.set.Labels.Outcome
}

// need has a query followed; nil: it is not asked for.
func (w *work) need(query string, f family) *follower { return w.needPart(query, "", f) }

// needPart has a part of a metric followed, as its _sum.
func (w *work) needPart(query, suffix string, f family) *follower {
	sel, asked := w.m.queries[query]
	if !asked {
		return nil
	}
	f.query, f.sel = query, sel.part(suffix)
	of := w.m.follower(query+suffix, f)
	w.needs = append(w.needs, of)
	return of
}

// planTenants has what is asked of tenants followed.
func (w *work) planTenants(want engine.Want) {
	if want&engine.WantByTenant != 0 && want&engine.WantMeans != 0 {
		w.need(queryTenantConversions, family{tenant: true})
		w.needMean(queryTenantSatisfaction, false)
		w.needMean(queryTenantDuration, false)
	}
	w.need(queryTenantErrors, family{tenant: true})
	w.need(queryTenantTimeouts, family{tenant: true})
	w.need(queryTenantRequests, family{tenant: true, by: w.m.outcome(queryTenantErrors)})
}

// answer counts what was followed.
func (w *work) answer() (a engine.Answer, err error) {
	if err := w.sound(); err != nil {
		return a, err
	}
	for _, f := range w.needs {
		a.Extrapolated = a.Extrapolated || f.tiled
	}
	a.Coverage = w.coverage()
	if w.q.Candidate != 0 {
		w.measure(&a.Candidate, w.q.Candidate, false)
	}
	if w.q.Baseline != 0 {
		w.measure(&a.Baseline, w.q.Baseline, true)
	}
	return a, nil
}

// sound says why the requests that were followed cannot be counted.
func (w *work) sound() error {
	f := w.requests
	if len(f.cells) == 0 {
		return f.named(fmt.Errorf("%s: no series has samples in the time that is asked for", f.sel))
	}
	for _, f := range w.needs {
		if f.by != w.m.set.Labels.Outcome || f.by == "" {
			continue
		}
		for _, st := range f.order {
			switch st.at.part {
			case OutcomeSuccess, OutcomeError, OutcomeTimeout:
			case "":
				return f.named(fmt.Errorf("%s has series without the label %q, which says what failed: name that label, or give queries for errors and timeouts", f.sel, f.by))
			default:
				return f.named(fmt.Errorf("%s has the %s %q, which is none of %q, %q and %q", f.sel, f.by, engine.Shortened(st.at.part), OutcomeSuccess, OutcomeError, OutcomeTimeout))
			}
		}
	}
	return nil
}

// has says whether what a version did is an arm's.
func (w *work) has(version string, baseline bool) bool {
	return (w.q.Version != "" && version == w.q.Version) != baseline
}

// measure counts what is wanted of an arm.
func (w *work) measure(m *engine.Measurement, want engine.Want, baseline bool) {
	t := w.counts(w.requests, w.errors, w.timeouts, func(k cellKey) bool { return w.has(k.version, baseline) })
	m.Requests, m.Errors, m.Timeouts = t.Requests, t.Errors, t.Timeouts
	m.Newest = w.newest(baseline)
	if want&engine.WantMinutes != 0 {
		m.Minutes = w.minutes(baseline)
	}
	if want&engine.WantSlower != 0 && w.duration != nil {
		m.Slower = w.slower(baseline, w.q.Bounds, m.Requests)
	}
	if want&engine.WantHistogram != 0 && w.duration != nil {
		bounds := w.duration.finite()
		if slower := w.slower(baseline, bounds, m.Requests); slower != nil {
			m.Histogram = engine.Histogram{Bounds: bounds, Slower: slower}
		}
	}
	if want&engine.WantMeans != 0 {
		w.means(m, baseline)
	}
	if want&(engine.WantTenants|engine.WantByTenant) != 0 {
		w.tenants(m, want, baseline)
	}
}

// slower counts how many of an arm's requests took longer than bounds; nil: that is not
// counted.
func (w *work) slower(baseline bool, bounds []float64, requests int64) []int64 {
	return w.duration.slower(w, baseline, bounds, map[string]int64{"": requests})[""]
}

// counts adds up requests and how they ended, of the keys that of takes.
func (w *work) counts(requests, errors, timeouts *follower, of func(cellKey) bool) (t engine.TenantCount) {
	var all, failed, late float64
	for k, c := range requests.cells { // sums of whole numbers: in any order
		if !of(k) {
			continue
		}
		n := c.between(w.from, w.to)
		all += n
		switch {
		case requests.by == "":
		case k.part == OutcomeError:
			failed += n
		case k.part == OutcomeTimeout:
			late += n
		}
	}
	t.Requests = whole(all)
	t.Errors = min(whole(failed+w.total(errors, of)), t.Requests)
	t.Timeouts = min(whole(late+w.total(timeouts, of)), t.Requests-t.Errors)
	return t
}

// total adds up what a follower counted under the keys that of takes.
func (w *work) total(f *follower, of func(cellKey) bool) (sum float64) {
	if f == nil {
		return 0
	}
	for _, k := range f.keys() {
		if of(k) {
			sum += f.cells[k].between(w.from, w.to)
		}
	}
	return sum
}

// keys are those of the cells, in order: sums of fractions depend on it.
func (f *follower) keys() []cellKey {
	if len(f.sortedKeys) != len(f.cells) {
		f.sortedKeys = sortedKeys(f.cells)
	}
	return f.sortedKeys
}

// whole is a count of things: rounding takes away what sums of rates and of differences
// leave behind. One that is beyond all counting stays so.
func whole(n float64) int64 { return int64(math.Round(min(max(0, n), 1<<60))) }

// compareKeys orders keys.
func compareKeys(a, b cellKey) int {
	if c := strings.Compare(a.version, b.version); c != 0 {
		return c
	}
	if c := strings.Compare(a.tenant, b.tenant); c != 0 {
		return c
	}
	return strings.Compare(a.part, b.part)
}
