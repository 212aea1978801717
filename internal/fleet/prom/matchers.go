package prom

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// matcher is a condition on a label.
type matcher struct {
	label string
	not   bool
	text  string
	of    *regexp.Regexp // nil: the text itself
}

// matches says whether a series with some labels is chosen.
func (m *matcher) matches(labels map[string]string) bool {
	v := labels[m.label]
	if m.of != nil {
		return m.of.MatchString(v) != m.not
	}
	return (v == m.text) != m.not
}

var oneMatcher = regexp.MustCompile(`^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|` + "`[^`]*`" + `)\s*(?:,|$)`)

// parsed are the matchers of a selector, for where nobody else reads them.
func (s selector) parsed() ([]matcher, error) {
	var list []matcher
	for rest := s.matchers; strings.TrimSpace(rest) != ""; {
		m := oneMatcher.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("%s: %q is not a matcher like app=\"stripe\"", s, strings.TrimSpace(rest))
		}
		text, err := unquoted(m[3])
		one := matcher{label: m[1], not: m[2][0] == '!', text: text}
		if err == nil && strings.HasSuffix(m[2], "~") {
			one.of, err = regexp.Compile("^(?s:" + text + ")$")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
		list, rest = append(list, one), rest[len(m[0]):]
	}
	return list, nil
}

// unquoted is the text of a string as PromQL writes it.
func unquoted(text string) (string, error) {
	if text[0] == '\'' {
		text = `"` + strings.ReplaceAll(strings.ReplaceAll(text[1:len(text)-1], `\'`, `'`), `"`, `\"`) + `"`
	}
	return strconv.Unquote(text)
}
