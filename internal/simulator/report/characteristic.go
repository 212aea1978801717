package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// style gives a picture that stands alone the colours of a report, light and dark.
const style = `<style>
svg { --bg: #ffffff; --fg: #1c2430; --muted: #5d6b7c; --grid: #dfe4ea; --cand: #2563c9; --other: #8a63d2; --bad: #c92a35; background: var(--bg); }
@media (prefers-color-scheme: dark) {
  svg { --bg: #10151c; --fg: #e4e9ef; --muted: #98a5b4; --grid: #2c3643; --cand: #6ea8ff; --other: #b799f5; --bad: #ff7b80; }
}
text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: var(--fg); }
.m { fill: var(--muted); } .s { font-size: 11px; } .b { font-weight: 600; }
.cand { fill: var(--cand); } .other { fill: var(--other); } .bad { fill: var(--bad); }
.l-grid { stroke: var(--grid); } .l-muted { stroke: var(--muted); } .l-cand { stroke: var(--cand); } .l-other { stroke: var(--other); } .l-bad { stroke: var(--bad); }
line, polyline { fill: none; }
</style>`

// Characteristic draws the operating characteristics of the judges of g's proof, a panel
// for each traffic, one above the other: how often a candidate is rolled back, by its
// true error rate, with intervals of 95 %. It is an SVG that stands alone. The error is
// that of [Drawable].
func Characteristic(g campaign.Grid, p *campaign.Proof) ([]byte, error) {
	if err := Drawable(g); err != nil {
		return nil, err
	}
	traffic, most := g.PerTenant, slices.Max(g.ErrorRates)*slices.Max(g.Factors)
	const left, right, high = 64.0, width - 24.0, 170.0
	first := p.Cells[0]
	pic := &picture{w: width, h: 70 + (high+56)*float64(len(traffic))}
	fmt.Fprintf(&pic.b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" role="img" aria-label="Operating characteristic">`, num(pic.w), num(pic.h))
	pic.b.WriteString(style)
	pic.text(left, 22, "start", "b", fmt.Sprintf("How often a candidate is rolled back, where the installed version errs in %s of requests", percent(first.ErrorRate)))
	pic.dot(left+5, 40, 4, "cand", "")
	pic.text(left+15, 44, "start", "m", "judge sequential")
	pic.dot(left+135, 40, 4, "other", "")
	pic.text(left+145, 44, "start", "m", "judge threshold")
	for i, perTenant := range traffic {
		top := 70 + (high+56)*float64(i)
		x, y := axis{left, right, 0, most}, axis{top + high, top, 0, 1}
		for _, v := range []float64{0, 0.25, 0.5, 0.75, 1} {
			pic.line(left, y.at(v), right, y.at(v), "l-grid", false)
			pic.text(left-8, y.at(v)+4, "end", "m s", percent(v))
		}
		for _, v := range x.ticks() {
			pic.text(x.at(v), top+high+17, "middle", "m s", percent(v))
		}
		pic.line(left, top+high, right, top+high, "l-muted", false)
		pic.line(x.at(p.Cap), top, x.at(p.Cap), top+high, "l-bad", true)
		pic.text(x.at(p.Cap)+6, top+high/2+4, "start", "bad s", "cap, "+percent(p.Cap))
		pic.text(left+8, top+14, "start", "b s", fmt.Sprintf("requests/s of each tenant: %g", perTenant))
		for _, mode := range []engine.JudgeMode{engine.Threshold, engine.Sequential} {
			class := "cand"
			if mode == engine.Threshold {
				class = "other"
			}
			var at []point
			for _, c := range p.Cells {
				if c.Mode == mode && c.PerTenant == perTenant {
					q := point{x.at(c.ErrorRate * c.Factor), y.at(c.RolledBack.Share)}
					at = append(at, q)
					pic.line(q.x, y.at(c.RolledBack.Low), q.x, y.at(c.RolledBack.High), "l-"+class, false)
					pic.dot(q.x, q.y, 3.5, class, fmt.Sprintf("%s at %s: %s rolled back, %s to %s",
						mode, percent(c.ErrorRate*c.Factor), percent(c.RolledBack.Share), percent(c.RolledBack.Low), percent(c.RolledBack.High)))
				}
			}
			pic.lines(at, "l-"+class, 2)
		}
	}
	pic.text(right, pic.h-4, "end", "m s", fmt.Sprintf("true error rate of the candidate; %d runs for each point, tenants differ by %g, minutes by %g", p.Runs, first.Spread, first.Noise))
	pic.b.WriteString("</svg>\n")
	return []byte(pic.b.String()), nil
}

// Drawable says why the proof of g could not be drawn: a picture shows one error rate of
// the installed version, one spread and one noise.
func Drawable(g campaign.Grid) error {
	var why []string
	for _, axis := range []struct {
		what   string
		values []float64
	}{{"error rates of the installed version", g.ErrorRates}, {"spreads", g.Spreads}, {"noises", g.Noises}} {
		if n := len(axis.values); n != 1 {
			why = append(why, fmt.Sprintf("a picture shows one of the %s, and there are %d", axis.what, n))
		}
	}
	if why != nil {
		return errors.New(strings.Join(why, "; "))
	}
	return nil
}
