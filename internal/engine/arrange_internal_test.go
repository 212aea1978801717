package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// A list is put in any order: none, one place, one long cycle, and those that chance gives.
func TestArrange(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, walkers - 1, walkers, walkers + 1, 2*walkers + 3, 100, 1000, 5000, 50_000} {
		once := make([]int, n)
		for i := range once {
			once[i] = (i + 1) % n
		}
		orders := [][]int{draw.Perm(n), draw.Perm(n), draw.Perm(n), once, slices.Sorted(slices.Values(once))}
		for _, to := range orders {
			list, want, order := make([]Tenant, n), make([]Tenant, n), make([]keyed, n)
			for i := range list {
				list[i].ID = strconv.Itoa(i)
			}
			for i, from := range to {
				want[i], order[i] = list[from], keyedBy(draw.Uint64(), int32(from))
			}
			if arrange(list, order); !slices.Equal(list, want) {
				t.Fatalf("%d in the order %.300v are %.300v", n, fmt.Sprint(to), fmt.Sprint(list))
			}
		}
	}
}

func BenchmarkArrange(b *testing.B) {
	list, order := make([]Tenant, 1_000_000), make([]keyed, 1_000_000)
	to := rand.New(rand.NewPCG(1, 2)).Perm(len(list))
	for b.Loop() {
		for i, from := range to {
			order[i].at = int32(from)
		}
		arrange(list, order)
	}
}
