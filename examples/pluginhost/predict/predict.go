package predict

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Band is where a figure lies in 95 of 100 runs, from Low to High, and in all that were played.
type Band struct {
	Low    float64 `json:"low"`
	Median float64 `json:"median"`
	High   float64 `json:"high"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

// Beyond says whether a figure is farther from the middle than any run came, by half: that is no
// chance, where one of twenty lies outside of the band by chance.
func (b Band) Beyond(v float64) bool {
	return v < b.Least-(b.Median-b.Least)/2 || v > b.Most+(b.Most-b.Median)/2
}

// Has says whether a figure that was measured is in the band.
func (b Band) Has(v float64) bool { return b.Low <= v && v <= b.High }

// String is the band to whole numbers, or to tenths where those are small.
func (b Band) String() string {
	if b.High < 20 && (b.Low != math.Trunc(b.Low) || b.High != math.Trunc(b.High)) {
		return fmt.Sprintf("%.1f-%.1f", b.Low, b.High)
	}
	return fmt.Sprintf("%.0f-%.0f", b.Low, b.High)
}

// Prediction is what many simulated runs came to.
type Prediction struct {
	Runs     int            `json:"runs"`
	Outcomes map[string]int `json:"outcomes"` // runs by outcome, as scenarios name them
	// Failed are the requests that the candidate fails.
	Failed Band `json:"failed"`
	// Detected is how many seconds pass from when the candidate first serves somebody until a
	// verdict finds harm; of the runs that do. Alarms is how many those are.
	Detected Band `json:"detected"`
	Alarms   int  `json:"alarms"`
	// Tenants are those that are exposed at once, at most.
	Tenants Band `json:"tenants"`
	// Took is how many seconds the rollout takes.
	Took Band `json:"took"`
}

// Play plays a setting so many times. Seeds follow from seed.
func (s Setting) Play(ctx context.Context, runs int, seed int64) (*Prediction, error) {
	played, err := s.Scenario()
	if err != nil {
		return nil, err
	}
	results := make([]*scenario.Result, runs)
	err = campaign.Each(ctx, runs, max(1, runtime.GOMAXPROCS(0)-1), func(i int) (err error) {
		own, options := s.paced(played, campaign.SeedOf(seed, i))
		results[i], err = scenario.Run(ctx, own, campaign.SeedOf(seed, i), options)
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	p := &Prediction{Runs: runs, Outcomes: map[string]int{}}
	var failed, detected, tenants, took []float64
	for i, r := range results {
		p.Outcomes[string(r.Ending)]++
		exposed, share := s.hashed(r.Summary.Most.Tenants, campaign.SeedOf(seed, i))
		failed = append(failed, math.Round(float64(r.FailedRequests)*share))
		tenants = append(tenants, float64(exposed))
		took = append(took, r.Took().Seconds())
		if r.Alarmed {
			detected = append(detected, r.Detected.Seconds())
		}
	}
	p.Failed, p.Tenants, p.Took = bandOf(failed), bandOf(tenants), bandOf(took)
	p.Detected, p.Alarms = bandOf(detected), len(detected)
	return p, nil
}

// hashed is how many tenants a hash exposes where the simulator, which deals tenants evenly to
// instances, exposes so many, and how many times as many that is: those fail as many times the
// requests. Tenants that are pinned are counted, and not hashed, and those of slots are by
// [pace.hashed].
func (s *Setting) hashed(tenants int, seed int64) (exposed int, share float64) {
	if s.Deployment.Strategy != engine.Rolling || tenants <= 0 || tenants >= s.Tenants {
		return tenants, 1
	}
	r := rand.New(rand.NewPCG(uint64(seed), 0x68617368))
	for range s.Tenants {
		if r.IntN(s.Tenants) < tenants {
			exposed++
		}
	}
	return exposed, float64(exposed) / float64(tenants)
}

// bandOf is the band of what was seen: between the 2.5th and the 97.5th percentile.
func bandOf(seen []float64) Band {
	if len(seen) == 0 {
		return Band{}
	}
	slices.Sort(seen)
	at := func(q float64) float64 { return seen[int(math.Round(q*float64(len(seen)-1)))] }
	return Band{at(0.025), at(0.5), at(0.975), seen[0], seen[len(seen)-1]}
}
