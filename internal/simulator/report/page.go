package report

import (
	_ "embed"
	"html/template"
	"io"
)

// Page is a report while it is put together.
type Page struct {
	Title, Subtitle string
	Verdict         verdict
	evidence        *section
	source          string
	sections        []section
}

// section is a part of a report: a picture, a table, or both.
type section struct {
	Title, Text string
	Picture     template.HTML
	Legend      []key
	Table       *table
}

// key explains a colour of a picture.
type key struct{ Class, Text string }

// table is rows of cells. The first cell of a row names it.
type table struct {
	Head []string
	Rows [][]string
	Mono bool // rows are text of a program, set in its own type
}

// New is an empty report.
func New(title, subtitle string) *Page { return &Page{Title: title, Subtitle: subtitle} }

func (p *Page) add(s section) { p.sections = append(p.sections, s) }

//go:embed page.html
var layout string

var page = template.Must(template.New("page").Parse(layout))

// Write writes the report.
func (p *Page) Write(w io.Writer) error {
	return page.Execute(w, struct {
		Title, Subtitle string
		Verdict         verdict
		Sections        []section
		Evidence        *section
		Source          string
	}{p.Title, p.Subtitle, p.Verdict, p.sections, p.evidence, p.source})
}
