package simulator

import (
	"slices"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// The slot that a blue-green rollout kept is gone after a rollout of any other strategy
// that succeeds, and still there after one that is rolled back.
func TestKeptSlot(t *testing.T) {
	for _, strategy := range engine.Strategies() {
		for _, good := range []bool{true, false} {
			cfg := installed(DefaultConfig())
			worse, better := DefaultBehaviour(), DefaultBehaviour()
			worse.ErrorRate, better.ConversionRate = 0.3, 0.06
			cfg.Versions = map[string]Behaviour{"1.7.0": better}
			if !good {
				cfg.Versions["1.7.0"] = worse
			}
			s := open(t, t.TempDir(), cfg)
			if state := rollIn(t, s, to(engine.BlueGreen), 0); state.Outcome != engine.Succeeded {
				t.Fatal(state)
			}
			slots := func() string {
				var names []string
				for _, i := range s.World().Snapshot().Instances {
					names = append(names, i.Slot)
				}
				return strings.Join(slices.Compact(names), " ")
			}
			if got := slots(); got != "blue green" {
				t.Fatalf("after blue-green there is %s", got)
			}
			spec := to(strategy)
			spec.Version = "1.7.0"
			before := s.World().Snapshot()
			plan, err := engine.Compile(s.World().NextRollout(), spec, before)
			if err != nil {
				t.Fatal(err)
			}
			j, err := s.Journals().Begin(t.Context(), plan)
			if err != nil {
				t.Fatal(err)
			}
			r, err := engine.NewRunner(t.Context(), engine.Ports{Fleet: s.World(), Meter: s.World(), Journal: j, Judge: engine.JudgeByMode{}, Now: s.World().Now})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.World().Drive(t.Context(), r, walker.Options{}); err != nil {
				t.Fatal(err)
			}
			want := "blue green"
			if good && strategy != engine.BlueGreen {
				want = "green"
			}
			if got := slots(); got != want || (r.State().Outcome == engine.Succeeded) != good {
				t.Errorf("%s, good %v: %s, and there is %s, not %s\n%s", strategy, good, r.State(), got, want, plan.String())
			}
		}
	}
}
