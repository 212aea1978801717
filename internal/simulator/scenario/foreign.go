package scenario

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// What a scenario is far from reaching. A reader of YAML takes time that grows with
// the square of some of these.
const (
	maxBytes = 1 << 18
	maxDepth = 64   // of brackets, or of columns before a line's first word, in pairs
	maxKeys  = 5000 // in all mappings together
	maxFolds = 1000 // lines of one text
)

// sane refuses text that a reader of YAML would choke on before anybody could say
// what is wrong with it: it is far from any scenario. Nothing of the text is shown.
func sane(file string, data []byte) error {
	refuse := func(line, column int, message string) error {
		return Problems{{File: file, Line: line, Column: column, Message: message}}
	}
	if len(data) > maxBytes {
		return tooLarge(file, int64(len(data)))
	}
	if wide(data) {
		return refuse(1, 1, "is UTF-16 or UTF-32: save it as UTF-8")
	}
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if at := bytes.IndexFunc(text, forbidden); at >= 0 {
			return refuse(line, 1+utf8.RuneCount(text[:at]), badCharacter(text[at:]))
		}
		if indent := len(text) - len(bytes.TrimLeft(text, " -?:")); indent > 2*maxDepth {
			return refuse(line, 2*maxDepth+1, tooDeep)
		}
	}
	return nil
}

const tooDeep = "is nested too deeply for a scenario"

func tooLarge(file string, size int64) error {
	return Problems{{File: file, Message: fmt.Sprintf("has %d bytes, and a scenario has at most %d", size, maxBytes)}}
}

// wide says whether data looks like text whose characters have two bytes or four.
func wide(data []byte) bool {
	for _, mark := range []string{"\xff\xfe", "\xfe\xff", "\x00\x00\xfe\xff"} {
		if bytes.HasPrefix(data, []byte(mark)) {
			return true
		}
	}
	return len(data) >= 2 && (data[0] == 0) != (data[1] == 0)
}

// forbidden says whether a character is not one of those that YAML is written in.
func forbidden(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\r', r == 0x85:
		return false
	case r < ' ', r >= 0x7f && r < 0xa0, r == utf8.RuneError, r == 0xfffe, r == 0xffff:
		return true
	}
	return false
}

func badCharacter(text []byte) string {
	r, size := utf8.DecodeRune(text)
	if r == utf8.RuneError && size <= 1 {
		return fmt.Sprintf("has a byte 0x%02X that is not UTF-8", text[0])
	}
	return fmt.Sprintf("has a character U+%04X, which is not one of a text", r)
}
