package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Campaign adds the figures of a campaign and their pictures.
func (p *Page) Campaign(f *campaign.Figures) {
	p.verdict(verdictOf(f))
	p.add(outcomes(f))
	risk := table{Head: []string{"", "runs", "share", "95 % interval"}}
	for _, s := range append(f.Risks(), f.Expected) {
		risk.Rows = append(risk.Rows, []string{s.Of, fmt.Sprint(s.Count), percent(s.Share), between(s)})
	}
	kept := "all kept"
	if f.Violations > 0 {
		kept = fmt.Sprintf("broken in %d runs", f.Violations)
	}
	for _, e := range f.TookEffect {
		risk.Rows = append(risk.Rows, []string{e.Path + " (" + e.What + ") took effect", fmt.Sprint(e.Count), percent(e.Share.Share), between(e.Share)})
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
	row("requests", f.Requests, plain)
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

// between is the interval of a share.
func between(s campaign.Share) string {
	return strings.TrimSuffix(percent(s.Low), " %") + " to " + percent(s.High)
}

// colour is what an ending of a campaign means for the kind of version it had: that a
// bad version is rolled back is good.
func colour(ending string, bad bool) string {
	switch scenario.Ending(ending) {
	case scenario.Succeeded:
		return map[bool]string{true: "bad", false: "good"}[bad]
	case scenario.RolledBack:
		return map[bool]string{true: "good", false: "bad"}[bad]
	case scenario.Retained:
		return "good"
	case scenario.Stuck:
		return "bad"
	case scenario.Refused:
		return "muted"
	default:
		return "warn"
	}
}

// outcomes is how often each, as a picture, or where there is one, as a sentence.
func outcomes(f *campaign.Figures) section {
	const title = "Outcomes"
	var seen []campaign.Share
	for _, o := range f.Outcomes {
		if o.Count > 0 {
			seen = append(seen, o)
		}
	}
	if len(seen) == 1 {
		return section{Title: title, Text: fmt.Sprintf("All %d runs ended as %s: of all such rollouts %s to %s do, with a confidence of 95 %%.", f.Runs, seen[0].Of, percent(seen[0].Low), percent(seen[0].High))}
	}
	return section{
		Title: title, Text: "How often each, with the interval that holds the true probability with a confidence of 95 %.",
		Picture: both(func(w float64) template.HTML { return shares(w, seen, f.Bad) }),
	}
}

// anchorAt keeps a tick at an end of the picture inside it.
func anchorAt(share float64) string {
	switch share {
	case 0:
		return "start"
	case 1:
		return "end"
	default:
		return "middle"
	}
}

func shares(w float64, seen []campaign.Share, bad bool) template.HTML {
	const left, top, row = 8.0, 4.0, 44.0
	right := w - 24
	p := draw(w, top+float64(row*float64(len(seen)))+30, "Shares of the outcomes")
	x := axis{left, right, 0, 1}
	bottom := top + float64(row*float64(len(seen)))
	for _, v := range []float64{0, 0.25, 0.5, 0.75, 1} {
		p.line(x.at(v), top, x.at(v), bottom, "l-grid", false)
		p.text(x.at(v), bottom+16, anchorAt(v), "m s", percent(v))
	}
	for i, o := range seen {
		y := top + float64(row*float64(i))
		p.text(left, y+14, "start", "b", fmt.Sprintf("%s  %s  (%s)", o.Of, percent(o.Share), between(o)))
		p.rect(left, y+20, max(1, x.at(o.Share)-left), row-26, colour(o.Of, bad), "")
		middle := y + 20 + (row-26)/2
		p.line(x.at(o.Low), middle, x.at(o.High), middle, "l-fg", false)
		for _, v := range []float64{o.Low, o.High} {
			p.line(x.at(v), middle-4, x.at(v), middle+4, "l-fg", false)
		}
	}
	return p.end()
}

// distribution adds a histogram, or where all runs are alike, a sentence; where no run
// has the figure, nothing.
func (p *Page) distribution(title, text string, values []float64, s campaign.Spread, times bool) {
	format := plain
	if times {
		format = clock
	}
	switch {
	case s.Count == 0:
		return
	case len(values) < 2 || s.Most <= s.Least:
		p.add(section{Title: title, Text: fmt.Sprintf("%s %s in each of %d runs that have one.", text, format(s.Most), s.Count)})
		return
	}
	p.add(section{Title: title, Text: text, Picture: both(func(w float64) template.HTML { return histogram(w, title, values, s, times, format) })})
}

func histogram(w float64, title string, values []float64, s campaign.Spread, times bool, format func(float64) string) template.HTML {
	bin := (s.Most - s.Least) / pick(w, 48.0, 24)
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
	const top, bottom = 34.0, 204.0
	left, right := pick(w, 70.0, 44), w-24
	pic := draw(w, bottom+44, title)
	x, y := axis{left, right, s.Least, s.Least + float64(bin*float64(bins))}, axis{bottom, top, 0, float64(high)}
	pic.axes(x, y, times, plain, map[bool]string{true: "time", false: "requests"}[times])
	wide := (right - left) / float64(bins)
	for i, n := range counts {
		if n > 0 {
			at := left + float64(wide*float64(i))
			pic.rect(at+0.5, y.at(float64(n)), wide-1, max(1, bottom-y.at(float64(n))), "cand", fmt.Sprintf("%d runs", n))
		}
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
			switch {
			case at > right-40:
				anchor = "end"
			case at < left+30:
				anchor = "start"
			}
			pic.text(at, top-12, anchor, "m s", label)
			last = at
		}
	}
	return pic.end()
}
