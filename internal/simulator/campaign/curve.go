package campaign

import (
	"context"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Curve is a deployment's operating characteristic: how probable each end is, by the
// candidate's true error rate.
type Curve struct {
	Cap    float64      `json:"cap"`  // of the gate's error rate
	Runs   int          `json:"runs"` // of each point
	Points []CurvePoint `json:"points"`
}

// CurvePoint is what becomes of candidates with one error rate.
type CurvePoint struct {
	ErrorRate float64 `json:"error_rate"`
	Turned    Share   `json:"rolled_back"`
	Held      Share   `json:"held"` // neither rolled back nor through
}

// multiples of the cap at which a curve has points.
var multiples = []float64{0, 0.2, 0.4, 0.6, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3}

// CurveOf plays s with candidates of rising error rates, on the same worlds.
func CurveOf(ctx context.Context, s *scenario.Scenario, opt Options) (*Curve, error) {
	c := &Curve{Cap: settingOf(s.Deployment.Resolve()).MaxErrorRate, Runs: opt.Runs}
	progress, candidate := opt.Progress, s.Candidate()
	usual, listed := s.Said(candidate)
	if !listed {
		usual.Behaviour = simulator.DefaultBehaviour()
	}
	for i, by := range multiples {
		v := usual
		v.ErrorRate = min(1, by*c.Cap)
		v.TimeoutRate = min(v.TimeoutRate, 1-v.ErrorRate)
		if progress != nil {
			opt.Progress = func(done, runs int) { progress(i*runs+done, len(multiples)*runs) }
		}
		outcomes, err := play(ctx, s.Having(candidate, v), opt)
		if err != nil {
			return nil, err
		}
		turned, through := 0, 0
		for _, o := range outcomes {
			switch {
			case o.turned:
				turned++
			case o.ending == scenario.Succeeded || o.ending == scenario.Retained:
				through++
			}
		}
		c.Points = append(c.Points, CurvePoint{
			ErrorRate: v.ErrorRate, Turned: shareOf("rolled back", turned, opt.Runs),
			Held: shareOf("held", opt.Runs-turned-through, opt.Runs),
		})
	}
	return c, nil
}
