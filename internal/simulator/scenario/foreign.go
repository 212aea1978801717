package scenario

import (
	"bytes"
	"fmt"
)

const (
	maxBytes = 1 << 20
	maxDepth = 64 // of brackets, or of columns before a line's first word, in pairs
)

// sane refuses text that a reader of YAML would choke on before anybody could say
// what is wrong with it: it is far from any scenario.
func sane(file string, data []byte) error {
	if len(data) > maxBytes {
		return Problems{{File: file, Message: fmt.Sprintf("has %d bytes, and a scenario has at most %d", len(data), maxBytes)}}
	}
	line, depth := 0, 0
	for text := range bytes.Lines(data) {
		line++
		indent := len(text) - len(bytes.TrimLeft(text, " -?:"))
		for _, c := range text {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(0, depth-1)
			}
		}
		if depth > maxDepth || indent > 2*maxDepth {
			return Problems{{File: file, Line: line, Column: 1, Message: "is nested too deeply for a scenario"}}
		}
	}
	return nil
}
