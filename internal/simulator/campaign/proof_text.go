package campaign

import (
	"fmt"
	"strings"
	"time"
)

// Markdown is the proof as tables: good versions that are rolled back, bad ones that get
// through, cells of their own, and what was shown of each promise.
func (p *Proof) Markdown() string {
	var b strings.Builder
	p.table(&b, "### A good version: how often it is rolled back\n\n"+
		"| error rate | requests/s and tenant | tenants differ | minutes differ | judge | rolled back | 95 % interval | held | promise |\n"+
		"|---|---|---|---|---|---|---|---|---|\n", func(c *Cell) bool { return c.Name == "" && c.Factor == 1 }, func(c *Cell) string {
		return fmt.Sprintf("| %s | %g | %s | %s | %s | %s | %s..%s | %s | %s |\n", percent(c.ErrorRate), c.PerTenant, differ(c.Spread), differ(c.Noise),
			c.Mode, percent(c.RolledBack.Share), percent(c.RolledBack.Low), percent(c.RolledBack.High), percent(c.Held.Share), promised(p.Alpha, c.Promise))
	})
	p.table(&b, "### A bad version: how often, and how soon, it is caught\n\n"+
		"| error rate | requests/s and tenant | tenants differ | minutes differ | judge | rolled back | held | got through | found after (median, 95 %) | requests failed (median) |\n"+
		"|---|---|---|---|---|---|---|---|---|---|\n", func(c *Cell) bool { return c.Name == "" && c.Factor != 1 }, func(c *Cell) string {
		return fmt.Sprintf("| %s → %s | %g | %s | %s | %s | %s | %s | %s | %s | %.0f |\n", percent(c.ErrorRate), percent(c.candidate()), c.PerTenant,
			differ(c.Spread), differ(c.Noise), c.Mode, percent(c.RolledBack.Share), percent(c.Held.Share), percent(c.Through.Share), c.found(), c.Failed.P50)
	})
	p.table(&b, "### Hard cells\n\n| cell | what | runs | rolled back | held | got through | found after (median, 95 %) | promises |\n|---|---|---|---|---|---|---|---|\n",
		func(c *Cell) bool { return c.Name != "" }, func(c *Cell) string {
			words := []string{}
			for i := range c.Pledges {
				x := &c.Pledges[i]
				words = append(words, fmt.Sprintf("%s %s (%s..%s): %s", x.Of, percent(x.Share.Share), percent(x.Share.Low), percent(x.Share.High), promised(x.Most, x.Shown)))
			}
			return fmt.Sprintf("| %s | %s | %d | %s | %s | %s | %s | %s |\n", c.Name, c.String(), c.Runs-c.Outside, percent(c.RolledBack.Share), percent(c.Held.Share),
				percent(c.Through.Share), c.found(), strings.Join(words, "; "))
		})
	p.shown(&b)
	return b.String()
}

// table is a table of some cells, where there are any.
func (p *Proof) table(b *strings.Builder, head string, in func(c *Cell) bool, row func(c *Cell) string) {
	for i := range p.Cells {
		if c := &p.Cells[i]; in(c) {
			if head != "" && b.Len() > 0 {
				b.WriteString("\n")
			}
			b.WriteString(head + row(c))
			head = ""
		}
	}
}

// shown is what was shown of each promise, in all cells.
func (p *Proof) shown(b *strings.Builder) {
	type line struct {
		counts map[Shown]int
		worst  Pledge
		cell   string
	}
	lines := map[string]*line{}
	var order []string
	for _, c := range p.Cells {
		for _, x := range c.Pledges {
			key := x.Of
			if lines[key] == nil {
				lines[key] = &line{counts: map[Shown]int{}}
				order = append(order, key)
			}
			l := lines[key]
			if l.counts[x.Shown]++; l.cell == "" || x.Share.Share > l.worst.Share.Share {
				l.worst, l.cell = x, c.what()
			}
		}
	}
	if len(order) == 0 {
		return
	}
	b.WriteString("\n### What was shown of each promise\n\n| promise | cells | kept | not refuted | broken | the worst | its share | 95 % interval |\n|---|---|---|---|---|---|---|---|\n")
	for _, key := range order {
		l := lines[key]
		fmt.Fprintf(b, "| %s at most %s | %d | %d | %d | %d | %s | %s | %s..%s |\n", l.worst.Of, percent(l.worst.Most), l.counts[Kept]+l.counts[NotRefuted]+l.counts[Broken],
			l.counts[Kept], l.counts[NotRefuted], l.counts[Broken], l.cell, percent(l.worst.Share.Share), percent(l.worst.Share.Low), percent(l.worst.Share.High))
	}
}

func (c Cell) found() string {
	if c.Detected.Count == 0 {
		return "-"
	}
	seconds := func(v float64) string { return time.Duration(v * float64(time.Second)).Round(time.Second).String() }
	return seconds(c.Detected.P50) + ", " + seconds(c.Detected.P95)
}

func differ(v float64) string {
	if v == 0 {
		return "no"
	}
	return fmt.Sprintf("by %g", v)
}

// percent writes a share, and one near 0 or 1 so that it is told from those.
func percent(v float64) string {
	v *= 100
	if v > 0 && v < 1 || v > 99 && v < 100 {
		return fmt.Sprintf("%.2f %%", v)
	}
	return fmt.Sprintf("%.3g %%", v)
}
