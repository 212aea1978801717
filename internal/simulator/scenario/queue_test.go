package scenario

import (
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/kernel"
)

// TestQueues plays scenarios on both event queues: the same must happen.
func TestQueues(t *testing.T) {
	for _, file := range []string{"lesson-07-restarts", "guide-rolling", "fault-instance-crash"} {
		s, err := Read("../../../examples/scenarios/" + file + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		var traces []uint64
		for _, q := range kernel.Kinds() {
			r, err := Run(t.Context(), s, s.Seed, Options{Queue: q, Reload: true})
			if err != nil {
				t.Fatal(err)
			}
			traces = append(traces, r.Trace)
		}
		if len(traces) < 2 || traces[0] != traces[1] {
			t.Errorf("%s: traces %x on %v", file, traces, kernel.Kinds())
		}
	}
}
