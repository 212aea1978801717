package main

import (
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// shown is a foreign text in a line: whatever would do something to a terminal is seen instead.
func shown(text string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(engine.Visible(text))
}

// longestWarning is how long a warning may be in a single line.
const longestWarning = 100

// warn prints a warning. A long one has its detail in a line of its own.
func (c *console) warn(w engine.Warning) {
	title, detail := "warning:", shown(w.Detail)
	if w.Problem != "" {
		title += " " + shown(w.Problem) + ":"
	}
	between := " "
	if wide(title)+1+wide(detail) > longestWarning {
		between = "\n  "
	}
	c.print("%s%s%s\n", c.paint.amber(title), between, detail)
}

// table prints rows in columns, the first of them as heads.
func (c *console) table(rows [][]string) {
	for i, line := range columns(rows) {
		if i == 0 {
			line = c.paint.faint(line)
		}
		c.print("%s\n", line)
	}
}

// columns are rows with their cells one under the other. A column without a text is left out.
func columns(rows [][]string) []string {
	widths := map[int]int{}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], wide(shown(cell)))
		}
	}
	lines := make([]string, len(rows))
	for k, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			if widths[i] == 0 {
				continue
			}
			text := shown(cell)
			b.WriteString(text)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-wide(text)+2))
			}
		}
		lines[k] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// wide is how many columns of a terminal a text takes. Signs of East Asia take two.
func wide(text string) int {
	n := 0
	for _, r := range text {
		n += signWidth(r)
	}
	return n
}

// firstWide is the first sign that may take two columns.
const firstWide = 0x1100

func signWidth(r rune) int {
	if r >= firstWide && (r < 0x2000 || r > 0x2bff) {
		return 2
	}
	return 1
}

// clip is a line as far as it fits. Colours of our own take no room, and end where the line does.
func clip(line string, width int) string {
	if wide(uncoloured(line)) <= width {
		return line
	}
	var b strings.Builder
	n, coloured := 0, false
	for i := 0; i < len(line); {
		if line[i] == '\x1b' {
			end := i + strings.IndexByte(line[i:], 'm') + 1
			coloured = line[i:end] != "\x1b[0m"
			b.WriteString(line[i:end])
			i = end
			continue
		}
		r := []rune(line[i:min(len(line), i+4)])[0]
		if n += signWidth(r); n > width-1 {
			break
		}
		b.WriteRune(r)
		i += len(string(r))
	}
	b.WriteString("…")
	if coloured {
		b.WriteString("\x1b[0m")
	}
	return b.String()
}

// uncoloured is a line without the colours of paint.
func uncoloured(line string) string {
	for {
		begin := strings.Index(line, "\x1b[")
		if begin < 0 {
			return line
		}
		end := strings.IndexByte(line[begin:], 'm')
		if end < 0 {
			return line
		}
		line = line[:begin] + line[begin+end+1:]
	}
}
