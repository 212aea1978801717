package engine

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// Tenants are found where they are, and others are not, in lists of any length, and also where the
// marks do not tell any two of them apart.
func TestDirectory(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, abreast - 1, abreast, abreast + 1, 1000, 20_000} {
		tenants, counts := make([]Tenant, n), []TenantCount{}
		for i, k := range rand.New(rand.NewPCG(1, uint64(n))).Perm(n) {
			tenants[i].ID = "t-" + strconv.Itoa(k)
		}
		want := map[string]int32{}
		for i := range tenants {
			want[tenants[i].ID] = int32(i)
		}
		for k := range 2*n + 3 {
			counts = append(counts, TenantCount{Tenant: "t-" + strconv.Itoa(k)})
		}
		d := newDirectory(tenants)
		unmarked := &directory{tenants, slices.Clone(d.places), 32}
		for i := range unmarked.places {
			unmarked.places[i] &= 1<<bits.Len(uint(n)) - 1
		}
		for name, d := range map[string]*directory{"marked": d, "unmarked": unmarked} {
			var at [abreast]int32
			for part := range slices.Chunk(counts, abreast) {
				d.find(part, &at)
				for i := range part {
					place, there := want[part[i].Tenant]
					if !there {
						place = -1
					}
					if at[i] != place {
						t.Fatalf("%s of %d: %s is found at %d, and is at %d", name, n, part[i].Tenant, at[i], place)
					}
				}
			}
		}
	}
}

// A plan's tenants lie where they were listed, each far from the next.
func BenchmarkDirectory(b *testing.B) {
	const n = 1_000_000
	counts, tenants := make([]TenantCount, n), make([]Tenant, n)
	for i := range counts {
		counts[i].Tenant = "tenant-" + strconv.Itoa(n+i)
	}
	for i, k := range rand.New(rand.NewPCG(1, 2)).Perm(n) {
		tenants[i].ID = counts[k].Tenant
	}
	var at [abreast]int32
	for b.Loop() {
		d := newDirectory(tenants)
		for part := range slices.Chunk(counts, abreast) {
			d.find(part, &at)
		}
	}
}
