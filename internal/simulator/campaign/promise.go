package campaign

import "fmt"

// Shown is what runs have shown of a promise that something happens in at most a share
// of all.
type Shown string

// What can be shown. That nothing was seen to break a promise does not show that it is
// kept: for that the upper end of the interval has to be within it.
const (
	NothingPromised Shown = ""
	Kept            Shown = "kept"        // the interval ends within the promise
	NotRefuted      Shown = "not refuted" // the promise is within the interval
	Broken          Shown = "broken"      // the interval begins above the promise
)

// shown compares how often something happened with a promise of at most a share.
func shown(s Share, most float64) Shown {
	switch {
	case s.Low > most:
		return Broken
	case s.High <= most:
		return Kept
	default:
		return NotRefuted
	}
}

// promised writes a promise of at most a share, and what was shown of it.
func promised(most float64, s Shown) string {
	words := "never"
	if most > 0 {
		words = "at most " + percent(most)
	}
	switch s {
	case NothingPromised:
		return "-"
	case Broken:
		return words + ": **broken**"
	default:
		return words + ": " + string(s)
	}
}

// Checked is a promise, of what, and what was shown of it.
type Checked struct {
	What, Promise string
	Shown         Shown
}

// Tally says how many promises were kept, and how many were only not refuted.
func Tally(all []Shown) string {
	counts := map[Shown]int{}
	for _, s := range all {
		counts[s]++
	}
	text := fmt.Sprintf("%d promises: %d kept", len(all)-counts[NothingPromised], counts[Kept])
	if n := counts[NotRefuted]; n > 0 {
		text += fmt.Sprintf(", %d not refuted, which more runs could show to be kept or broken", n)
	}
	if n := counts[Broken]; n > 0 {
		text += fmt.Sprintf(", %d broken", n)
	}
	return text
}
