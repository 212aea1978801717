package report

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// Tuned adds what a search for settings found.
func (p *Page) Tuned(t *campaign.Tuned) {
	p.add(section{
		Title: "Duration against failed requests",
		Text: fmt.Sprintf("Each point is a setting: how long a good version takes (median), and how many requests fail with a bad one that fails %s of them (mean). "+
			"Within the limits, at most %s of good versions are turned away or held, and at most %s of bad ones get through. No setting beats those of the front in both.",
			percent(t.BadErrorRate), percent(t.MostFalseRollback), percent(t.MostMissed)),
		Picture: pareto(t),
		Legend:  []key{{"cand", "on the front"}, {"base", "within the limits"}, {"bad", "beyond a limit"}},
	})
	front := table{Head: []string{"", "stages", "period", "max errors", "judge", "duration", "failed requests", "false rollback", "missed"}}
	hcl := table{Mono: true}
	for _, x := range t.Front() {
		front.Rows = append(front.Rows, []string{
			x.Name, strings.Trim(fmt.Sprint(x.Stages), "[]"), clock(x.PeriodSeconds), percent(x.MaxErrorRate), x.Mode,
			clock(x.DurationSeconds), fmt.Sprintf("%.1f", x.FailedRequests), percent(x.FalseRollback.Share), percent(x.Missed.Share),
		})
		hcl.Rows = append(hcl.Rows, []string{x.Name, x.HCL})
	}
	if len(front.Rows) > 0 {
		p.add(section{Title: "The front", Table: &front})
		p.add(section{Title: "Settings, ready to be pasted", Table: &hcl})
	}
	for _, heat := range []struct {
		title, text string
		of          func(campaign.Point) float64
	}{
		{
			"False rollbacks", "Share of good versions that are turned away or held, by evaluation period and cap of the error rate, over all stages.",
			func(x campaign.Point) float64 { return x.FalseRollback.Share + x.Held.Share },
		},
		{"Missed regressions", "Share of bad versions that get through.", func(x campaign.Point) float64 { return x.Missed.Share }},
	} {
		p.add(section{Title: heat.title, Text: heat.text, Picture: heatMap(t, heat.title, heat.of)})
	}
}

// pareto draws the points and the front.
func pareto(t *campaign.Tuned) template.HTML {
	const left, right, top, bottom = 70.0, width - 40.0, 20.0, 380.0
	pic := draw(bottom+44, "Duration against failed requests")
	x, y := axis{left, right, 0, 1}, axis{bottom, top, 0, 1}
	for _, p := range t.Points {
		x.most, y.most = max(x.most, 1.05*p.DurationSeconds), max(y.most, 1.1*p.FailedRequests)
	}
	pic.axes(x, y, true, plain, "duration of a rollout of a good version")
	pic.text(left, top-6, "start", "m s", "failed requests")
	for _, p := range t.Points {
		if p.DurationSeconds > 0 && p.Name == "" {
			class := "base"
			if !p.Within {
				class = "bad"
			}
			pic.dot(x.at(p.DurationSeconds), y.at(p.FailedRequests), 4, class, words(p))
		}
	}
	var steps []point
	front := t.Front()
	for i, p := range front {
		if i > 0 {
			steps = append(steps, point{x.at(p.DurationSeconds), y.at(front[i-1].FailedRequests)})
		}
		steps = append(steps, point{x.at(p.DurationSeconds), y.at(p.FailedRequests)})
	}
	pic.lines(steps, "l-cand", 1.5)
	for i := 0; i < len(front); {
		at, to := x.at(front[i].DurationSeconds), y.at(front[i].FailedRequests)
		name, next := "", i
		for ; next < len(front) && x.at(front[next].DurationSeconds)-at < 24; next++ {
			p := front[next]
			pic.dot(x.at(p.DurationSeconds), y.at(p.FailedRequests), 5, "cand", words(p))
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
	return fmt.Sprintf("%s stages %v, period %s, at most %s errors, %s: %s, %.1f failed requests, %s turned away, %s held, %s missed",
		p.Name, p.Stages, clock(p.PeriodSeconds), percent(p.MaxErrorRate), p.Mode, clock(p.DurationSeconds), p.FailedRequests,
		percent(p.FalseRollback.Share), percent(p.Held.Share), percent(p.Missed.Share))
}

// heatMap draws a share for each judge, cap and period: the mean over all stages.
func heatMap(t *campaign.Tuned, label string, of func(campaign.Point) float64) template.HTML {
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
	const left, top, high = 190.0, 28.0, 34.0
	w := min(120, (width-24-left)/float64(max(1, len(periods))))
	pic := draw(top+float64(high*float64(len(rows)))+8, label)
	for k, period := range periods {
		pic.text(left+float64(w*(float64(k)+0.5)), top-10, "middle", "m s", clock(period))
	}
	for i, r := range rows {
		y := top + float64(high*float64(i))
		pic.text(left-10, y+high/2+4, "end", "m s", fmt.Sprintf("%s, at most %s", r.mode, percent(r.rate)))
		for k, period := range periods {
			sum, n := 0.0, 0
			for _, p := range t.Points {
				if p.Mode == r.mode && p.MaxErrorRate == r.rate && p.PeriodSeconds == period {
					sum += of(p)
					n++
				}
			}
			if n == 0 {
				continue
			}
			share, x := sum/float64(n), left+float64(w*float64(k))
			pic.rect(x, y, w-2, high-2, "panel", "")
			pic.shade(x, y, w-2, high-2, "bad", 0.08+float64(0.92*share), percent(share))
			class := "b"
			if share > 0.45 {
				class = "inv"
			}
			pic.text(x+w/2-1, y+high/2+3, "middle", class, percent(share))
		}
	}
	return pic.end()
}
