package swarm

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Shrink makes a scenario that fails smaller, as long as it fails in the same way:
// without a fault, a crash, a word, or a setting.
func Shrink(ctx context.Context, s *scenario.Scenario) (*scenario.Scenario, error) {
	r, err := play(ctx, s, true)
	if err != nil || r.what == "" {
		return s, err
	}
	way := wayOf(r.what)
	for smaller := true; smaller; {
		smaller = false
		for _, c := range candidates(s) {
			r, err := play(ctx, c, true)
			if err != nil {
				return nil, err
			}
			if r.what != "" && wayOf(r.what) == way {
				s, smaller = c, true
				break
			}
		}
	}
	s.Description = "Found by a swarm: " + r.what
	return s, nil
}

// wayOf is in which way a run failed: which promise it broke, which error it ended in,
// or else the first words, without the figures.
func wayOf(what string) string {
	if strings.HasPrefix(what, unplayable) {
		return what
	}
	if rest, ok := strings.CutPrefix(what, "promise "); ok {
		number, _, _ := strings.Cut(rest, " ")
		return "promise " + number
	}
	if len(what) > 20 {
		what = what[:20]
	}
	return what
}

// candidates are scenarios that are each a step smaller than s, greatest steps first.
func candidates(s *scenario.Scenario) []*scenario.Scenario {
	var out []*scenario.Scenario
	add := func(change func(c *scenario.Scenario) bool) {
		c := *s
		if change(&c) {
			out = append(out, &c)
		}
	}
	without(s.Faults, func(rest []simulator.Fault) { add(func(c *scenario.Scenario) bool { c.Faults = rest; return true }) })
	without(s.Crashes, func(rest []scenario.Crash) { add(func(c *scenario.Scenario) bool { c.Crashes = rest; return true }) })
	for i, sig := range s.Signals {
		if sig.When == "" || !s.Expect.Ends { // without those who are there when waited for, nothing need end
			rest := slices.Delete(slices.Clone(s.Signals), i, i+1)
			add(func(c *scenario.Scenario) bool { c.Signals = rest; return true })
		}
	}
	add(func(c *scenario.Scenario) bool {
		c.Expect.Ends = false
		return s.Expect.Ends
	})
	usual := scenario.New()
	add(func(c *scenario.Scenario) bool {
		c.Versions = nil
		return len(s.Versions) > 0
	})
	add(func(c *scenario.Scenario) bool {
		c.World.Metrics = usual.World.Metrics
		return !s.World.Metrics.IsZero()
	})
	for _, what := range slices.Sorted(maps.Keys(s.World.Can)) {
		add(func(c *scenario.Scenario) bool {
			c.World.Can = maps.Clone(s.World.Can)
			delete(c.World.Can, what)
			return true
		})
	}
	add(func(c *scenario.Scenario) bool {
		c.World = usual.World
		return fmt.Sprintf("%+v", s.World) != fmt.Sprintf("%+v", usual.World)
	})
	add(func(c *scenario.Scenario) bool {
		c.Deployment.Analysis = nil
		return s.Deployment.Analysis != nil
	})
	add(func(c *scenario.Scenario) bool {
		c.Deployment.Triggers = nil
		return s.Deployment.Triggers != nil
	})
	add(func(c *scenario.Scenario) bool {
		d := &c.Deployment
		blocks := d.Direct != nil || d.Canary != nil || d.Rolling != nil || d.BlueGreen != nil || d.ABTesting != nil
		d.Direct, d.Canary, d.Rolling, d.BlueGreen, d.ABTesting = nil, nil, nil, nil, nil
		return blocks
	})
	return out
}

// without gives a list without each of its elements in turn, and first without all.
func without[T any](list []T, give func([]T)) {
	if len(list) > 1 {
		give(nil)
	}
	for i := range list {
		give(slices.Delete(slices.Clone(list), i, i+1))
	}
}

// File is a failure as a scenario file.
func (f Failure) File() []byte {
	what := strings.Join(strings.Fields(f.What), " ")
	return fmt.Appendf(nil, "# Found by a swarm in the world of seed %d: %s\n%s\n%s", f.Seed, what, scenario.SchemaComment, f.Scenario.Encode())
}
