package engine

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible is s with every character that would do something to a terminal, or to
// the order of the text around it, instead of being seen, written as Go escapes it:
// ESC as \x1b. Ends of lines and tabs stay.
func Visible(s string) string {
	if !strings.ContainsFunc(s, unseen) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 || unseen(r) {
			q := strconv.Quote(s[:size])
			b.WriteString(q[1 : len(q)-1])
		} else {
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}

func unseen(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }

// longestShown is how many characters of a foreign text an error shows.
const longestShown = 80

// Shortened is s as far as it has to be seen to be recognized.
func Shortened(s string) string { return clipped(s, longestShown) }

// longestTold is how long the text of an event may be, in bytes: what a fleet says of an
// error may be a whole page.
const longestTold = 1500

// Told is s as far as a message or an event tells it: what somebody says of an error is what helps,
// and may be a whole page, of which 1,500 bytes are told.
func Told(s string) string { return clipped(strings.ToValidUTF8(s, "\uFFFD"), longestTold) }

// clipped is s, or as much of it as fits into so many bytes.
func clipped(s string, longest int) string {
	if len(s) <= longest {
		return s
	}
	end := longest
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d characters)", s[:end], utf8.RuneCountInString(s))
}

// mostNamed is how many targets a message names.
const mostNamed = 10

// Names lists ids as a message does: at most ten, and how many there are beside.
func Names(ids []string) string { return namesAmong(ids, len(ids)) }

// namesAmong is Names of so many, of whom ids are known.
func namesAmong(ids []string, count int) string { return someOf(ids, count, ", ", " and %d more") }

// Reasons is Names for what is said of each target.
func Reasons(each []string) string { return reasonsOf(each, len(each)) }

// reasonsOf is Reasons of so many, of whom each are known.
func reasonsOf(each []string, count int) string { return someOf(each, count, "; ", "; and %d more") }

func someOf(items []string, count int, between, more string) string {
	shown := items[:min(len(items), mostNamed)]
	if len(shown) == 0 && count > 0 {
		return fmt.Sprintf("%d without a name", count)
	}
	text := strings.Join(shown, between)
	if rest := max(count, len(items)) - len(shown); rest > 0 {
		text += fmt.Sprintf(more, rest)
	}
	return text
}
