package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// canvas is a part of a terminal that is drawn anew over and over.
type canvas struct {
	c     *console
	lines int // drawn last
}

// draw draws lines where those of before are: no longer than the terminal is wide, so that each
// takes one row of it, and no more of them than it is high.
func (v *canvas) draw(lines []string) {
	width, height := v.c.size()
	lines = lines[:min(len(lines), max(1, height-1))]
	var b strings.Builder
	if v.lines > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", v.lines)
	}
	for _, line := range lines {
		b.WriteString("\x1b[2K" + clip(line, width) + "\n")
	}
	if v.lines > len(lines) {
		b.WriteString("\x1b[J") // what is below is left over
	}
	v.lines = len(lines)
	v.c.print("%s", b.String())
}

// What a terminal measures that does not say.
const (
	usualWidth  = 100
	usualHeight = 50
)

// terminalSize is how wide and high the standard output is.
func terminalSize(out any) (width, height int) {
	if f, ok := out.(*os.File); ok {
		if w, h, err := term.GetSize(int(f.Fd())); err == nil && w > 0 && h > 0 {
			return w, h
		}
	}
	if w, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && w > 0 {
		return w, usualHeight
	}
	return usualWidth, usualHeight
}
