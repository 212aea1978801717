package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// gauge is how much of a width is done, from 0 to 1.
func gauge(done float64, width int) string {
	if math.IsNaN(done) {
		done = 0
	}
	full := int(math.Round(max(0, min(1, done)) * float64(width)))
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", width-full) + "]"
}

// boundShare is where in a gauge of evidence the bound is.
const boundShare = 0.75

// evidence is a measurement against its bound, the sign |. For metrics that should be low, what
// is left of it is good; for those that should be high, what is right of it.
func evidence(f *engine.Finding, width int) string {
	bound := int(math.Round(boundShare * float64(width)))
	full := width
	switch {
	case f.Infinite:
	case math.IsNaN(f.Observed) || math.IsNaN(f.Allowed):
		full = 0
	case f.Allowed > 0:
		full = int(math.Round(min(2, f.Observed/f.Allowed) * float64(bound)))
	case f.Observed <= 0:
		full = 0
	}
	full = max(0, min(width, full))
	signs := strings.Repeat("=", full) + strings.Repeat(" ", width-full)
	return "[" + signs[:bound] + "|" + signs[bound:] + "]"
}

// mark is a result in four letters: what is not decided yet is open, and what has nothing to compare
// with is none.
func mark(r engine.Result) string {
	switch r {
	case engine.Pass, engine.Fail:
		return string(r)
	case engine.Uncompared:
		return "none"
	}
	return "open"
}

// findingName is what a check measures, as people say it.
func findingName(f *engine.Finding) string {
	m := engine.Metric(f.Metric)
	if m == engine.ErrorRatio {
		return "error ratio"
	}
	return m.Name()
}

// observedText and allowedText are the two values of a check, with their units.
func observedText(f *engine.Finding) string {
	m := engine.Metric(f.Metric)
	switch {
	case f.Infinite:
		return "the old one has none"
	case f.Result == engine.Uncompared:
		return "-"
	case m == engine.ErrorRatio:
		return engine.Significant(f.Observed) + " times"
	}
	return m.Text(f.Observed)
}

func allowedText(f *engine.Finding) string {
	m := engine.Metric(f.Metric)
	if m == engine.ErrorRatio {
		return "<= " + engine.Significant(f.Allowed) + " times"
	}
	if !m.LowerIsBetter() {
		return ">= " + m.Text(f.Allowed)
	}
	return "<= " + m.Text(f.Allowed)
}

// needsText is how many requests a check needs in all; "": it has enough.
func needsText(f *engine.Finding) string {
	switch {
	case f.Needs <= 0:
		return ""
	case f.Needs == math.MaxInt64:
		return "cannot pass at this rate"
	}
	return "about " + engine.Plural(f.Needs, "request")
}

// moreText is about how many more requests a check needs; "": it has enough. Short leaves words
// out.
func moreText(f *engine.Finding, has int64, short bool) string {
	switch {
	case f.Needs == math.MaxInt64 || f.Needs <= has:
		return needsText(f)
	case short:
		return fmt.Sprintf("needs %d more", f.Needs-has)
	}
	return fmt.Sprintf("needs about %d more", f.Needs-has)
}
