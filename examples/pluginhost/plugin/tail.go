package plugin

import (
	"strings"
	"sync"
)

// tailLength is how much is kept of what a plugin says: the reason of a panic stands before
// its stack, so that it is the beginning of the last words that counts.
const tailLength = 8 << 10

// Tail keeps the last of what a plugin writes to its standard error.
type Tail struct {
	mu   sync.Mutex
	kept []byte
}

// Write implements io.Writer.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - tailLength; over > 0 {
		t.kept = append([]byte(nil), t.kept[over:]...)
	}
	return len(p), nil
}

// Line is the line that says most: why it panicked, and else the last one; "" where it said nothing.
func (t *Tail) Line() string {
	t.mu.Lock()
	lines := strings.Split(string(t.kept), "\n")
	t.mu.Unlock()
	last := ""
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") {
			return line
		}
		if line != "" {
			last = line
		}
	}
	return last
}
