package prom

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// The names of queries.
const (
	queryRequests     = "requests"
	queryErrors       = "errors"
	queryTimeouts     = "timeouts"
	queryDuration     = "duration"
	queryExecution    = "execution"
	queryConversions  = "conversions"
	querySatisfaction = "satisfaction"
	queryCPU          = "cpu"
	queryMemory       = "memory"
	queryStart        = "start_time"

	queryTenantRequests     = "tenant_requests"
	queryTenantErrors       = "tenant_errors"
	queryTenantTimeouts     = "tenant_timeouts"
	queryTenantDuration     = "tenant_duration"
	queryTenantConversions  = "tenant_conversions"
	queryTenantSatisfaction = "tenant_satisfaction"
)

// usualQueries are the queries in the order in which they are told of, with their metrics.
// Those without one are for counters that have no label for the outcome: where they are
// given, they and not the label say how a request ended.
var usualQueries = []struct{ name, metric string }{
	{queryRequests, MetricRequests},
	{queryErrors, ""},
	{queryTimeouts, ""},
	{queryDuration, MetricDuration},
	{queryExecution, MetricExecution},
	{queryConversions, MetricConversions},
	{querySatisfaction, MetricSatisfaction},
	{queryCPU, MetricCPU},
	{queryMemory, MetricMemory},
	{queryStart, MetricStart},
	{queryTenantRequests, MetricTenantRequests},
	{queryTenantErrors, ""},
	{queryTenantTimeouts, ""},
	{queryTenantDuration, MetricTenantDuration},
	{queryTenantConversions, MetricTenantConversions},
	{queryTenantSatisfaction, MetricTenantSatisfaction},
}

// QueryNames lists the names that Settings.Queries may have.
func QueryNames() []string {
	names := make([]string, len(usualQueries))
	for i, q := range usualQueries {
		names[i] = q.name
	}
	return names
}

// DefaultQueries are the queries that are asked unless others are given.
func DefaultQueries() map[string]string {
	queries := map[string]string{}
	for _, q := range usualQueries {
		if q.metric != "" {
			queries[q.name] = q.metric + `{` + LabelEnvironment + `="{{.Environment}}",` + LabelPlugin + `="{{.Plugin}}"}`
		}
	}
	return queries
}

// Values are what a query may ask for, written as they stand between the quotes of a
// selector.
type Values struct {
	Environment, Plugin string
}

// selectors are the queries with their values in place; those that are not asked for are
// not there.
func (s *Settings) selectors() (map[string]selector, engine.Problems) {
	var ps engine.Problems
	wrong := func(name, rule string) {
		ps = append(ps, engine.Problem{Path: s.Path + ".queries." + name, Rule: rule})
	}
	usual, own := DefaultQueries(), map[string]selector{}
	names := QueryNames()
	for _, name := range sorted(s.Queries) {
		if !slices.Contains(names, name) {
			wrong(name, "is not a query: there are "+strings.Join(names, ", "))
		}
	}
	for _, name := range names {
		text, given := s.Queries[name]
		if !given {
			text = usual[name]
		}
		if text == "" {
			continue
		}
		filled, err := s.fill(text)
		if err == nil {
			own[name], err = parseSelector(filled)
		}
		if err != nil {
			wrong(name, err.Error())
		}
	}
	if _, asked := own[queryRequests]; !asked && len(ps) == 0 {
		wrong(queryRequests, "is missing: without requests nothing is counted")
	}
	return own, ps
}

// fill puts the values into a query.
func (s *Settings) fill(text string) (string, error) {
	t, err := template.New("query").Option("missingkey=error").Funcs(template.FuncMap{"lower": strings.ToLower, "upper": strings.ToUpper}).Parse(text)
	if err != nil {
		return "", fmt.Errorf("is not a template: %s", strings.TrimPrefix(err.Error(), "template: query:"))
	}
	var b strings.Builder
	if err := t.Execute(&b, Values{within(s.Environment), within(s.Plugin)}); err != nil {
		return "", fmt.Errorf("asks for what there is not (there are .Environment and .Plugin): %s", strings.TrimPrefix(err.Error(), "template: query:"))
	}
	return b.String(), nil
}

// within is a text as it stands between the quotes of a selector.
func within(text string) string {
	q := strconv.Quote(text)
	return q[1 : len(q)-1]
}
