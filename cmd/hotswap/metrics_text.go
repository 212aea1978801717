package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// checkedMetrics is what was found out about a Prometheus, as JSON.
type checkedMetrics struct {
	Kind   string `json:"kind"`
	Format int    `json:"format"`
	// Usable says whether rollouts can be judged by their traffic.
	Usable        bool                `json:"usable"`
	Build         string              `json:"build"`
	At            time.Time           `json:"at"`
	ScrapeSeconds float64             `json:"scrape_seconds"` // 0: not known
	Instances     int                 `json:"instances"`
	InstancesSeen int                 `json:"instances_seen"` // in the last quarter of an hour
	Extrapolates  bool                `json:"extrapolates"`
	Wrong         []string            `json:"wrong"`
	Queries       []checkedQuery      `json:"queries"`
	Uses          []checkedUse        `json:"uses"`
	Lacks         []engine.Capability `json:"lacks"`
}

type checkedQuery struct {
	Name     string    `json:"name"`
	Query    string    `json:"query"`
	Series   int       `json:"series"`
	Age      float64   `json:"age_seconds"` // of the newest sample
	Oldest   float64   `json:"oldest_age_seconds"`
	Versions []string  `json:"versions"`
	BoundsMs []float64 `json:"bounds_ms"`
	Native   bool      `json:"native"`
	Problem  string    `json:"problem"`
}

type checkedUse struct {
	What    string `json:"what"`
	Can     bool   `json:"can"`
	Missing string `json:"missing"` // what to expose; "": nothing
}

// uses are what a rollout can check, what it takes, and what to expose for it.
var uses = []struct {
	what   string
	takes  engine.Capability
	expose string
}{
	{"error rate, comparison with the old version", engine.CanTraffic, `the counter ` + prom.MetricRequests + ` by outcome (query requests)`},
	{"success rate (min_success_rate)", engine.CanTimeouts, `outcome="timeout" of ` + prom.MetricRequests + ` (query requests, or timeouts)`},
	{"p99 latency (max_latency_p99_ms, max_latency_p99_ratio)", engine.CanLatency, `the histogram ` + prom.MetricDuration + ` (query duration)`},
	{"execution time (max_execution_time_ms)", engine.CanExecutionTime, `the histogram or summary ` + prom.MetricExecution + ` (query execution)`},
	{"CPU (max_cpu)", engine.CanCPU, `the gauge ` + prom.MetricCPU + `, 0..1 (query cpu)`},
	{"memory (max_memory)", engine.CanMemory, `the gauge ` + prom.MetricMemory + `, 0..1 (query memory)`},
	{"tenants that sent requests (min_tenants)", engine.CanTenantsSeen, `the counter ` + prom.MetricTenantRequests + ` by tenant and outcome (query tenant_requests)`},
	{"tenant by tenant (max_tenant_error_rate, A/B tests)", engine.CanByTenant, `the same counter`},
	{"conversions (A/B tests)", engine.CanConversions, `the counter ` + prom.MetricConversions + ` (query conversions)`},
	{"satisfaction (A/B tests)", engine.CanSatisfaction, `the histogram or summary ` + prom.MetricSatisfaction + ` (query satisfaction)`},
}

// checkedOf is a report as it is told.
func checkedOf(r *prom.Report) *checkedMetrics {
	m := &checkedMetrics{
		Kind: "metrics check", Format: campaign.Format, Usable: r.Capabilities.Can(engine.CanTraffic), Build: r.Build, At: r.At.UTC(),
		ScrapeSeconds: r.Scrape.Seconds(), Instances: r.Instances, InstancesSeen: r.Lately, Extrapolates: r.Extrapolates,
		Wrong: append([]string{}, r.Wrong...), Lacks: append([]engine.Capability{}, r.Capabilities.Lacks...),
	}
	for _, q := range r.Queries {
		m.Queries = append(m.Queries, checkedQuery{
			q.Name, q.Query, q.Series, q.Newest.Seconds(), q.Age.Seconds(), append([]string{}, q.Versions...), append([]float64{}, q.Bounds...), q.Native, q.Problem,
		})
	}
	for _, u := range uses {
		use := checkedUse{What: u.what, Can: r.Capabilities.Can(u.takes)}
		if !use.Can {
			use.Missing = u.expose
		}
		m.Uses = append(m.Uses, use)
	}
	return m
}

// against is what stands against judging rollouts by their traffic.
func (m *checkedMetrics) against() []string {
	if m.Usable {
		return nil
	}
	wrong := m.Wrong
	for _, q := range m.Queries {
		if q.Name == "requests" && q.Problem != "" {
			wrong = append(wrong, fmt.Sprintf("%s: %s", q.Query, q.Problem))
		}
	}
	return wrong
}

// found is a query as a row: its name, series, age, versions and what else there is to say.
func (q *checkedQuery) found() []string {
	switch {
	case q.Query == "":
		return nil
	case q.Problem != "":
		return []string{q.Name, "-", "-", "-", q.Problem}
	}
	more := ""
	switch {
	case q.Native:
		more = "native histogram: any bound"
	case len(q.BoundsMs) > 0:
		more = "bounds " + strings.Trim(fmt.Sprint(q.BoundsMs), "[]") + " ms"
	}
	return []string{q.Name, fmt.Sprint(q.Series), age(q.Age), strings.Join(q.Versions, ", "), more}
}

// age is a time in seconds, in words.
func age(seconds float64) string {
	return time.Duration(seconds * float64(time.Second)).Round(100 * time.Millisecond).String()
}

// head are the lines about everything.
func (m *checkedMetrics) head() []string {
	scrape := "samples: too few yet to tell how often they come"
	if m.ScrapeSeconds > 0 {
		scrape = fmt.Sprintf("samples: every %s", age(m.ScrapeSeconds))
	}
	lines := []string{scrape, fmt.Sprintf("instances: %d report, of %d that did in the last 15 minutes", m.Instances, m.InstancesSeen)}
	if m.Extrapolates {
		lines = append(lines, "series: too many to be followed one by one; counts are extrapolated, which may hold a rollout, and not roll it back")
	}
	return lines
}

// tables are the report in Markdown.
func (m *checkedMetrics) tables() string {
	var found, can [][]string
	for i := range m.Queries {
		if row := m.Queries[i].found(); row != nil {
			found = append(found, row)
		}
	}
	for _, u := range m.Uses {
		can = append(can, []string{u.What, map[bool]string{true: "yes", false: "no"}[u.Can], u.Missing})
	}
	return strings.Join(m.head(), "\n\n") + "\n\n" + rows([]string{"query", "series", "newest", "versions", ""}, found) + "\n" + rows([]string{"can be checked", "", "expose"}, can)
}

// printMetrics prints the report.
func (c *console) printMetrics(address string, m *checkedMetrics) {
	build := m.Build
	if build == "" {
		build = "something that does not say what it is"
	}
	c.print("%s at %s, %s\n", c.paint.bold(engine.Visible(build)), address, m.At.Format(time.RFC3339))
	for _, line := range m.head() {
		c.print("%s\n", line)
	}
	c.print("\n%-20s %7s %8s  %s\n", "query", "series", "newest", "versions")
	for i := range m.Queries {
		if row := m.Queries[i].found(); row != nil {
			c.print("%s\n", strings.TrimRight(engine.Visible(fmt.Sprintf("%-20s %7s %8s  %-16s %s", row[0], row[1], row[2], row[3], row[4])), " "))
		}
	}
	c.print("\ncan be checked\n")
	for _, u := range m.Uses {
		if u.Can {
			c.print("  %s %s\n", c.paint.green("yes"), u.What)
		} else {
			c.print("  %s  %s\n      expose %s\n", c.paint.amber("no"), u.What, u.Missing)
		}
	}
	if len(m.Wrong) > 0 {
		c.print("\nwrong\n")
		for _, w := range m.Wrong {
			c.print("  %s\n", c.paint.red(engine.Visible(w)))
		}
	}
}
