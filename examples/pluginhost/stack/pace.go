package stack

import (
	"context"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/predict"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// samples is how often Paces asks.
const samples = 15

// Paces are those of this moment, by way of the server: what a prediction has to know of a
// machine.
func (s *Stack) Paces(ctx context.Context) (p predict.Paces, err error) {
	w := s.Client.Fleets.World(engine.Environment(s.o.Environment), s.o.Plugin)
	for range samples {
		began := time.Now()
		head, err := w.Describe(ctx)
		if err != nil {
			return p, fmt.Errorf("asking the fleet: %w", err)
		}
		p.Calls = append(p.Calls, time.Since(began).Seconds())
		for _, kind := range []struct {
			want engine.Want
			took *[]float64
		}{{engine.WantCounts, &p.Counts}, {engine.WantCounts | engine.WantByTenant, &p.ByTenant}} {
			began = time.Now()
			q := engine.Question{Version: s.o.Version, From: head.At.Add(-10 * time.Second), To: head.At, Candidate: kind.want, Baseline: kind.want}
			if _, err := w.Measure(ctx, q); err != nil {
				return p, fmt.Errorf("asking who counts: %w", err)
			}
			*kind.took = append(*kind.took, time.Since(began).Seconds())
		}
	}
	return p, nil
}
