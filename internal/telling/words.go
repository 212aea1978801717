package telling

import (
	"fmt"
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

// quoted lists names in quotes.
func quoted(names []string) string {
	in := make([]string, len(names))
	for i, n := range names {
		in[i] = fmt.Sprintf("%q", n)
	}
	return engine.Names(in)
}
