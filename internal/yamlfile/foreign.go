package yamlfile

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// What a file of people is far from reaching. A reader of YAML takes time that grows with
// the square of some of these.
const (
	MaxBytes = 1 << 18
	maxDepth = 64   // of brackets, or of columns before a line's first word, in pairs
	maxKeys  = 5000 // in all mappings together
	maxFolds = 1000 // lines of one text
)

// sane refuses text that a reader of YAML would choke on before anybody could say
// what is wrong with it: it is far from any file that is meant. Nothing of the text is shown.
func (f Form) sane(file string, data []byte) Problems {
	refuse := func(line, column int, message string) Problems {
		return Problems{{File: file, Line: line, Column: column, Message: message}}
	}
	if len(data) > MaxBytes {
		return f.TooLarge(file, int64(len(data)))
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
			return refuse(line, 2*maxDepth+1, f.tooDeep())
		}
	}
	return nil
}

func (f Form) tooDeep() string { return "is nested too deeply for a " + f.What }

// TooLarge is said of a file that has more than MaxBytes.
func (f Form) TooLarge(file string, size int64) Problems {
	return Problems{{File: file, Message: fmt.Sprintf("has %d bytes, and a %s has at most %d", size, f.What, MaxBytes)}}
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
