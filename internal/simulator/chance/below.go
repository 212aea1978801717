package chance

import "math/bits"

// CountBelow adds to counts how many of n numbers, uniform over 2^64, are below each of
// limits, which fall and are overwritten. The same base draws the same numbers: the
// answers for several limits fit together, however often and in which company they are
// asked for.
//
// It draws the lowest of the numbers first: mostly it is above all limits, since bounds
// are there to be exceeded seldom, and then there is nothing more to draw.
func CountBelow(base uint64, n int64, limits []uint64, counts []int64) {
	if n == 0 || len(limits) == 0 {
		return
	}
	// The lowest is above a limit with the chance that each number is, which is at least 1
	// without n times that of one to be below.
	s := nodeStream(base, 0)
	x, below := s.Unit(), float64(float64(limits[0])*0x1p-64)
	const safely = 1 - 1e-9
	if x < float64((1-float64(float64(n)*below))*safely) || x < float64(power(1-below, n)*safely) {
		return
	}
	low := max(1, Of(1-Exp(Log(max(x, 0x1p-54))/float64(n))))
	for i, limit := range limits {
		if limit <= low {
			limits = limits[:i]
			break
		}
		counts[i]++
		limits[i], _ = bits.Div64(limit-low, 0, -low) // the others are above the lowest
	}
	underneath(base, 1, n-1, limits, counts)
}

// CountLower is how many of n numbers, uniform over 2^64, are below a limit. The same base
// draws the same numbers, others than for CountBelow, which is quicker for low limits.
func CountLower(base uint64, n int64, limit uint64) int64 {
	limits, counts := [1]uint64{limit}, [1]int64{}
	underneath(base, 1, n, limits[:], counts[:])
	return counts[0]
}

// few is how many numbers are quicker to draw one by one.
const few = 24

// underneath does what CountBelow does, halving the numbers until few are left. Every
// node of the binary tree over the numbers has a stream of its own, so that the answers
// for several limits and the same base fit together.
func underneath(base, node uint64, n int64, limits []uint64, counts []int64) {
	for {
		for len(limits) > 0 && limits[len(limits)-1] == 0 {
			limits = limits[:len(limits)-1]
		}
		if n == 0 || len(limits) == 0 {
			return
		}
		s := nodeStream(base, node)
		if n <= few {
			eachBelow(&s, n, limits, counts)
			return
		}
		upper := Halves(&s, n)
		high := 0 // limits in the upper half, which are above all of the lower one
		for i, limit := range limits {
			if limit>>63 == 1 {
				counts[i] += n - upper
				high++
			}
			limits[i] = limit << 1
		}
		if high > 0 {
			underneath(base, 2*node+1, upper, limits[:high], counts)
		}
		limits, counts, n, node = limits[high:], counts[high:], n-upper, 2*node
	}
}

// CountEachBelow does by the same laws what CountBelow does, but draws number by number,
// for comparison.
func CountEachBelow(base uint64, n int64, limits []uint64, counts []int64) {
	s := nodeStream(base, 1)
	eachBelow(&s, n, limits, counts)
}

// eachBelow draws n numbers and adds to counts how many are below each of limits.
func eachBelow(s *Stream, n int64, limits []uint64, counts []int64) {
	for range n {
		x := s.Word()
		for i := 0; i < len(limits) && x < limits[i]; i++ {
			counts[i]++
		}
	}
}

// nodeStream is the stream of a node of a tree.
func nodeStream(base, node uint64) Stream { return Stream{Mix(base ^ node*Golden)} }
