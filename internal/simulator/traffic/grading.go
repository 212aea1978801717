package traffic

import (
	"math"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// grading says how many of n things, sorted, each grade has, the lowest first. Most
// grades have an n-th part of all, of so many parts. Towards the top they have ever
// fewer, down to one: in a law with a long tail the few at its end matter most.
func grading(n, parts int) []int {
	const alone = 4
	var top []int // the highest first
	left, most := n, max(1, n/parts)
	for size := 1; left > 0 && size < most; {
		size = min(size, left)
		top, left = append(top, size), left-size
		if len(top) >= alone {
			size *= 2
		}
	}
	rest := (left + most - 1) / most
	sizes := make([]int, 0, rest+len(top))
	for i := range rest {
		sizes = append(sizes, left*(i+1)/rest-left*i/rest)
	}
	for i := len(top) - 1; i >= 0; i-- {
		sizes = append(sizes, top[i])
	}
	return sizes
}

// logNormal has a value for each grade of a sample without chance from a log-normal law
// with a median of 1 and a deviation of its logarithm: that in the middle of the grade.
func logNormal(spread float64, sizes []int) []float64 {
	n := 0
	for _, size := range sizes {
		n += size
	}
	values, before := make([]float64, len(sizes)), 0
	for i, size := range sizes {
		z := chance.Quantile((float64(before) + float64(float64(size)/2)) / float64(n))
		values[i] = math.Round(chance.Exp(float64(spread*z))*1e6) / 1e6
		before += size
	}
	return values
}

// graded are factors by which tenants differ in something. Their mean is 1.
type graded struct {
	sizes  []int     // tenants by grade
	values []float64 // by grade, rising
}

// factorsOf are factors on a rate of n tenants that differ by a spread; 0: not at all.
func factorsOf(spread float64, n int) graded {
	if spread == 0 {
		return graded{[]int{n}, []float64{1}}
	}
	const parts = 8
	f := graded{sizes: grading(n, parts)}
	f.values = logNormal(spread, f.sizes)
	sum := 0.0
	for i, value := range f.values {
		sum += float64(value * float64(f.sizes[i]))
	}
	for i, value := range f.values {
		f.values[i] = math.Round(value/sum*float64(n)*1e6) / 1e6
	}
	return f
}

// levelled are the rates that come of a rate and the factors where none is above most.
// What is cut off there the others make up for, so that the mean is the rate.
func (f *graded) levelled(rate, most float64) []float64 {
	rates := make([]float64, len(f.values))
	missing, left := 0.0, 0.0 // of the mean, and factors that are not cut off, times n
	for i, value := range f.values {
		missing += float64(rate * float64(f.sizes[i]))
		left += float64(value * float64(f.sizes[i]))
	}
	scale := rate
	for i := len(rates) - 1; i >= 0 && scale < math.Inf(1) && float64(scale*f.values[i]) > most; i-- {
		missing -= float64(most * float64(f.sizes[i]))
		left -= float64(f.values[i] * float64(f.sizes[i]))
		scale = cond(missing > 0 && i > 0, missing/left, math.Inf(1))
	}
	for i, value := range f.values {
		rates[i] = max(0, min(most, float64(scale*value)))
	}
	return rates
}

// dealt gives each tenant of an order a grade, those that come first the lowest; nil: all
// are alike.
func (f *graded) dealt(order []int32) []uint8 {
	if len(f.sizes) == 1 {
		return nil
	}
	grades, at := make([]uint8, len(order)), 0
	for g, size := range f.sizes {
		for _, t := range order[at : at+size] {
			grades[t] = uint8(g)
		}
		at += size
	}
	return grades
}
