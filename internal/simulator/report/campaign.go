package report

import (
	"fmt"
	"html/template"
	"math"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// Campaign adds the figures of a campaign and their pictures.
func (p *Page) Campaign(f *campaign.Figures) {
	p.add(section{
		Title: "Outcomes", Text: "How often each, with the interval that holds the true probability with a confidence of 95 %.",
		Picture: shares(f),
	})
	risk := table{Head: []string{"", "runs", "share", "95 % interval"}}
	for _, s := range []campaign.Share{f.FalseRollback, f.GoodStopped, f.Missed, f.Expected} {
		if !s.Absent {
			risk.Rows = append(risk.Rows, []string{s.Of, fmt.Sprint(s.Count), percent(s.Share), percent(s.Low) + " to " + percent(s.High)})
		}
	}
	kept := "all kept"
	if f.Violations > 0 {
		kept = fmt.Sprintf("broken in %d runs", f.Violations)
	}
	p.add(section{Title: "Risk", Text: fmt.Sprintf("%d promises of the engine were checked in each run: %s.", f.Promises, kept), Table: &risk})

	figures := table{Head: []string{"", "runs", "p50", "p95", "p99", "most"}}
	row := func(name string, s campaign.Spread, format func(float64) string) {
		if s.Count > 0 {
			figures.Rows = append(figures.Rows, []string{name, fmt.Sprint(s.Count), format(s.P50), format(s.P95), format(s.P99), format(s.Most)})
		}
	}
	row("duration", f.TookSeconds, clock)
	row("time to detect", f.DetectedSeconds, clock)
	row("way back", f.RollbackSeconds, clock)
	row("tenants exposed", f.Tenants, plain)
	row("requests on the candidate", f.Requests, plain)
	row("failed requests", f.FailedRequests, plain)
	p.add(section{Title: "Figures", Table: &figures})

	s := f.Samples()
	p.distribution("Duration", "How long the rollouts took.", s.Took, f.TookSeconds, true)
	p.distribution("Time to detect", "From when the candidate fails its users to the verdict that says so.", s.Detected, f.DetectedSeconds, true)
	p.distribution("Failed requests", "Requests that failed on the candidate.", s.Failed, f.FailedRequests, false)

	worst := table{Head: []string{"why", "how to see it"}, Mono: true}
	for _, w := range f.Worst {
		worst.Rows = append(worst.Rows, []string{w.Why, w.Command})
	}
	if len(worst.Rows) > 0 {
		p.add(section{Title: "Runs that stand out", Table: &worst})
	}
}

// classes of the outcomes.
var endings = map[string]string{
	"succeeded": "good", "rolled_back": "cand", "retained": "cand", "held": "warn", "paused": "warn", "stuck": "bad", "refused": "muted",
}

func shares(f *campaign.Figures) template.HTML {
	var seen []campaign.Share
	for _, o := range f.Outcomes {
		if o.Count > 0 {
			seen = append(seen, o)
		}
	}
	const left, right, top, row = 110.0, width - 240.0, 8.0, 30.0
	p := draw(top+float64(row*float64(len(seen)))+30, "Shares of the outcomes")
	x := axis{left, right, 0, 1}
	bottom := top + float64(row*float64(len(seen)))
	for _, v := range []float64{0, 0.25, 0.5, 0.75, 1} {
		p.line(x.at(v), top, x.at(v), bottom, "l-grid", false)
		p.text(x.at(v), bottom+16, "middle", "m s", percent(v))
	}
	for i, o := range seen {
		y := top + float64(row*float64(i))
		p.text(left-8, y+row/2+4, "end", "", o.Of)
		p.rect(left, y+6, max(1, x.at(o.Share)-left), row-12, endings[o.Of], "")
		p.line(x.at(o.Low), y+row/2, x.at(o.High), y+row/2, "l-fg", false)
		for _, v := range []float64{o.Low, o.High} {
			p.line(x.at(v), y+row/2-4, x.at(v), y+row/2+4, "l-fg", false)
		}
		p.text(right+16, y+row/2+4, "start", "", fmt.Sprintf("%s  (%s to %s)", percent(o.Share), percent(o.Low), percent(o.High)))
	}
	return p.end()
}

// distribution adds a histogram, unless there is nothing to see.
func (p *Page) distribution(title, text string, values []float64, s campaign.Spread, times bool) {
	if len(values) < 2 || s.Most <= s.Least {
		return
	}
	bin := (s.Most - s.Least) / 48
	if !times {
		bin = math.Ceil(bin) // requests come whole
	}
	bins := int((s.Most-s.Least)/bin) + 1
	counts := make([]int, bins)
	high := 0
	for _, v := range values {
		i := min(bins-1, int((v-s.Least)/bin))
		counts[i]++
		high = max(high, counts[i])
	}
	const left, right, top, bottom = 70.0, width - 24.0, 34.0, 204.0
	pic := draw(bottom+44, title)
	x, y := axis{left, right, s.Least, s.Least + float64(bin*float64(bins))}, axis{bottom, top, 0, float64(high)}
	pic.axes(x, y, times, plain, map[bool]string{true: "time", false: "requests"}[times])
	w := (right - left) / float64(bins)
	for i, n := range counts {
		if n > 0 {
			at := left + float64(w*float64(i))
			pic.rect(at+0.5, y.at(float64(n)), w-1, max(1, bottom-y.at(float64(n))), "cand", fmt.Sprintf("%d runs", n))
		}
	}
	format := plain
	if times {
		format = clock
	}
	last := math.Inf(-1)
	for i, q := range []struct {
		name string
		v    float64
	}{{"p50", s.P50}, {"p95", s.P95}, {"p99", s.P99}} {
		at := x.at(q.v)
		pic.line(at, top-6, at, bottom, "l-muted", true)
		if label := q.name + " " + format(q.v); at-last > float64(8*len(label)) || i == 0 {
			anchor := "middle"
			if at > right-40 {
				anchor = "end"
			}
			pic.text(at, top-12, anchor, "m s", label)
			last = at
		}
	}
	p.add(section{Title: title, Text: text, Picture: pic.end()})
}
