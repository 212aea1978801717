package prom

import (
	"math/rand"
	"testing"
)

// TestLedger adds entries in any order and compares sums with those made one by one.
func TestLedger(t *testing.T) {
	for seed := range int64(50) {
		r := rand.New(rand.NewSource(seed))
		for _, grain := range []int64{0, 7} {
			c, plain := &cell{grain: grain}, &cell{grain: grain}
			var all []entry
			for range 200 {
				end := r.Int63n(1000)
				e := entry{end - r.Int63n(50), end, float64(r.Intn(5))}
				all = append(all, e)
				c.add(e)
				from, to := r.Int63n(1000), r.Int63n(1000)
				want := 0.0
				for _, e := range all {
					if end := plain.coarse(e.end); end > plain.coarse(from) && end <= plain.coarse(to) {
						want += e.n
					}
				}
				if got := c.between(from, to); got != want {
					t.Fatalf("seed %d, grain %d, (%d, %d]: want %v, got %v", seed, grain, from, to, want, got)
				}
				between := 0.0
				c.each(from, to, func(e entry) { between += e.n })
				if between != want {
					t.Fatalf("seed %d, grain %d, (%d, %d], one by one: want %v, got %v", seed, grain, from, to, want, between)
				}
			}
		}
	}
}
