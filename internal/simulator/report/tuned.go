package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// Tuned adds what a search for settings found.
func (p *Page) Tuned(t *campaign.Tuned) {
	p.verdict(verdictOfTuned(t))
	beyond := beyondFrame(t)
	text := fmt.Sprintf("Each point is a setting: how long a good version takes (median), and how many requests fail with a bad one that fails %s of them (mean). "+
		"Within the limits, at most %s of good versions are rolled back, %s are stopped in any way, and at most %s of bad ones get through, each by the "+
		"upper end of its 95 %% interval. No setting beats those of the front in both.",
		percent(t.BadErrorRate), percent(t.MostFalseRollback), percent(t.MostGoodStopped), percent(t.MostMissed))
	if beyond > 0 {
		text += fmt.Sprintf(" %d settings are so far out that they are drawn at the edge.", beyond)
	}
	p.add(section{
		Title: "Duration against failed requests", Text: text,
		Picture: both(func(w float64) template.HTML { return pareto(w, t) }),
		Legend:  []key{{"cand", "on the front"}, {"base", "within the limits"}, {"bad", "beyond a limit"}},
	})
	front := table{Head: []string{"", "stages", "period", "max errors", "judge", "duration", "failed requests", "good stopped", "missed"}}
	hcl := table{Mono: true}
	for _, x := range t.Front() {
		front.Rows = append(front.Rows, []string{
			x.Name, strings.Trim(fmt.Sprint(x.Stages), "[]"), clock(x.PeriodSeconds), percent(x.MaxErrorRate), x.Mode,
			clock(x.Duration.P50), fmt.Sprintf("%.1f", x.Failed.Mean), upTo(x.GoodStopped), upTo(x.Missed),
		})
		hcl.Rows = append(hcl.Rows, []string{x.Name, x.HCL})
	}
	if len(front.Rows) > 0 {
		p.add(section{Title: "The front", Text: "Shares with the upper ends of their 95 % intervals.", Table: &front})
		p.add(section{Title: "Settings, ready to be pasted", Table: &hcl})
	}
	p.add(section{
		Title: "How much of the limits is used",
		Text: "By evaluation period and cap of the error rate, of the setting with the best stages: the upper end of its worst interval as a part of " +
			"that limit. Up to 100 % a setting is within the limits.",
		Picture: both(func(w float64) template.HTML { return heatMap(w, t) }),
	})
}

// upTo is a share, and the upper end of its interval.
func upTo(s campaign.Share) string { return percent(s.Share) + " (up to " + percent(s.High) + ")" }

// frame is how far the axes of the front go: what is within the limits, and what is not
// much further out.
func frame(t *campaign.Tuned) (seconds, requests float64) {
	for _, within := range []bool{true, false} {
		for _, p := range t.Points {
			if p.Within || !within {
				seconds, requests = max(seconds, p.Duration.P50), max(requests, p.Failed.Mean)
			}
		}
		if seconds > 0 && requests > 0 {
			break
		}
	}
	return 1.25 * max(seconds, 1), 1.25 * max(requests, 1)
}

// beyondFrame counts the points that are drawn at the edge.
func beyondFrame(t *campaign.Tuned) int {
	seconds, requests := frame(t)
	n := 0
	for _, p := range t.Points {
		if p.Duration.Count > 0 && (p.Duration.P50 > seconds || p.Failed.Mean > requests) {
			n++
		}
	}
	return n
}

// pareto draws the points and the front.
func pareto(w float64, t *campaign.Tuned) template.HTML {
	const top, bottom = 20.0, 380.0
	left, right := pick(w, 70.0, 48), w-pick(w, 40.0, 24)
	pic := draw(w, bottom+44, "Duration against failed requests")
	x, y := axis{left, right, 0, 1}, axis{bottom, top, 0, 1}
	x.most, y.most = frame(t)
	pic.axes(x, y, true, plain, "duration of a rollout of a good version")
	pic.text(left, top-6, "start", "m s", "failed requests")
	for _, p := range t.Points {
		if p.Duration.Count > 0 && p.Name == "" {
			class := "base"
			if !p.Within {
				class = "bad"
			}
			pic.dot(x.at(p.Duration.P50), y.at(p.Failed.Mean), 4, class, words(p))
		}
	}
	var steps []point
	front := t.Front()
	for i, p := range front {
		if i > 0 {
			steps = append(steps, point{x.at(p.Duration.P50), y.at(front[i-1].Failed.Mean)})
		}
		steps = append(steps, point{x.at(p.Duration.P50), y.at(p.Failed.Mean)})
	}
	pic.lines(steps, "l-cand", 1.5)
	for i := 0; i < len(front); {
		at, to := x.at(front[i].Duration.P50), y.at(front[i].Failed.Mean)
		name, next := "", i
		for ; next < len(front) && x.at(front[next].Duration.P50)-at < 24; next++ {
			p := front[next]
			pic.dot(x.at(p.Duration.P50), y.at(p.Failed.Mean), 5, "cand", words(p))
			if name != "" {
				name += ", "
			}
			name += p.Name
		}
		pic.text(at, to-10, "middle", "b", name)
		i = next
	}
	return pic.end()
}

// words are a point, for whoever rests on it.
func words(p campaign.Point) string {
	return fmt.Sprintf("%s stages %v, period %s, at most %s errors, %s: %s, %.1f failed requests, %s rolled back, %s stopped, %s missed",
		p.Name, p.Stages, clock(p.PeriodSeconds), percent(p.MaxErrorRate), p.Mode, clock(p.Duration.P50), p.Failed.Mean,
		upTo(p.FalseRollback), upTo(p.GoodStopped), upTo(p.Missed))
}

// used is how much of its limits p uses: up to 1 it is within them.
func used(t *campaign.Tuned, p campaign.Point) float64 {
	return max(p.FalseRollback.High/t.MostFalseRollback, p.GoodStopped.High/t.MostGoodStopped, p.Missed.High/t.MostMissed)
}

// heatMap draws for each judge, cap and period how much of its limits the setting with
// the best stages uses.
func heatMap(w float64, t *campaign.Tuned) template.HTML {
	type row struct {
		mode string
		rate float64
	}
	var rows []row
	var periods []float64
	for _, p := range t.Points {
		if r := (row{p.Mode, p.MaxErrorRate}); !slices.Contains(rows, r) {
			rows = append(rows, r)
		}
		if !slices.Contains(periods, p.PeriodSeconds) {
			periods = append(periods, p.PeriodSeconds)
		}
	}
	slices.Sort(periods)
	const top = 28.0
	left, high := pick(w, 190.0, 4), pick(w, 34.0, 54) // on a phone a row's name stands above it
	wide := min(120, (w-8-left)/float64(max(1, len(periods))))
	pic := draw(w, top+float64(high*float64(len(rows)))+8, "How much of the limits is used")
	for k, period := range periods {
		pic.text(left+float64(wide*(float64(k)+0.5)), top-10, "middle", "m s", clock(period))
	}
	for i, r := range rows {
		y, tall := top+float64(high*float64(i)), 32.0
		if name := fmt.Sprintf("%s, at most %s", r.mode, percent(r.rate)); small(w) {
			pic.text(left, y+13, "start", "m s", name)
			y += 19
		} else {
			pic.text(left-10, y+high/2+4, "end", "m s", name)
		}
		for k, period := range periods {
			best := bestOf(t, r.mode, r.rate, period)
			if math.IsInf(best, 1) {
				continue
			}
			heat(pic, left+float64(wide*float64(k)), y, wide, tall, best)
		}
	}
	return pic.end()
}

// bestOf is how much of its limits the setting with the best stages uses; infinite where there
// is none of that judge, cap and period.
func bestOf(t *campaign.Tuned, mode string, rate, period float64) float64 {
	best := math.Inf(1)
	for _, p := range t.Points {
		if p.Mode == mode && p.MaxErrorRate == rate && p.PeriodSeconds == period {
			best = min(best, used(t, p))
		}
	}
	return best
}

// heat draws how much is used as a box: the more of it is left, the stronger.
func heat(pic *picture, x, y, wide, tall, used float64) {
	class, strong := "good", 0.15+0.5*(1-used)
	if used > 1 {
		class, strong = "bad", 0.15+0.1*min(used-1, 5)
	}
	pic.rect(x, y, wide-2, tall, "panel", "")
	pic.shade(x, y, wide-2, tall, class, strong, percent(used))
	pic.text(x+wide/2-1, y+tall/2+4, "middle", "b", fmt.Sprintf("%.0f %%", 100*used))
}
