package chance

import (
	"math"
	"math/bits"
	"sync"
)

// The draws of this file are made of whole numbers, tables, and sums and products that
// are rounded the same way everywhere, so that they are the same on every machine; see
// portable.go.

// Certain is the chance of what always happens; other chances are shares of 2^64.
const Certain = math.MaxUint64

// Of turns a probability, 0..1, into a share of 2^64.
func Of(p float64) uint64 {
	if p >= 1 {
		return Certain
	}
	if !(p > 0) {
		return 0
	}
	return uint64(math.Ldexp(p, 64))
}

// Halves draws how many of n coins show heads.
func Halves(s *Stream, n int64) int64 {
	heads := int64(0)
	for level := len(coinSizes) - 1; level >= 0 && n >= coinSizes[0]; level-- {
		for n >= coinSizes[level] {
			heads += coins(level).Draw(s)
			n -= coinSizes[level]
		}
	}
	for ; n >= 64; n -= 64 {
		heads += int64(bits.OnesCount64(s.Word()))
	}
	if n > 0 {
		heads += int64(bits.OnesCount64(s.Word() >> (64 - n)))
	}
	return heads
}

// power is x to the power of n, n >= 0.
func power(x float64, n int64) float64 {
	result := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			result = float64(result * x)
		}
		x = float64(x * x)
	}
	return result
}

// Normal draws a nearly normal variate with mean 0 and deviation 1, in steps of 1/8.
func Normal(s *Stream) float64 {
	return float64(Halves(s, 256)-128) / 8
}

// About draws the sum of n values with a mean and a deviation, as a whole number of
// units, at least 0.
func About(s *Stream, n int64, mean, deviation float64) int64 {
	if n <= 0 {
		return 0
	}
	spread := float64(float64(deviation*math.Sqrt(float64(n))) * Normal(s))
	return max(0, int64(math.Round(float64(float64(n)*mean)+spread)))
}

// Poisson draws a count of the given mean from the sum of counts whose means are
// powers of two, and of a share of one with mean 1.
func Poisson(s *Stream, mean float64) int64 {
	whole := math.Floor(mean)
	count := Binomial(s, arrivals(0).Draw(s), Of(mean-whole))
	for n := uint64(whole); n > 0; n &= n - 1 {
		level := bits.TrailingZeros64(n)
		for range 1 << max(0, level-maxArrivals) {
			count += arrivals(min(level, maxArrivals)).Draw(s)
		}
	}
	return count
}

// Table draws whole numbers whose chances are known.
type Table struct {
	least int64
	// upTo[i] is the chance of least+i or less.
	upTo []uint64
	// guide[b] is the first position whose number can have b as its highest bits, which
	// are those that are left when it is shifted.
	guide []uint16
	shift uint8
}

// Draw draws a number.
func (t *Table) Draw(s *Stream) int64 {
	x := s.Word()
	i := int(t.guide[x>>t.shift])
	for t.upTo[i] < x {
		i++
	}
	return t.least + int64(i)
}

// Len is how many numbers t holds.
func (t *Table) Len() int { return len(t.upTo) }

// NewTable makes a table of the numbers from least on with the given weights, no more
// than 2^16. Its guide is a few times shorter than it is itself, so that many tables are
// at hand at once.
func NewTable(least int64, weights []float64) *Table {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	t := &Table{least: least, upTo: make([]uint64, len(weights))}
	sum := 0.0
	for i, w := range weights {
		sum += w
		t.upTo[i] = Of(sum / total)
	}
	t.upTo[len(weights)-1] = Certain
	guided := max(4, bits.Len(uint(len(weights)))-1) // bits
	t.guide, t.shift = make([]uint16, 1<<guided), uint8(64-guided)
	i := 0
	for b := range t.guide {
		for t.upTo[i] < uint64(b)<<t.shift {
			i++
		}
		t.guide[b] = uint16(i)
	}
	return t
}

// negligible is a chance too small to matter.
const negligible = 1e-21

// around makes a table from the ratio of the chances of k+1 and k, starting at the
// most likely number and going as far as chances matter.
func around(mode int64, ratio func(k int64) float64) *Table {
	var down []float64
	least := mode
	for w, k := 1.0, mode; k > 0; k-- {
		w /= ratio(k - 1)
		if w < negligible {
			break
		}
		down = append(down, w)
		least = k - 1
	}
	weights := make([]float64, 0, 2*len(down)+1)
	for i := len(down) - 1; i >= 0; i-- {
		weights = append(weights, down[i])
	}
	w := 1.0
	for k := mode; w >= negligible; k++ {
		weights = append(weights, w)
		w = float64(w * ratio(k))
	}
	return NewTable(least, weights)
}

// PoissonTable makes a table of counts with a mean above 0.
func PoissonTable(mean float64) *Table {
	return around(int64(mean), func(k int64) float64 { return mean / float64(k+1) })
}

// coinSizes are numbers of coins that are thrown at once.
var coinSizes = [...]int64{1 << 8, 1 << 9, 1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18}

var coinTables = func() (tables [len(coinSizes)]func() *Table) {
	for level := range tables {
		tables[level] = coinTable(level)
	}
	return tables
}()

func coinTable(level int) func() *Table {
	return sync.OnceValue(func() *Table {
		n := coinSizes[level]
		return around(n/2, func(k int64) float64 { return float64(n-k) / float64(k+1) })
	})
}

func coins(level int) *Table { return coinTables[level]() }

// maxArrivals is the power of two of the greatest mean that has a table.
const maxArrivals = 16

var arrivalTables = func() (tables [maxArrivals + 1]func() *Table) {
	for level := range tables {
		tables[level] = sync.OnceValue(func() *Table { return PoissonTable(float64(int64(1) << level)) })
	}
	return tables
}()

func arrivals(level int) *Table { return arrivalTables[level]() }
