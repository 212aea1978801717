// Package chancetest has the statistics by which tests hold samples against laws.
package chancetest

import (
	"math"
	"slices"
)

// Mean is the mean of a sample.
func Mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// Variation is the coefficient of variation of a sample: its deviation by its mean.
func Variation(values []float64) float64 {
	mean, squares := Mean(values), 0.0
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares/float64(len(values))) / mean
}

// Correlation is Pearson's, of two samples of one size: -1..1.
func Correlation(x, y []float64) float64 {
	var sxx, syy, sxy float64
	mx, my := Mean(x), Mean(y)
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		sxx, syy, sxy = sxx+dx*dx, syy+dy*dy, sxy+dx*dy
	}
	return sxy / math.Sqrt(sxx*syy)
}

// Apart is the greatest distance between the distributions of two samples of one size,
// 0..1 (A. Kolmogorov, N. Smirnov).
func Apart(a, b []float64) float64 {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	greatest, j := 0.0, 0
	for i := range a {
		if i+1 < len(a) && a[i+1] == a[i] {
			continue
		}
		for j < len(b) && b[j] <= a[i] {
			j++
		}
		greatest = max(greatest, math.Abs(float64(i+1)/float64(len(a))-float64(j)/float64(len(b))))
	}
	return greatest
}
