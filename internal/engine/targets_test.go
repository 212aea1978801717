package engine_test

import (
	"strconv"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestPlace finds views where they stand, and knows what is none.
func TestPlace(t *testing.T) {
	all := engine.Targets{Instances: []engine.PlanInstance{{ID: "a"}, {ID: "b"}, {ID: "c"}}}
	for _, c := range []struct {
		name string
		view []engine.PlanInstance
		want engine.Range
		is   bool
	}{
		{"nothing", nil, engine.Range{}, true},
		{"all", all.Instances, engine.Range{To: 3}, true},
		{"the last two", all.Instances[1:], engine.Range{From: 1, To: 3}, true},
		{"the middle", all.Instances[1:2], engine.Range{From: 1, To: 2}, true},
		{"without room for more", all.Instances[1:2:2], engine.Range{From: 1, To: 2}, true},
		{"a copy", []engine.PlanInstance{{ID: "a"}}, engine.Range{}, false},
		{"a longer list", make([]engine.PlanInstance, 9), engine.Range{}, false},
	} {
		if got, is := all.Place(c.view); is != c.is || is && got != c.want {
			t.Errorf("%s: %v, %v, want %v, %v", c.name, got, is, c.want, c.is)
		}
	}
}

// What it costs to find the last batch of a plan.
func BenchmarkPlace(b *testing.B) {
	for _, n := range []int{10, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			all := engine.Targets{Instances: make([]engine.PlanInstance, n)}
			for b.Loop() {
				if _, ok := all.Place(all.Instances[n-1:]); !ok {
					b.Fatal("the last batch is not found")
				}
			}
		})
	}
}
