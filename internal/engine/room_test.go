package engine_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Of many tenants whose arms follow one another, a metric is worked out in the room of its
// counts. It comes out as where they do not, and as among those alone that have it, where these
// are so few that it is worked out again and again.
func TestOrderOfArmsDoesNotMatter(t *testing.T) {
	e := tenants(rand.New(rand.NewPCG(5, 5)), 4400, 1.1, 0.9)
	for i := range 3000 {
		p := &e.Pairs[i]
		p.Now.Satisfaction = engine.Mean{Sum: float64(p.Now.Conversions), Count: 40}
	}
	gate, ordered := testGate, e
	gate.Compare = &engine.Compare{Metrics: testGate.Compare.Metrics, WinnerThreshold: 0.05}
	ordered.Pairs = slices.Clone(e.Pairs)
	slices.SortStableFunc(ordered.Pairs, func(a, b engine.Pair) int { return truth(a.B) - truth(b.B) })
	mixed, after := engine.DecideTest(&gate, &e, engine.Verdict{}), engine.DecideTest(&gate, &ordered, engine.Verdict{})
	if !reflect.DeepEqual(mixed, after) {
		t.Errorf("mixed: %+v\none after the other: %+v", mixed, after)
	}
	if mixed.Comparison[0].Word == "no data" || mixed.Comparison[0].P == 0.5 {
		t.Errorf("nothing is compared: %+v", mixed.Comparison[0])
	}
	having := slices.DeleteFunc(slices.Clone(ordered.Pairs), func(p engine.Pair) bool { return p.Now.Satisfaction.Count == 0 })
	all, some := engine.ChanceOf(engine.UserSatisfaction, ordered.Pairs), engine.ChanceOf(engine.UserSatisfaction, having)
	if all != some {
		t.Errorf("the chance is %g among all, and %g among the %d that have it", all, some, len(having))
	}
}
