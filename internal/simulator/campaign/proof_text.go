package campaign

import (
	"fmt"
	"strings"
	"time"
)

// Markdown is the proof as two tables: good versions that are rolled back, and bad
// ones that get through.
func (p *Proof) Markdown() string {
	var b strings.Builder
	b.WriteString("### A good version: how often it is rolled back\n\n")
	b.WriteString("| error rate | requests/s and tenant | tenants differ | minutes differ | judge | rolled back | 95 % interval | held | promise |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|\n")
	for _, c := range p.Cells {
		if c.Factor == 1 {
			fmt.Fprintf(&b, "| %s | %g | %s | %s | %s | %s | %s..%s | %s | %s |\n", percent(c.ErrorRate), c.PerTenant, differ(c.Spread), differ(c.Noise),
				c.Mode, percent(c.RolledBack.Share), percent(c.RolledBack.Low), percent(c.RolledBack.High), percent(c.Held.Share), promised(p.Alpha, c.Promise))
		}
	}
	b.WriteString("\n### A bad version: how often, and how soon, it is caught\n\n")
	b.WriteString("| error rate | requests/s and tenant | tenants differ | minutes differ | judge | rolled back | held | got through | found after (median, 95 %) | requests failed (median) |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
	for _, c := range p.Cells {
		if c.Factor != 1 {
			fmt.Fprintf(&b, "| %s → %s | %g | %s | %s | %s | %s | %s | %s | %s | %.0f |\n", percent(c.ErrorRate), percent(c.ErrorRate*c.Factor), c.PerTenant,
				differ(c.Spread), differ(c.Noise), c.Mode, percent(c.RolledBack.Share), percent(c.Held.Share), percent(c.Through.Share), c.found(), c.Failed.P50)
		}
	}
	return b.String()
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
