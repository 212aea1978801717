package report

import (
	"html/template"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// rates draws what the gates saw of the error rate, against their cap.
func rates(r *scenario.Result) (section, bool) {
	most, limit, seen := 0.0, 0.0, 0
	for _, l := range r.Looks {
		if l.Requests == 0 {
			continue
		}
		seen++
		most, limit = max(most, l.Rate), max(limit, l.Cap)
	}
	if seen < 2 {
		return section{}, false
	}
	judge := ""
	if a := r.Plan.Spec.Analysis; a != nil && a.Mode != nil {
		judge = " The judge is " + *a.Mode + "."
	}
	return section{
		Title: "Error rate against its cap",
		Text: "The candidate's error rate in each bake so far, with the interval that holds the true one with a confidence of 95 %." +
			judge,
		Picture: both(func(w float64) template.HTML { return ratesPicture(w, r, most, limit) }),
		Legend:  []key{{"cand", "error rate of the candidate"}, {"good", "the gate passed"}, {"bad", "the gate failed"}, {"warn", "it was inconclusive"}},
	}, true
}

func ratesPicture(w float64, r *scenario.Result, most, limit float64) template.HTML {
	const top, bottom = 16.0, 236.0
	left, right := pick(w, 110.0, 52), w-24
	p := draw(w, bottom+44, "Error rate that the gates saw")
	x := axis{left, right, 0, max(r.Took().Seconds(), 1)}
	y := axis{bottom, top, 0, min(1, max(1.6*limit, 1.3*most, 0.01))}
	p.axes(x, y, true, percent, "time since the start")
	for i := 0; i < len(r.Looks); {
		next := i
		var middle, upper, lower []point
		for ; next < len(r.Looks) && r.Looks[next].Stage == r.Looks[i].Stage; next++ {
			if l := r.Looks[next]; l.Requests > 0 {
				at := x.at(seconds(r, l.At))
				middle = append(middle, point{at, y.at(l.Rate)})
				upper = append(upper, point{at, y.at(l.High)})
				lower = append([]point{{at, y.at(l.Low)}}, lower...)
			}
		}
		p.area(append(upper, lower...))
		p.lines(middle, "l-cand", 1.6)
		i = next
	}
	if limit > 0 {
		p.line(left, y.at(limit), right, y.at(limit), "l-bad", true)
		p.text(right, y.at(limit)-6, "end", "bad s", "cap of the gate, "+percent(limit))
	}
	verdicts(p, r, x, func(l scenario.Look) (float64, string) { return y.at(l.Rate), percent(l.Rate) })
	return p.end()
}
