package stack

import (
	"context"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// samples is how often Paces asks.
const samples = 15

// Paces is how long calls of the fleet and questions for its traffic take at this moment, by
// way of the server, in seconds: what a prediction has to know of a machine.
func (s *Stack) Paces(ctx context.Context) (calls, answers []float64, err error) {
	w := s.Client.Fleets.World(engine.Environment(s.o.Environment), s.o.Plugin)
	const usual = engine.WantCounts | engine.WantByTenant
	for range samples {
		began := time.Now()
		head, err := w.Describe(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("asking the fleet: %w", err)
		}
		calls = append(calls, time.Since(began).Seconds())
		began = time.Now()
		if _, err := w.Measure(ctx, engine.Question{Version: s.o.Version, From: head.At.Add(-10 * time.Second), To: head.At, Candidate: usual, Baseline: usual}); err != nil {
			return nil, nil, fmt.Errorf("asking who counts: %w", err)
		}
		answers = append(answers, time.Since(began).Seconds())
	}
	return calls, answers, nil
}
