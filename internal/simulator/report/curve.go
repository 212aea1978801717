package report

import (
	"fmt"
	"html/template"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// Curve adds a deployment's operating characteristic.
func (p *Page) Curve(c *campaign.Curve) {
	p.add(section{
		Title: "Operating characteristic",
		Text: fmt.Sprintf("How probable it is that a candidate is rolled back, by its true error rate: %d runs for each point, with intervals of 95 %%. "+
			"Good settings are low where the candidate is as good as what is installed, and high right of the cap; "+
			"a judge that compares with what is installed is high before.", c.Runs),
		Picture: both(func(w float64) template.HTML { return characteristic(w, c) }),
		Legend:  []key{{"cand", "rolled back"}, {"warn", "held, or stuck"}},
	})
}

func characteristic(w float64, c *campaign.Curve) template.HTML {
	const top, bottom = 20.0, 280.0
	left, right := pick(w, 110.0, 48), w-24
	pic := draw(w, bottom+44, "Operating characteristic")
	last := c.Points[len(c.Points)-1].ErrorRate
	x, y := axis{left, right, 0, last}, axis{bottom, top, 0, 1}
	for _, v := range []float64{0, 0.25, 0.5, 0.75, 1} {
		pic.line(left, y.at(v), right, y.at(v), "l-grid", false)
		pic.text(left-8, y.at(v)+4, "end", "m s", percent(v))
	}
	for _, v := range x.ticks() {
		pic.text(x.at(v), bottom+17, "middle", "m s", percent(v))
	}
	pic.line(left, bottom, right, bottom, "l-muted", false)
	pic.text(right, bottom+34, "end", "m s", "true error rate of the candidate")
	pic.line(x.at(c.Cap), top, x.at(c.Cap), bottom, "l-bad", true)
	pic.text(x.at(c.Cap)+6, bottom-8, "start", "bad s", "cap of the gate, "+percent(c.Cap))

	var turned, held []point
	for _, q := range c.Points {
		at := x.at(q.ErrorRate)
		turned = append(turned, point{at, y.at(q.Turned.Share)})
		held = append(held, point{at, y.at(q.Held.Share)})
		pic.line(at, y.at(q.Turned.Low), at, y.at(q.Turned.High), "l-cand", false)
	}
	pic.lines(held, "l-warn", 1.6)
	pic.lines(turned, "l-cand", 2)
	for i, q := range c.Points {
		pic.dot(turned[i].x, turned[i].y, 4, "cand", fmt.Sprintf("at %s: %s rolled back, %s to %s", percent(q.ErrorRate), percent(q.Turned.Share), percent(q.Turned.Low), percent(q.Turned.High)))
	}
	return pic.end()
}
