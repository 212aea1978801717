package engine

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time that is written as ISO 8601 (PT10M) and read as
// ISO 8601 or in Go's form (10m).
type Duration time.Duration

// MarshalText writes d as ISO 8601.
func (d Duration) MarshalText() ([]byte, error) { return []byte(FormatDuration(time.Duration(d))), nil }

// UnmarshalText reads either form.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := ParseDuration(string(b))
	*d = Duration(v)
	return err
}

var errNotDuration = errors.New("is not a duration: write ISO 8601 (PT10M, PT1H30M, P1D) or Go's form (10m, 1h30m)")

// isoUnits are the designators of ISO 8601 whose length is always the same, in
// the order in which they may appear: years and months have no fixed length.
var isoUnits = []struct {
	letter byte
	time   bool
	unit   time.Duration
}{
	{'W', false, 7 * 24 * time.Hour},
	{'D', false, 24 * time.Hour},
	{'H', true, time.Hour},
	{'M', true, time.Minute},
	{'S', true, time.Second},
}

// ParseDuration reads ISO 8601 (PT10M, P1DT2H, PT0.5H; no years or months, whose
// length varies; a fraction only in the last number, with a point or a comma) or Go's
// form (10m, 1h30m). Negative durations and durations
// above 292 years are errors.
func ParseDuration(s string) (time.Duration, error) {
	if !strings.HasPrefix(s, "P") {
		return parseGo(s)
	}
	var total float64
	rest, unit, inTime, any := s[1:], 0, false, false
	for rest != "" {
		if rest[0] == 'T' && !inTime {
			inTime, any, rest = true, false, rest[1:]
			continue
		}
		n, whole, tail := isoNumber(rest)
		if tail == rest || tail == "" || !whole && len(tail) > 1 { // only the last number may have a fraction
			return 0, fmt.Errorf("%s %w", quote(s), errNotDuration)
		}
		if unit = isoUnit(unit, tail[0], inTime); unit < 0 {
			return 0, fmt.Errorf("%s %w", quote(s), errNotDuration)
		}
		total += float64(n * float64(isoUnits[unit].unit))
		unit, any, rest = unit+1, true, tail[1:]
	}
	if !any {
		return 0, fmt.Errorf("%s %w", quote(s), errNotDuration)
	}
	if total > math.MaxInt64/2 {
		return 0, fmt.Errorf("%s is longer than a duration can be", quote(s))
	}
	return time.Duration(math.Round(total)), nil
}

// parseGo reads a duration in Go's form.
func parseGo(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s %w", quote(s), errNotDuration)
	case d < 0:
		return 0, fmt.Errorf("%s is negative", quote(s))
	default:
		return d, nil
	}
}

// isoUnit is the position of a unit from one on, for they have an order; -1: it has none there.
func isoUnit(from int, letter byte, inTime bool) int {
	for i := from; i < len(isoUnits); i++ {
		if isoUnits[i].letter == letter && isoUnits[i].time == inTime {
			return i
		}
	}
	return -1
}

// isoNumber reads a decimal number from the front of s. ISO 8601 allows a comma
// for the point.
func isoNumber(s string) (n float64, whole bool, rest string) {
	end := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != ',' })
	if end <= 0 {
		return 0, false, s
	}
	digits := strings.Replace(s[:end], ",", ".", 1)
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || digits[0] == '.' || digits[len(digits)-1] == '.' {
		return 0, false, s
	}
	return n, !strings.Contains(digits, "."), s[end:]
}

// FormatDuration writes d, at least 0, as ISO 8601 in hours, minutes and seconds.
func FormatDuration(d time.Duration) string {
	if d <= 0 {
		return "PT0S"
	}
	var b strings.Builder
	b.WriteString("PT")
	if h := d / time.Hour; h > 0 {
		fmt.Fprintf(&b, "%dH", h)
	}
	if m := d % time.Hour / time.Minute; m > 0 {
		fmt.Fprintf(&b, "%dM", m)
	}
	if ns := d % time.Minute; ns > 0 {
		frac := strings.TrimRight(fmt.Sprintf("%d.%09d", ns/time.Second, ns%time.Second), "0")
		b.WriteString(strings.TrimSuffix(frac, ".") + "S")
	}
	return b.String()
}
