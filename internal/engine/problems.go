package engine

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with a spec. Path is in the words of the
// configuration, as canary.increment_percentage.
type Problem struct {
	Path  string
	Value string // as the user wrote it
	Rule  string // what it breaks: "is not in 1..100"
}

// Error reads "canary.increment_percentage: 0 is not in 1..100".
func (p Problem) Error() string {
	if p.Value == "" {
		return p.Path + ": " + p.Rule
	}
	return p.Path + ": " + p.Value + " " + p.Rule
}

// Problems are all the things that are wrong, in the order of the settings.
type Problems []Problem

// Error has a line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

func (ps *Problems) add(path string, value any, rule string, args ...any) {
	v := ""
	if value != nil {
		v = fmt.Sprint(value)
	}
	*ps = append(*ps, Problem{Path: path, Value: v, Rule: fmt.Sprintf(rule, args...)})
}
