package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// summary is what was found out, for those who read no tables: what was checked, and a
// few lines.
type summary struct {
	name   string // of the whole: the scenario's, or the command's
	checks []check
	body   string // Markdown
}

// check is one thing that was checked.
type check struct {
	name    string
	wrong   []string // why it failed; none: it held
	skipped string   // why it was not tried; "": it was
	remark  string   // what was seen
}

// failed counts the checks that do not hold.
func (s *summary) failed() int {
	n := 0
	for _, c := range s.checks {
		if len(c.wrong) > 0 {
			n++
		}
	}
	return n
}

// text is s in Markdown: what was checked, as a list, and the body.
func (s *summary) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", s.name)
	for _, c := range s.checks {
		mark, words := "✅", c.remark
		if len(c.wrong) > 0 {
			mark, words = "❌", strings.Join(c.wrong, "; ")
		} else if c.skipped != "" {
			mark, words = "➖", c.skipped
		}
		fmt.Fprintf(&b, "- %s **%s**", mark, cell(c.name))
		if words != "" {
			b.WriteString(": " + cell(words))
		}
		b.WriteString("\n")
	}
	if s.body != "" {
		b.WriteString("\n" + strings.TrimRight(s.body, "\n") + "\n")
	}
	return b.String()
}

// cell is text that stays in a line and a cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "`", "'").Replace(engine.Visible(text))
}

// rows is a table in Markdown.
func rows(head []string, body [][]string) string {
	var b strings.Builder
	line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(head)
	b.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for _, r := range body {
		cells := make([]string, len(r))
		for i := range r {
			cells[i] = cell(r[i])
		}
		line(cells)
	}
	return b.String()
}

// JUnit's XML, as far as pipelines read it.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr,omitempty"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Failure *junitFailure `xml:"failure"`
		Skipped *junitSkipped `xml:"skipped"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// junit is s as a suite of tests, one for each thing that was checked.
func (s *summary) junit() ([]byte, error) {
	suite := junitSuite{Name: engine.Visible(s.name), Tests: len(s.checks), Failures: s.failed()}
	for _, c := range s.checks {
		test := junitCase{Class: "hotswap." + suite.Name, Name: engine.Visible(c.name), Out: engine.Visible(c.remark)}
		if len(c.wrong) > 0 {
			test.Failure = &junitFailure{engine.Visible(c.wrong[0]), engine.Visible(strings.Join(c.wrong, "\n"))}
		}
		if c.skipped != "" {
			suite.Skipped++
			test.Skipped = &junitSkipped{engine.Visible(c.skipped)}
		}
		suite.Cases = append(suite.Cases, test)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(junitSuites{Tests: suite.Tests, Failures: suite.Failures, Suites: []junitSuite{suite}}); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
