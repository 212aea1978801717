package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"
)

// picture is an SVG while it is drawn. Lengths are in units of its view box;
// colours are classes, which the page gives their light and dark values.
type picture struct {
	b    strings.Builder
	w, h float64
}

// Widths of a picture: on a desk, and on a phone, where it is drawn anew so that its
// texts stay as large as others.
const (
	width = 960
	phone = 352
)

// both draws a picture for a desk and for a phone; the page shows one of them.
func both(paint func(w float64) template.HTML) template.HTML {
	return `<div class="wide">` + paint(width) + `</div><div class="narrow">` + paint(phone) + `</div>`
}

// small says whether a picture is for a phone.
func small(w float64) bool { return w < 600 }

// pick is one value on a desk and another on a phone.
func pick[T any](w float64, desk, pocket T) T {
	if small(w) {
		return pocket
	}
	return desk
}

func draw(w, h float64, label string) *picture {
	p := &picture{w: w, h: h}
	fmt.Fprintf(&p.b, `<svg viewBox="0 0 %s %s" role="img" aria-label="%s">`, num(p.w), num(h), html.EscapeString(label))
	return p
}

func (p *picture) end() template.HTML {
	p.b.WriteString("</svg>")
	return template.HTML(p.b.String()) // every text in it went through html.EscapeString
}

// num is a length, in tenths: the same on every machine, and short.
func num(v float64) string {
	v = math.Round(v*10) / 10
	if v == 0 {
		v = 0 // not -0
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func (p *picture) rect(x, y, w, h float64, class, title string) {
	if w <= 0 || h <= 0 {
		return
	}
	fmt.Fprintf(&p.b, `<rect x="%s" y="%s" width="%s" height="%s" class="%s"%s`, num(x), num(y), num(w), num(h), class, titled(title, "rect"))
}

// shade is a rect that is seen through.
func (p *picture) shade(x, y, w, h float64, class string, opacity float64, title string) {
	if w <= 0 || h <= 0 || opacity <= 0 {
		return
	}
	fmt.Fprintf(&p.b, `<rect x="%s" y="%s" width="%s" height="%s" class="%s" fill-opacity="%.2f"%s`,
		num(x), num(y), num(w), num(h), class, min(1, opacity), titled(title, "rect"))
}

// titled ends a tag, with what is shown where a pointer rests on it.
func titled(title, tag string) string {
	if title == "" {
		return "/>"
	}
	return "><title>" + html.EscapeString(title) + "</title></" + tag + ">"
}

func (p *picture) line(x1, y1, x2, y2 float64, class string, dashed bool) {
	dash := ""
	if dashed {
		dash = ` stroke-dasharray="4 3"`
	}
	fmt.Fprintf(&p.b, `<line x1="%s" y1="%s" x2="%s" y2="%s" class="%s"%s/>`, num(x1), num(y1), num(x2), num(y2), class, dash)
}

// text writes s; anchor is start, middle or end.
func (p *picture) text(x, y float64, anchor, class, s string) {
	fmt.Fprintf(&p.b, `<text x="%s" y="%s" text-anchor="%s" class="%s">%s</text>`, num(x), num(y), anchor, class, html.EscapeString(s))
}

func (p *picture) dot(x, y, r float64, class, title string) {
	fmt.Fprintf(&p.b, `<circle cx="%s" cy="%s" r="%s" class="%s"%s`, num(x), num(y), num(r), class, titled(title, "circle"))
}

// point is a place in a picture.
type point struct{ x, y float64 }

func (p *picture) lines(points []point, class string, thick float64) {
	if len(points) == 0 {
		return
	}
	fmt.Fprintf(&p.b, `<polyline class="%s" stroke-width="%s" points="%s"/>`, class, num(thick), places(points))
}

func (p *picture) area(points []point) {
	if len(points) > 2 {
		fmt.Fprintf(&p.b, `<polygon class="area" points="%s"/>`, places(points))
	}
}

func places(points []point) string {
	parts := make([]string, len(points))
	for i, pt := range points {
		parts[i] = num(pt.x) + "," + num(pt.y)
	}
	return strings.Join(parts, " ")
}

// axis is where values lie in a picture.
type axis struct{ from, to, least, most float64 }

func (a axis) at(v float64) float64 {
	if a.most <= a.least {
		return a.from
	}
	v = max(a.least, min(a.most, v))
	return a.from + float64((a.to-a.from)*((v-a.least)/(a.most-a.least)))
}

// room is how many ticks an axis has room for, of at most so many.
func (a axis) room(most int) float64 {
	long, each := a.to-a.from, 60.0
	if long < 0 { // it goes up, and its labels lie above each other
		long, each = -long, 36
	}
	if long > 1 && long < 400 {
		return float64(min(most, max(2, int(long/each))))
	}
	return float64(most)
}

// ticks are some five round values between least and most.
func (a axis) ticks() []float64 {
	span := a.most - a.least
	if !(span > 0) {
		return []float64{a.least}
	}
	room := a.room(6)
	step := math.Pow(10, math.Floor(math.Log10(span/(room-1))))
	for _, by := range []float64{1, 2, 5, 10, 20} {
		if span/(step*by) <= room {
			step *= by
			break
		}
	}
	return every(step, a.least, a.most)
}

// times are some eight round times, in seconds.
func (a axis) times() []float64 {
	for _, step := range []float64{1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 21600, 43200, 86400} {
		if (a.most-a.least)/step <= a.room(9) {
			return every(step, a.least, a.most)
		}
	}
	return a.ticks()
}

func every(step, least, most float64) []float64 {
	var out []float64
	for i := math.Ceil(least/step - 1e-9); i*step <= most+step*1e-9; i++ {
		out = append(out, max(0, i*step)) // not -0
	}
	return out
}

// axes draws the frame of a chart: values on the left, values or times below.
func (p *picture) axes(x, y axis, times bool, format func(float64) string, below string) {
	for _, v := range y.ticks() {
		p.line(x.from, y.at(v), x.to, y.at(v), "l-grid", false)
		p.text(x.from-8, y.at(v)+4, "end", "m s", format(v))
	}
	at := x.ticks()
	if times {
		at = x.times()
	}
	for _, v := range at {
		label := plain(v)
		if times {
			label = clock(v)
		}
		p.line(x.at(v), y.from, x.at(v), y.from+4, "l-muted", false)
		p.text(x.at(v), y.from+17, "middle", "m s", label)
	}
	p.line(x.from, y.from, x.to, y.from, "l-muted", false)
	p.text(x.to, y.from+34, "end", "m s", below)
}

// clock is a number of seconds, as 90s, 12m or 3h.
func clock(seconds float64) string {
	d := time.Duration(math.Round(seconds*10)) * (time.Second / 10)
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-2]
		}
	}
	return s
}

func plain(v float64) string {
	switch {
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'g', 3, 64) + " M"
	case v >= 1e4:
		return strconv.FormatFloat(v/1e3, 'g', 3, 64) + " k"
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

func percent(v float64) string {
	if v < 0.5e-4 {
		v = 0 // not -0
	}
	return strconv.FormatFloat(math.Round(v*1e4)/100, 'f', -1, 64) + " %"
}
