package report

import (
	"fmt"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// comparison is the table of an A/B test's verdict; false: there was none.
func comparison(r *scenario.Result) (section, bool) {
	var v *engine.Verdict
	for _, e := range r.Events {
		if e.Verdict != nil && len(e.Verdict.Comparison) > 0 {
			v = e.Verdict
		}
	}
	if v == nil {
		return section{}, false
	}
	var rows [][]string
	text := fmt.Sprintf("%s. From %d requests of %d tenants on B.", v.Reason, v.Requests, v.Tenants)
	if slices.ContainsFunc(v.Comparison, func(c engine.Comparison) bool { return c.Adjusted() }) {
		text += " " + engine.EdgeText + "."
	}
	for _, c := range v.Comparison {
		word, least, chance := c.Word, "", ""
		if c.Decides {
			word += " (decides)"
		}
		if c.P > 0 || c.Least != 0 { // a judge that reckons with chance
			least = engine.Edge(c.Least)
			if chance = engine.Significant(c.P); c.P < 0.001 {
				chance = "< 0.001"
			}
			if c.Metric == engine.LatencyP99 { // it has a bound only
				chance = ""
			}
		}
		rows = append(rows, []string{c.Metric.Name(), c.Metric.Text(c.A), c.Metric.Text(c.B), engine.Edge(c.Advantage), least, chance, word})
	}
	return section{
		Title: "The test of A and B",
		Text:  text,
		Table: &table{Head: []string{"metric", "A", "B", "B's edge", "at least", "p", "B is"}, Rows: rows},
	}, true
}
