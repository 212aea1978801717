package telling

import (
	"fmt"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Named is a version, or what there is instead of one.
func Named(version string) string {
	if version == "" {
		return "nothing"
	}
	return version
}

// Length is how long something took, to a second where it took one: 40m, 1h30m, 5s. Time
// does not run backwards.
func Length(d time.Duration) string {
	if d >= time.Second {
		d = d.Round(time.Second)
	}
	return engine.Spoken(max(0, d))
}

// took says how long something took.
func took(d time.Duration) string {
	if d < time.Second {
		return "within a second"
	}
	return "in " + Length(d)
}

// brief keeps the first of several reasons that are joined with semicolons.
func brief(reasons string) string {
	parts := strings.Split(reasons, "; ")
	if len(parts) <= 3 {
		return reasons
	}
	more, uncounted := len(parts)-3, 0
	if _, err := fmt.Sscanf(parts[len(parts)-1], "and %d more", &uncounted); err == nil { // the engine counted some already
		more += uncounted - 1
	}
	return fmt.Sprintf("%s; and %d more", strings.Join(parts[:3], "; "), more)
}

// quoted lists names in quotes.
func quoted(names []string) string {
	in := make([]string, len(names))
	for i, n := range names {
		in[i] = fmt.Sprintf("%q", n)
	}
	return engine.Names(in)
}
