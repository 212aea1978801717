package engine

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"
)

// A minute that is worse than others, for a reason that no version has, makes all of its
// requests fail more often: they are no witnesses independent of each other. A count of some
// minutes therefore varies by more than chance makes of its requests: by a factor whose
// variance is the square of how unlike minutes are, divided by how many there were.

// How unlike minutes are: the coefficient of variation of a factor on the error rate of each.
const (
	usualNoise = 0.25 // where the fleet does not know of minutes before
	mostNoise  = 0.5  // that is taken for possible where little is known of them
	leastNoise = 0.125
	// noiseTaken is the part of it that the evidence reckons with. The gamma law, with which it
	// is worked out, and the distance that a rate keeps from its cap leave that much room: of
	// 20,000 rollouts over ten stages with log-normal minutes of a coefficient of 0.5 and a rate
	// at three quarters of its cap, 0.04 % were rolled back.
	noiseTaken = 0.8
)

// doubtOf is the variance of the factor on a count of so many minutes.
func doubtOf(noise, minutes float64) float64 {
	taken := noiseTaken * noise
	return taken * taken / max(1, minutes)
}

// minutesIn is how many minutes a time has.
func minutesIn(d time.Duration) float64 { return d.Minutes() }

// effectiveMinutes is of how many minutes with equal traffic a count would vary as much; 0
// where none are told.
func effectiveMinutes(list []MinuteCount) float64 {
	var sum, squares float64
	for i := range list {
		n := float64(list[i].Requests)
		sum, squares = sum+n, squares+float64(n*n)
	}
	return over(sum*sum, squares)
}

// The worst minutes are left out, one in trimmed: what happened in them may be no noise but
// another version that was bad, and was taken back. The rest is the less unlike for it, of
// log-normal minutes by trimLoss.
const (
	trimmed  = 20
	trimLoss = 1.2
)

// withoutWorst is list without its worst minutes.
func withoutWorst(list []MinuteCount) []MinuteCount {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b MinuteCount) int {
		return cmp.Compare(float64(a.Errors)*float64(b.Requests), float64(b.Errors)*float64(a.Requests))
	})
	return list[:len(list)-len(list)/trimmed]
}

// leastMinutes is how many minutes it takes to say how unlike they are.
const leastMinutes = 30

// noiseOf estimates how unlike minutes are, by moments: what the squares of their errors have
// beyond those of chance. As few errors leave that uncertain, two standard errors are added,
// but no more than make mostNoise of a smaller one.
func noiseOf(list []MinuteCount) float64 {
	list = withoutWorst(list)
	var errors, requests float64
	for i := range list {
		errors, requests = errors+float64(list[i].Errors), requests+float64(list[i].Requests)
	}
	switch {
	case len(list) < leastMinutes:
		return usualNoise
	case errors == 0:
		return mostNoise
	}
	rate := errors / requests
	var beyond, squares float64
	for i := range list {
		expected := float64(list[i].Requests) * rate
		d := float64(list[i].Errors) - expected
		beyond += float64(d*d) - float64(expected*(1-rate))
		squares += float64(expected * expected)
	}
	seen := max(0, beyond/squares) * trimLoss * trimLoss
	usual := errors / float64(len(list)) // of a minute
	unsure := 2 * math.Sqrt(2/float64(len(list))) * (seen + 1/usual)
	return max(leastNoise, math.Sqrt(min(seen+unsure, max(seen, mostNoise*mostNoise))))
}

// noiseTime is how far is looked back for how unlike minutes are.
const noiseTime = 6 * time.Hour

// noise is how unlike the fleet's minutes were before the rollout. It is asked for once, when
// something looks suspicious.
func (r *Runner) noise(ctx context.Context) float64 {
	if r.memo.noise > 0 {
		return r.memo.noise
	}
	q := Question{From: r.state.Started.Add(-noiseTime), To: r.state.Started, Baseline: WantCounts | WantMinutes}
	var a Answer
	if r.measure(ctx, &q, &a) != nil {
		return usualNoise
	}
	r.memo.noise = noiseOf(a.Baseline.Minutes)
	return r.memo.noise
}

// suspectedNoise is what a look reckons with that asks nobody: no more than there is.
func (r *Runner) suspectedNoise() float64 {
	if r.memo.noise > 0 {
		return r.memo.noise
	}
	return leastNoise
}
