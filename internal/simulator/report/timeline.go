package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// mostRows is how many rows a timeline has at most; more tenants or instances share
// them.
const mostRows = 50

// lane is a row of a timeline: what share of it the candidate has, in each frame.
type lane struct {
	name   string
	shares []float64 // by frame; below 0: it is not there
	down   []float64 // by frame: what share of it takes no traffic
}

// timeline draws who had which version when.
func timeline(r *scenario.Result) section {
	byTenant := r.Plan.Spec.Strategy == engine.Canary || r.Plan.Spec.Strategy == engine.ABTesting
	lanes := instanceLanes(r)
	what := "Instances by time"
	if byTenant {
		lanes, what = tenantLanes(r), "Tenants by time, in the order in which the plan exposes them"
	}
	if n := len(r.Plan.Tenants); byTenant && n > len(lanes) {
		what += fmt.Sprintf(", some %d to a row", (n+len(lanes)/2)/len(lanes))
	}
	legend := []key{{"base", "on " + orNone(r.Plan.Baseline)}, {"cand", "on " + orNone(r.Plan.Candidate)}}
	if !byTenant {
		legend = append(legend, key{"none", "takes no traffic"})
	}
	legend = append(legend, key{"good", "a gate passed"}, key{"bad", "a verdict failed, or a fault"}, key{"warn", "inconclusive, or a person spoke"})
	return section{Title: "Timeline", Text: what + ".", Picture: both(func(w float64) template.HTML { return lanesPicture(w, r, lanes) }), Legend: legend}
}

func lanesPicture(w float64, r *scenario.Result, lanes []lane) template.HTML {
	end := max(r.Took().Seconds(), 1)
	const top = 56.0
	left, right := pick(w, 110.0, 76), w-24
	high := pick(w, 18.0, 34) // of a fault: on a phone its name stands above it
	row := max(3, min(16, 300/float64(max(1, len(lanes)))))
	bottom := top + float64(row*float64(len(lanes)))
	gap := 0.8
	if row < 8 {
		gap = -0.2 // rows this low touch
	}
	faults := r.Scenario.Faults
	p := draw(w, bottom+40+float64(high*float64(len(faults))), "Timeline of the rollout")
	x := axis{left, right, 0, end}

	for i, l := range lanes {
		y := top + float64(row*float64(i))
		if l.name != "" {
			p.text(left-8, y+row/2+4, "end", "m s", l.name)
		}
		l.draw(p, r, x, y, row-gap)
	}
	stages(p, r, x, top, bottom)
	for _, v := range x.times() {
		p.line(x.at(v), bottom+2, x.at(v), bottom+6, "l-muted", false)
		p.text(x.at(v), bottom+19, "middle", "m s", clock(v))
	}
	for i, f := range faults {
		to := f.ToSeconds
		if to == 0 || to > end {
			to = end
		}
		faultBar(w, p, x, bottom+30+float64(high*float64(i)), string(f.Kind), f.FromSeconds, to)
	}
	return p.end()
}

// draw draws a lane, a box for each time in which nothing changes.
func (l *lane) draw(p *picture, r *scenario.Result, x axis, y, tall float64) {
	for k := 0; k < len(r.Frames); {
		next := k + 1
		for next < len(r.Frames) && l.shares[next] == l.shares[k] && l.down[next] == l.down[k] {
			next++
		}
		from, to := seconds(r, r.Frames[k].At), x.most
		if next < len(r.Frames) {
			to = seconds(r, r.Frames[next].At)
		}
		a, b := x.at(from), x.at(to)
		if share := l.shares[k]; share >= 0 {
			p.rect(a, y, b-a+0.2, tall, "base", "")
			p.shade(a, y, b-a+0.2, tall, "cand", share, fmt.Sprintf("%s: %s on the candidate", l.name, percent(share)))
			p.shade(a, y, b-a+0.2, tall, "none", 0.7*l.down[k], "")
		}
		k = next
	}
}

// faultBar draws when a fault strikes, in seconds since the start.
func faultBar(w float64, p *picture, x axis, y float64, kind string, from, to float64) {
	if small(w) {
		p.text(0, y+10, "start", "bad s", kind)
		y += 14
	} else {
		p.text(x.from-8, y+10, "end", "bad s", kind)
	}
	p.line(x.from, y+6, x.to, y+6, "l-grid", false)
	if from < x.most {
		p.rect(x.at(from), y, max(3, x.at(to)-x.at(from)), 12, "bad", fmt.Sprintf("%s from %s to %s", kind, clock(from), clock(to)))
	}
}

func orNone(version string) string {
	if version == "" {
		return "no version"
	}
	return version
}

func seconds(r *scenario.Result, at time.Time) float64 { return at.Sub(r.Start()).Seconds() }

// stages draws where stages begin, and what was said of them, above the rows.
func stages(p *picture, r *scenario.Result, x axis, top, bottom float64) {
	names(p, r, x, top-24)
	for _, e := range r.Events {
		at := x.at(seconds(r, e.At))
		switch {
		case e.Kind == engine.Began && e.Stage < len(r.Plan.Stages):
			p.line(at, top, at, bottom, "l-bg", false)
		case e.Kind == engine.Judged:
			p.dot(at, top-10, 5, classOf(e.Verdict.Result), e.Verdict.Reason)
		case e.Kind == engine.Extended, e.Kind == engine.Blinded:
			p.dot(at, top-10, 4, "warn", r.Plan.Line(e))
		case e.Kind == engine.Failed, e.Kind == engine.RanOut:
			p.dot(at, top-10, 4, "bad", r.Plan.Line(e))
		case e.By != "":
			p.dot(at, top-10, 4, "warn", r.Plan.Line(e))
			p.text(min(at, x.to-30), top-40, "middle", "warn s b", string(e.Kind))
		case e.Kind == engine.Reverting:
			p.line(at, top-18, at, bottom, "l-bad", true)
		}
	}
}

// names writes the names of the stages that last long enough to have room for them.
func names(p *picture, r *scenario.Result, x axis, y float64) {
	for i, e := range r.Events {
		if e.Kind != engine.Began || e.Stage >= len(r.Plan.Stages) {
			continue
		}
		from, to := x.at(seconds(r, e.At)), x.to
		for _, next := range r.Events[i+1:] {
			if next.Kind == engine.Began || next.Kind == engine.Reverting {
				to = x.at(seconds(r, next.At))
				break
			}
		}
		if name := r.Plan.Stages[e.Stage].Name; to-from >= float64(7*len(name)) {
			p.text(from+2, y, "start", "m s", name)
		}
	}
}

func classOf(v engine.Result) string {
	switch v {
	case engine.Pass:
		return "good"
	case engine.Fail:
		return "bad"
	default:
		return "warn"
	}
}

// tenantLanes are tenants, some to a row: those that are held to the candidate are
// on it, and the others follow the instances that take traffic.
func tenantLanes(r *scenario.Result) []lane {
	n := len(r.Plan.Tenants)
	rows := min(n, mostRows)
	lanes := make([]lane, rows)
	for i := range lanes {
		from, to := i*n/rows, (i+1)*n/rows
		if i%5 == 0 || rows <= 20 {
			lanes[i].name = fmt.Sprintf("tenant %d", from+1)
		}
		for _, f := range r.Frames {
			rest := following(r, f)
			sum := 0.0
			for t := from; t < to; t++ {
				if f.Pinned[t] {
					sum++
				} else {
					sum += rest
				}
			}
			lanes[i].shares = append(lanes[i].shares, sum/float64(to-from))
			lanes[i].down = append(lanes[i].down, 0)
		}
	}
	return lanes
}

// following is the share of the traffic of tenants that nobody holds to a version
// that goes to the candidate.
func following(r *scenario.Result, f scenario.Frame) float64 {
	share := 0.0
	for _, route := range f.Routes {
		on, all := 0, 0
		for _, in := range f.Instances {
			if in.Slot == route.Slot && in.Ready {
				all++
				if in.Version == r.Plan.Candidate {
					on++
				}
			}
		}
		if all > 0 {
			share += float64(route.Percent / 100 * float64(on) / float64(all))
		}
	}
	return share
}

// routed says whether traffic goes to a slot.
func routed(f scenario.Frame, slot string) bool {
	return slices.ContainsFunc(f.Routes, func(r engine.Route) bool { return r.Slot == slot && r.Percent > 0 })
}

// seat is an instance in its slot.
type seat struct{ slot, name string }

// instanceLanes are all instances that were ever there, some to a row.
func instanceLanes(r *scenario.Result) []lane {
	var seats []seat
	for _, f := range r.Frames {
		for _, in := range f.Instances {
			if at := (seat{in.Slot, in.ID}); !slices.Contains(seats, at) {
				seats = append(seats, at)
			}
		}
	}
	slices.SortFunc(seats, func(a, b seat) int { return cmp.Or(cmp.Compare(a.slot, b.slot), cmp.Compare(a.name, b.name)) })
	rows := min(len(seats), mostRows)
	lanes := make([]lane, rows)
	for i := range lanes {
		group := seats[i*len(seats)/rows : (i+1)*len(seats)/rows]
		if i%5 == 0 || rows <= 24 {
			lanes[i].name = group[0].name
		}
		for _, f := range r.Frames {
			share, down := sharesOf(r, f, group)
			lanes[i].shares, lanes[i].down = append(lanes[i].shares, share), append(lanes[i].down, down)
		}
	}
	return lanes
}

// sharesOf is what share of some instances has the candidate, and what share of them takes no
// traffic; -1 where none of them is there.
func sharesOf(r *scenario.Result, f scenario.Frame, group []seat) (share, down float64) {
	there := 0.0
	for _, in := range f.Instances {
		if !slices.Contains(group, seat{in.Slot, in.ID}) {
			continue
		}
		there++
		if in.Version == r.Plan.Candidate {
			share++
		}
		if !in.Ready || !routed(f, in.Slot) {
			down++
		}
	}
	if there == 0 {
		return -1, 0
	}
	return share / there, down / there
}
