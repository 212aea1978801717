package report

import (
	"fmt"
	"html/template"
	"math"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// weighed is a curve of evidence, with the boundary that fails the gate.
type weighed struct {
	of, class string
	named     float64 // how far below its line a boundary is named: the two are near each other
	picks     func(engine.Weight) bool
}

var weighings = []weighed{
	{"against the version that still runs", "cand", 14, func(w engine.Weight) bool { return w.Metric == string(engine.ErrorRatio) }},
	{"against the caps, the strongest of them", "other", -5, func(w engine.Weight) bool { return w.Metric != string(engine.ErrorRatio) }},
}

// strongest is the weight of a look that is nearest to its boundary among those of c.
// ok is false where there is none.
func (c weighed) strongest(l scenario.Look) (best engine.Weight, ok bool) {
	for _, w := range l.Weights {
		if c.picks(w) && (!ok || w.Evidence-w.Boundary > best.Evidence-best.Boundary) {
			best, ok = w, true
		}
	}
	return best, ok
}

// evidence draws what the sequential judge weighed, against its boundaries.
func evidence(r *scenario.Result) (section, bool) {
	boundary, seen := 0.0, 0
	for _, l := range r.Looks {
		for _, w := range l.Weights {
			boundary = max(boundary, w.Boundary)
		}
		if len(l.Weights) > 0 {
			seen++
		}
	}
	if seen < 2 || boundary == 0 {
		return section{}, false
	}
	return section{
		Title: "Evidence against its boundary",
		Text: "How probable what was seen would be if something were wrong, against how probable it is if nothing is, in each bake so far: " +
			"100:1 is a hundred times as probable. Where a curve reaches its boundary, dashed, the gate fails at once; in a good rollout that " +
			"happens with at most the chance that alpha allows, however often the judge looks. What is beyond the picture is drawn at its edge.",
		Picture: both(func(w float64) template.HTML { return evidencePicture(w, r, boundary) }),
		Legend: []key{
			{"cand", weighings[0].of},
			{"other", weighings[1].of},
			{"good", "the gate passed"},
			{"bad", "the gate failed"},
			{"warn", "it was inconclusive"},
		},
	}, true
}

func evidencePicture(w float64, r *scenario.Result, boundary float64) template.HTML {
	const top, bottom = 16.0, 236.0
	left, right := pick(w, 110.0, 56), w-24
	p := draw(w, bottom+44, "Evidence of the sequential judge against its boundary")
	x := axis{left, right, 0, max(r.Took().Seconds(), 1)}
	y := axis{bottom, top, 0, 1.5 * boundary}
	p.axes(x, y, true, odds, "time since the start")
	for _, c := range weighings {
		c.draw(p, r, x, y)
	}
	verdicts(p, r, x, func(l scenario.Look) (float64, string) {
		most := 0.0
		for _, w := range l.Weights {
			most = max(most, w.Evidence)
		}
		return y.at(most), "evidence " + odds(most)
	})
	return p.end()
}

// draw draws the evidence of c and its boundary, which each bake has for itself.
func (c weighed) draw(p *picture, r *scenario.Result, x, y axis) {
	for i := 0; i < len(r.Looks); {
		next := i
		var curve []point
		boundary := 0.0
		for ; next < len(r.Looks) && r.Looks[next].Stage == r.Looks[i].Stage; next++ {
			if w, ok := c.strongest(r.Looks[next]); ok {
				curve = append(curve, point{x.at(seconds(r, r.Looks[next].At)), y.at(w.Evidence)})
				boundary = w.Boundary
			}
		}
		i = next
		if len(curve) == 0 {
			continue
		}
		p.lines(curve, "l-"+c.class, 1.8)
		from, to := curve[0].x, curve[len(curve)-1].x
		p.line(from, y.at(boundary), to, y.at(boundary), "l-"+c.class, true)
		if name := odds(boundary); to-from > float64(7*len(name)) {
			p.text(from+2, y.at(boundary)+c.named, "start", c.class+" s", name)
		}
	}
}

// odds writes the logarithm of evidence to base 10, as 1:1, 50:1 or 10^7:1.
func odds(log float64) string {
	if log > 5 {
		return fmt.Sprintf("10^%.0f:1", log)
	}
	return plain(rounded(math.Pow(10, log))) + ":1"
}

// rounded is v with two digits that count.
func rounded(v float64) float64 {
	if v <= 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(v))-1)
	return math.Round(v/unit) * unit
}

// verdicts marks the looks at whose word the machine acted: a gate that is blind does
// not pass. place says where in the picture a look is, and what it is.
func verdicts(p *picture, r *scenario.Result, x axis, place func(scenario.Look) (float64, string)) {
	for _, e := range r.Events {
		for _, l := range r.Looks {
			if e.Kind == engine.Judged && !e.Verdict.Guard && l.At.Equal(e.At) && l.Stage == e.Stage {
				y, what := place(l)
				p.dot(x.at(seconds(r, l.At)), y, 4.5, classOf(e.Verdict.Result), what+"; "+e.Verdict.Reason)
				break
			}
		}
	}
}
