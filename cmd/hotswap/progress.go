package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// progress says how far a campaign is: a bar that is drawn over and over on a
// terminal, and otherwise a plain line for each tenth, and where those are long in
// coming, every ten seconds with what is known of the rest.
type progress struct {
	to      io.Writer
	live    bool
	what    string
	elapsed func() time.Duration
	quit    func() // ends the beat

	mu       sync.Mutex
	over     bool
	shown    int           // the last step that was shown
	done, of int           // so far; 0 of 0: nothing was heard yet
	spoke    time.Duration // when the last line was printed, or the bar drawn
}

// beat is how long nothing is said at most.
const beat = 10 * time.Second

// progress begins to say how far a campaign is, until its end or stop is called.
func (c *console) progress(what string) *progress {
	to := c.err
	if c.quiet {
		to = io.Discard
	}
	ctx, stop := context.WithCancel(context.Background())
	p := &progress{to: to, live: c.live, what: what, elapsed: c.stopwatch(), shown: -1, quit: stop}
	go func() {
		for walker.Pause(ctx, time.Second) == nil {
			p.tick()
		}
	}()
	return p
}

// at is called after each run.
func (p *progress) at(done, of int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.of = done, of
	steps := 10
	if p.live {
		steps = 200
	}
	if step := done * steps / of; step != p.shown {
		p.shown = step
		p.say(false)
	}
}

// tick is called now and then, whether anything was done or not.
func (p *progress) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over && p.elapsed()-p.spoke >= beat && (p.of == 0 || p.done < p.of) {
		p.say(true)
	}
}

// say says how far it is: on a terminal always with what is left, as soon as that is known.
func (p *progress) say(timed bool) {
	d := p.elapsed()
	p.spoke = d
	switch {
	case p.of == 0:
		p.print(p.line("%s: none yet, %s"), p.what, roughly(d))
	case !p.live && timed:
		p.print("%s: %d of %d, %s, some %s left\n", p.what, p.done, p.of, roughly(d), roughly(p.left(d)))
	case !p.live:
		p.print("%s: %d of %d\n", p.what, p.done, p.of)
	default:
		const width = 30
		full := p.done * width / p.of
		left := ""
		if p.done < p.of && d > 2*time.Second {
			left = fmt.Sprintf("  %s left", p.left(d).Round(time.Second))
		}
		p.print("\r%s [%s%s] %d of %d%s\x1b[K", p.what, strings.Repeat("=", full), strings.Repeat(" ", width-full), p.done, p.of, left)
	}
}

// line is text that the next one takes the place of on a terminal, or else a line.
func (p *progress) line(text string) string {
	if p.live {
		return "\r" + text + "\x1b[K"
	}
	return text + "\n"
}

// left is how long the rest takes where it goes on as it did for d.
func (p *progress) left(d time.Duration) time.Duration {
	return time.Duration(float64(d) * float64(p.of-p.done) / float64(max(1, p.done)))
}

// roughly writes a time with no more figures than an estimate has.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		d = d.Round(time.Second)
	case d < 10*time.Minute:
		d = d.Round(10 * time.Second)
	default:
		d = d.Round(time.Minute)
	}
	return span(d)
}

// stop takes the bar away: nothing is said any more.
func (p *progress) stop() {
	p.quit()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over = true; p.live {
		p.print("\r\x1b[K")
	}
}

// end takes the bar away and says how fast it was.
func (p *progress) end(runs int) {
	p.stop()
	d := p.elapsed()
	p.print("%s: %d in %s, %.0f per second\n", p.what, runs, d.Round(time.Millisecond), float64(runs)/max(d.Seconds(), 1e-9))
}

// print writes to a stream whose failure is nobody's concern.
func (p *progress) print(format string, args ...any) { _, _ = fmt.Fprintf(p.to, format, args...) }
