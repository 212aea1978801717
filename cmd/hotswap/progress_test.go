package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestProgressSpeaksEveryTenSeconds: where there is no terminal, a line comes for each tenth, and
// where those are long in coming, every ten seconds, with what is known of the rest.
func TestProgressSpeaksEveryTenSeconds(t *testing.T) {
	var b bytes.Buffer
	now := time.Duration(0)
	p := &progress{to: &b, what: "cells", elapsed: func() time.Duration { return now }, quit: func() {}, shown: -1}
	second := func() {
		now += time.Second
		p.tick()
	}
	for range 15 {
		second()
	}
	p.at(1, 200)
	for done := 1; done <= 12; done++ {
		for range 16 {
			second()
		}
		if done > 1 {
			p.at(done, 200)
		}
	}
	now = 3000 * time.Second
	p.tick()
	p.tick()
	p.at(200, 200)
	for range 30 {
		second()
	}
	p.stop()
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	for _, want := range []string{"cells: none yet, 10s", "cells: 1 of 200", "cells: 1 of 200, 25s, some 1h23m left", "cells: 12 of 200, 50m, some 13h3m left", "cells: 200 of 200"} {
		n := 0
		for _, l := range lines {
			if l == want {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%q is there %d times in\n%s", want, n, b.String())
		}
	}
	if most := 3000/10 + 11; len(lines) > most || len(lines) < 18 || lines[len(lines)-1] != "cells: 200 of 200" {
		t.Errorf("%d lines:\n%s", len(lines), b.String())
	}
}

// TestProgressOfAShortCommand: what takes less than ten seconds has a line for each tenth, and no
// more.
func TestProgressOfAShortCommand(t *testing.T) {
	var b bytes.Buffer
	now := time.Duration(0)
	p := &progress{to: &b, what: "runs", elapsed: func() time.Duration { return now }, quit: func() {}, shown: -1}
	for i := range 900 {
		now += 10 * time.Millisecond
		p.at(i+1, 900)
		p.tick()
	}
	p.stop()
	p.tick()
	if n := strings.Count(b.String(), "\n"); n != 11 || strings.Contains(b.String(), "left") {
		t.Errorf("%d lines:\n%s", n, b.String())
	}
}

// TestProgressBeats: the clock of the machine is looked at while nothing is done.
func TestProgressBeats(t *testing.T) {
	t.Parallel()
	heard := make(chan struct{})
	errs := &until{text: "cells: none yet", then: func() {}}
	c := &console{err: errs, timer: hours()}
	once := false
	errs.then = func() {
		if !once {
			once = true
			close(heard)
		}
	}
	p := c.progress("cells")
	defer p.stop()
	select {
	case <-heard:
	case <-time.After(time.Minute):
		t.Fatal("nothing is said")
	}
}
