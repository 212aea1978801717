package main

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// onScreen is Markdown for a terminal of some width: the rows of tables that are too wide for it
// become paragraphs, each below the name of its first column.
func (p paint) onScreen(markdown string, width int) string {
	if width < 20 {
		width = 80
	}
	var b strings.Builder
	for lines := strings.Split(markdown, "\n"); len(lines) > 0; {
		rest := slices.IndexFunc(lines, func(l string) bool { return !strings.HasPrefix(l, "|") })
		if rest < 0 {
			rest = len(lines)
		}
		switch title, titled := strings.CutPrefix(lines[0], "### "); {
		case rest > 2:
			p.table(&b, lines[:rest], width)
			lines = lines[rest:]
			continue
		case titled:
			b.WriteString(p.bold(title))
		case strings.HasPrefix(lines[0], " "): // a command, which is copied
			b.WriteString(lines[0])
		default:
			b.WriteString(strings.TrimSuffix(wrapped(lines[0], "", width, plain), "\n"))
		}
		if lines = lines[1:]; len(lines) > 0 {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// table writes a table: as it is where it fits, and else row by row.
func (p paint) table(b *strings.Builder, lines []string, width int) {
	if !slices.ContainsFunc(lines, func(l string) bool { return utf8.RuneCountInString(l) > width }) {
		b.WriteString(strings.Join(lines, "\n") + "\n")
		return
	}
	head := cellsOf(lines[0])
	for i, line := range lines[2:] {
		if i > 0 {
			b.WriteString("\n")
		}
		p.row(b, head, cellsOf(line), width)
	}
}

// cellsOf are the cells of a row.
func cellsOf(line string) []string {
	cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|"), " | ")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// plainly are columns whose cells say themselves what they are.
var plainly = []string{"cell", "what", "promises", "B beside A"}

// row writes a row: its name, which is the first cell, or all up to the judge; what is long in
// paragraphs of its own, and the rest in one.
func (p paint) row(b *strings.Builder, head, cells []string, width int) {
	var name, long, short []string
	for i, text := range cells {
		switch text = headed(head, i, text); {
		case text == "":
		case i == 0 || i <= slices.Index(head, "judge"):
			name = append(name, text)
		case utf8.RuneCountInString(text) > 60:
			long = append(long, text)
		default:
			short = append(short, text)
		}
	}
	b.WriteString(wrapped(strings.Join(name, ", "), "", width, p.bold))
	for _, text := range append(long, strings.Join(short, "; ")) {
		if text != "" {
			b.WriteString(wrapped(text, "    ", width, plain))
		}
	}
}

// headed is the text of a cell with the head of its column, where that is needed; "": it says
// nothing.
func headed(head []string, i int, text string) string {
	switch {
	case text == "" || text == "-":
		return ""
	case i >= len(head) || slices.Contains(plainly, head[i]) || i == 0 && head[i] == "promise":
		return text
	default:
		return head[i] + " " + text
	}
}

// plain paints nothing.
func plain(s string) string { return s }

// wrapped is text in lines that are no wider than width, where no word is, each painted. A number
// keeps its sign of percent.
func wrapped(text, indent string, width int, paint func(string) string) string {
	var b strings.Builder
	line := ""
	flush := func() {
		b.WriteString(indent + paint(line) + "\n")
		line = ""
	}
	for _, word := range strings.Split(strings.ReplaceAll(text, " %", "\u00a0%"), " ") {
		word = strings.ReplaceAll(word, "\u00a0", " ")
		if line != "" && utf8.RuneCountInString(indent+line+" "+word) > width {
			flush()
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		flush()
	}
	return b.String()
}
