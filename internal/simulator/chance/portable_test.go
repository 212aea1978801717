package chance

import (
	"math"
	"testing"
)

// The functions that are the same everywhere must also be right.
func TestPortableFunctions(t *testing.T) {
	for x := 1e-6; x < 1e7; x *= 1.37 {
		if got, want := Log(x), math.Log(x); math.Abs(got-want) > 1e-12*max(1, math.Abs(want)) {
			t.Errorf("Log(%v) is %v, want %v", x, got, want)
		}
	}
	for x := -50.0; x < 50; x += 0.37 {
		if got, want := Exp(x), math.Exp(x); math.Abs(got/want-1) > 1e-12 {
			t.Errorf("Exp(%v) is %v, want %v", x, got, want)
		}
	}
	for z := -8.0; z < 12; z += 0.13 {
		if got, want := UpperTail(z), math.Erfc(z/math.Sqrt2)/2; math.Abs(got-want) > 1e-9*want+1e-15 {
			t.Errorf("UpperTail(%v) is %v, want %v", z, got, want)
		}
	}
	for turns := -3.0; turns < 3; turns += 0.013 {
		if got, want := Cosine(turns), math.Cos(2*math.Pi*turns); math.Abs(got-want) > 1e-12 {
			t.Errorf("Cosine(%v) is %v, want %v", turns, got, want)
		}
	}
}
