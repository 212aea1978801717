package scenario

import (
	"slices"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestWeightsAgreeWithVerdicts holds what is drawn of the evidence to what was judged:
// a gate fails when, and only when, some evidence is at its boundary.
func TestWeightsAgreeWithVerdicts(t *testing.T) {
	looks := map[engine.Result]int{}
	for _, file := range []string{"guide-canary", "guide-canary-regression", "fault-latency", "fault-surge"} {
		s, err := Read("../../../examples/scenarios/" + file + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if v, ok := s.Versions[s.Candidate()]; ok { // too little for a guard, which would be quicker
			v.ErrorRate = 0.022
			s.Versions[s.Candidate()] = v
		}
		r, err := Run(t.Context(), s, s.Seed, Options{Record: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range r.Looks {
			if len(l.Weights) == 0 {
				t.Fatalf("%s: a look without weights: %+v", file, l)
			}
			over := slices.ContainsFunc(l.Weights, func(w engine.Weight) bool { return w.Evidence >= w.Boundary })
			if over != (l.Verdict.Result == engine.Fail) {
				t.Errorf("%s, after %s: %s, and the weights are %+v", file, l.At.Sub(r.Start()), l.Verdict.Result, l.Weights)
			}
			looks[l.Verdict.Result]++
		}
	}
	if looks[engine.Pass] < 4 || looks[engine.Fail] < 1 || looks[engine.Inconclusive] < 100 {
		t.Errorf("looks by verdict: %v", looks)
	}
}
