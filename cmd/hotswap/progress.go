package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// progress says how far a campaign is: a bar that is drawn over and over on a
// terminal, and a plain line for each tenth otherwise.
type progress struct {
	to      io.Writer
	live    bool
	what    string
	elapsed func() time.Duration
	shown   int
}

func (c *console) progress(what string) *progress {
	to := c.err
	if c.quiet {
		to = io.Discard
	}
	return &progress{to: to, live: c.live, what: what, elapsed: stopwatch(), shown: -1}
}

// at is called after each run.
func (p *progress) at(done, of int) {
	steps := 10
	if p.live {
		steps = 200
	}
	step := done * steps / of
	if step == p.shown {
		return
	}
	p.shown = step
	if !p.live {
		p.print("%s: %d of %d\n", p.what, done, of)
		return
	}
	const width = 30
	full := done * width / of
	left := ""
	if d := p.elapsed(); done < of && d > 2*time.Second {
		left = fmt.Sprintf("  %s left", (d * time.Duration(of-done) / time.Duration(done)).Round(time.Second))
	}
	p.print("\r%s [%s%s] %d of %d%s\x1b[K", p.what, strings.Repeat("=", full), strings.Repeat(" ", width-full), done, of, left)
}

// end takes the bar away and says how fast it was.
func (p *progress) end(runs int) {
	if p.live {
		p.print("\r\x1b[K")
	}
	d := p.elapsed()
	p.print("%s: %d in %s, %.0f per second\n", p.what, runs, d.Round(time.Millisecond), float64(runs)/max(d.Seconds(), 1e-9))
}

// print writes to a stream whose failure is nobody's concern.
func (p *progress) print(format string, args ...any) { _, _ = fmt.Fprintf(p.to, format, args...) }
