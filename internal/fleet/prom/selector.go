package prom

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// selector chooses series of one metric: its name and what stands in its braces. Nothing
// else can be followed: an expression makes other numbers of the counters.
type selector struct {
	name     string
	matchers string // as written, without the braces
}

var errSelector = errors.New(`is not a selector like http_requests_total{app="stripe"}: counters are followed raw, without functions, operators and ranges`)

// parseSelector reads a selector. What its matchers mean is checked by whoever is asked.
func parseSelector(text string) (selector, error) {
	text = strings.TrimSpace(text)
	n := 0
	for n < len(text) && nameByte(text[n], n) {
		n++
	}
	s, rest := selector{name: text[:n]}, strings.TrimSpace(text[n:])
	switch {
	case n == 0:
		return s, errSelector
	case rest == "":
		return s, nil
	case rest[0] != '{' || closing(rest) != len(rest)-1:
		return s, errSelector
	}
	s.matchers = strings.TrimSuffix(strings.TrimSpace(rest[1:len(rest)-1]), ",")
	return s, nil
}

func nameByte(c byte, at int) bool {
	return c == '_' || c == ':' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || at > 0 && c >= '0' && c <= '9'
}

// closing is where the brace that text begins with is closed, outside of strings; -1: it is
// not.
func closing(text string) int {
	var quote byte
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0 && c == '\\' && quote != '`':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case c == '{':
			return -1
		case c == '}':
			return i
		}
	}
	return -1
}

// String is the selector as it is asked.
func (s selector) String() string {
	if s.matchers == "" {
		return s.name
	}
	return s.name + "{" + s.matchers + "}"
}

// part is the same selector of a metric that belongs to this one, as "_sum" does.
func (s selector) part(suffix string) selector {
	s.name += suffix
	return s
}

// where is s with a matcher more.
func (s selector) where(label, op, value string) selector {
	if s.matchers != "" {
		s.matchers += ","
	}
	s.matchers += label + op + strconv.Quote(value)
	return s
}

// over is s with a range.
func (s selector) over(d time.Duration) string { return fmt.Sprintf("%s[%s]", s, spelled(d)) }

// spelled is a time as PromQL writes it.
func spelled(d time.Duration) string { return strconv.FormatInt(max(1, d.Milliseconds()), 10) + "ms" }
