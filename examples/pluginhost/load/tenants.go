// Package load sends requests like many tenants do, whatever becomes of those before: each
// is started when it is due, and its latency is measured from then.
package load

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// Names are what tenants are called: tenant-001 and so on.
func Names(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("tenant-%03d", i+1)
	}
	return names
}

// Weights are the shares of the traffic of so many tenants, which sum to 1. Their logarithms
// are normal, with a standard deviation of spread; they follow from the seed.
func Weights(n int, spread float64, seed uint64) []float64 {
	chance := rand.New(rand.NewPCG(seed, 0x77656967687473))
	weights, sum := make([]float64, n), 0.0
	for i := range weights {
		weights[i] = math.Exp(spread * chance.NormFloat64())
		sum += weights[i]
	}
	for i := range weights {
		weights[i] /= sum
	}
	return weights
}

// arrivals are requests of tenants, each of which sends them at random and alone: together
// they are such a stream, too, of which each request is a tenant's by its weight.
type arrivals struct {
	chance *rand.Rand
	rate   float64   // per second
	upTo   []float64 // weights of tenants, summed up
	due    time.Duration
}

func newArrivals(rate float64, weights []float64, seed uint64) *arrivals {
	a := &arrivals{chance: rand.New(rand.NewPCG(seed, 0x6172726976616c73)), rate: rate}
	sum := 0.0
	for _, w := range weights {
		sum += w
		a.upTo = append(a.upTo, sum)
	}
	return a
}

// next is when the next request is due, since the beginning, and whose it is.
func (a *arrivals) next() (time.Duration, int) {
	a.due += time.Duration(a.chance.ExpFloat64() / a.rate * float64(time.Second))
	x := a.chance.Float64() * a.upTo[len(a.upTo)-1]
	lo, hi := 0, len(a.upTo)-1
	for lo < hi {
		if mid := (lo + hi) / 2; a.upTo[mid] > x {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return a.due, lo
}
