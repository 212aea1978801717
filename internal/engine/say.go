package engine

import (
	"fmt"
	"strings"
	"time"
)

// Plural is "1 tenant", "15 tenants".
func Plural[T int | int64](n T, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Spoken is a length of time as a person says it: 10m, 1h30m, 24h, 2.5s.
func Spoken(d time.Duration) string {
	d = d.Round(time.Millisecond)
	if d >= time.Minute {
		d = d.Round(time.Second)
	}
	text := d.String()
	if whole, ok := strings.CutSuffix(text, "m0s"); ok {
		text = whole + "m"
	}
	if whole, ok := strings.CutSuffix(text, "h0m"); ok {
		text = whole + "h"
	}
	return text
}
