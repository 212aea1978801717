package prom

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Report is what a Prometheus can say of a plugin in an environment.
type Report struct {
	// Build is what it says it is; "": it does not.
	Build string
	// At is the time that was asked about.
	At time.Time
	// Scrape is the time between samples; 0: there are too few to tell.
	Scrape time.Duration
	// Queries are all of them, in their order.
	Queries []QueryReport
	// Instances are how many had samples in the last three scrapes, of those that had any in
	// the last quarter of an hour.
	Instances, Lately int
	// Capabilities are what follows.
	Capabilities engine.Capabilities
	// Extrapolates says that series are too many to be followed one by one.
	Extrapolates bool
	// Wrong are the things that make counts wrong.
	Wrong []string
}

// QueryReport is what came of one query.
type QueryReport struct {
	Name  string
	Query string // as it was asked; "": it is not
	// Series is how many there are, of all parts of a histogram.
	Series int
	// Age is how old the newest sample of the oldest series is, and Newest that of the newest.
	Age, Newest time.Duration
	Versions    []string
	Bounds      []float64 // ms, of a histogram
	Native      bool      // it is a native histogram
	Problem     string    // why there is nothing; "": there is something
}

// Capabilities are what a Prometheus lets a fleet be measured by. The error says what came
// instead of an answer, or which query selects more series than it may.
func (m *Meter) Capabilities(ctx context.Context, at time.Time) (engine.Capabilities, error) {
	r, err := m.Report(ctx, at)
	if err != nil {
		return engine.Capabilities{}, err
	}
	for _, q := range r.Queries {
		if q.Series > m.set.MaxSeries {
			return engine.Capabilities{}, fmt.Errorf("%s.queries.%s: %w", m.set.Path, q.Name, tooMany(m.queries[q.Name], q.Series, m.set.MaxSeries))
		}
	}
	return r.Capabilities, nil
}

// Requests is the selector that requests are counted by.
func (m *Meter) Requests() string { return m.queries[queryRequests].String() }

// measured are the capabilities that a meter decides about.
var measured = []engine.Capability{
	engine.CanTraffic, engine.CanLatency, engine.CanTimeouts, engine.CanConversions, engine.CanSatisfaction, engine.CanExecutionTime,
	engine.CanCPU, engine.CanMemory, engine.CanTenantsSeen, engine.CanByTenant,
}

// Merge puts what is measured into what a fleet says of itself: of the traffic the meter
// speaks, of everything else the fleet, and the day before is known where one of them knows it.
func Merge(fleet, meter engine.Capabilities) engine.Capabilities {
	all := meter
	all.Lacks = nil
	for _, c := range engine.AllCapabilities() {
		of := &fleet
		if slices.Contains(measured, c) {
			of = &meter
		}
		if !of.Can(c) && !(c == engine.CanHistory && meter.Can(c)) {
			all.Lacks = append(all.Lacks, c)
		}
	}
	return all
}

// Report runs every query once. The error is that of the first question: nobody answers, or
// somebody else does. What a single query runs into is in the report.
func (m *Meter) Report(ctx context.Context, at time.Time) (*Report, error) {
	if err := m.enter(ctx); err != nil {
		return nil, err
	}
	defer m.leave()
	r, ms := &Report{At: at}, at.UnixMilli()
	var err error
	if r.Build, err = m.src.identify(ctx, ms); err != nil {
		return nil, err
	}
	if r.Scrape = m.set.ScrapeInterval; r.Scrape == 0 {
		if r.Scrape, err = m.src.interval(ctx, m.queries[queryRequests], ms); err != nil {
			r.Wrong = append(r.Wrong, err.Error())
		}
	}
	for _, name := range QueryNames() {
		r.Queries = append(r.Queries, m.reportOf(ctx, name, ms))
		r.Extrapolates = r.Extrapolates || r.Queries[len(r.Queries)-1].Series > m.set.FollowSeries
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.reportLabels(ctx, r, ms)
	m.conclude(r)
	return r, nil
}

// Of is the report of a query.
func (r *Report) Of(name string) *QueryReport {
	for i := range r.Queries {
		if r.Queries[i].Name == name {
			return &r.Queries[i]
		}
	}
	return &QueryReport{Name: name}
}

// has says whether there are series of a query.
func (r *Report) has(name string) bool { return r.Of(name).Series > 0 }

// parts are the metrics that a query reads, by what is put to its name.
func parts(query string) []string {
	switch query {
	case queryExecution, querySatisfaction, queryTenantSatisfaction:
		return []string{"_count"}
	case queryDuration, queryTenantDuration:
		return []string{"_bucket"}
	default:
		return []string{""}
	}
}

// reportOf runs a query once.
func (m *Meter) reportOf(ctx context.Context, name string, at int64) QueryReport {
	sel, asked := m.queries[name]
	q := QueryReport{Name: name}
	if !asked {
		return q
	}
	q.Query = sel.String()
	if err := m.reportBounds(ctx, &q, at); err != nil {
		q.Problem = err.Error()
		return q
	}
	for _, part := range parts(name) {
		of := sel.part(part)
		if q.Native {
			of = sel
		}
		if err := m.inspect(ctx, &q, of, at); err != nil {
			q.Problem = fmt.Sprintf("%s.queries.%s: %v", m.set.Path, name, err)
			return q
		}
	}
	switch {
	case q.Series > 0:
	case m.mayBeNone(name):
		q.Problem = "there are no series: nothing failed yet, or the selector is wrong"
	default:
		q.Problem = "there are no series"
	}
	return q
}

// reportBounds adds the bounds of a histogram.
func (m *Meter) reportBounds(ctx context.Context, q *QueryReport, at int64) error {
	if q.Name != queryDuration && q.Name != queryTenantDuration {
		return nil
	}
	b, err := m.bucketsOf(ctx, q.Name, at)
	if err != nil || b == nil {
		return err
	}
	if q.Native = b.native; !q.Native {
		q.Bounds = b.finite()
	}
	return nil
}

// mayBeNone says whether a query may have no series while nothing failed: where it chooses
// among those that are counted as requests, many libraries only make them with the first one.
func (m *Meter) mayBeNone(name string) bool {
	of, asked := m.queries[name]
	switch name {
	case queryErrors, queryTimeouts:
		return asked && of.name == m.queries[queryRequests].name
	case queryTenantErrors, queryTenantTimeouts:
		return asked && of.name == m.queries[queryTenantRequests].name
	default:
		return false
	}
}

// inspect adds to q what the series of a selector are like.
func (m *Meter) inspect(ctx context.Context, q *QueryReport, sel selector, at int64) error {
	n, err := m.src.count(ctx, sel, at)
	if err != nil || n == 0 {
		return err
	}
	q.Series += n
	if q.Age, q.Newest, err = m.src.ages(ctx, sel, at); err != nil {
		return err
	}
	got, err := m.src.groups(ctx, sel, []string{m.set.Labels.Version}, at, 0)
	for i := range got {
		q.Versions = append(q.Versions, got[i].Metric[m.set.Labels.Version])
	}
	slices.Sort(q.Versions)
	return err
}
