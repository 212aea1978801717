package simulator

import (
	"strconv"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// problems collects what is wrong with a configuration.
type problems engine.Problems

// add notes that value, at path, breaks rule.
func (p *problems) add(path, value, rule string) {
	*p = append(*p, engine.Problem{Path: path, Value: value, Rule: rule})
}

// within notes where v is not in least..most, or not a number.
func (p *problems) within(path string, v, least, most float64) {
	if !(v >= least && v <= most) {
		p.add(path, number(v), "is not in "+number(least)+".."+number(most))
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func quoted(s string) string { return strconv.Quote(s) }
