package predict

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// asked is a meter that says of either side how many seconds it was asked about.
type asked struct{}

func (asked) Measure(_ context.Context, q engine.Question) (a engine.Answer, err error) {
	for side, want := range map[*engine.Measurement]engine.Want{&a.Candidate: q.Candidate, &a.Baseline: q.Baseline} {
		if want != 0 {
			side.Requests = int64(q.To.Sub(q.From).Seconds())
		}
	}
	return a, nil
}

// TestFoundLate: of instances that are new processes nobody knows until they are found, and then
// all that they have counted, also what they counted before the time that is asked about. What
// they took the place of is counted all along.
func TestFoundLate(t *testing.T) {
	epoch := simulator.Epoch()
	at := func(s int) time.Time { return epoch.Add(time.Duration(s) * time.Second) }
	for _, c := range []struct {
		now, from           int
		candidate, baseline int64 // seconds that they were asked about
	}{
		{13, 12, 0, 1},
		{13, 11, 0, 3}, // so soon after the first request a sample before counts, too
		{15, 12, 5, 3},
		{19, 12, 9, 7},
		{19, 15, 4, 4},
	} {
		w, err := simulator.NewWorld(simulator.DefaultConfig(), engine.Production, "payment")
		if err != nil {
			t.Fatal(err)
		}
		w.RunUntil(at(c.now))
		p := &pace{s: &Setting{}, r: rand.New(rand.NewPCG(1, 2)), w: w, born: at(10), seen: at(14)}
		a, err := pacedMeter{asked{}, p}.Measure(context.Background(), engine.Question{From: at(c.from), To: at(c.now), Candidate: engine.WantCounts, Baseline: engine.WantCounts})
		if err != nil || a.Candidate.Requests != c.candidate || a.Baseline.Requests != c.baseline {
			t.Errorf("asked at %d s of what was from %d s on: %d s of the candidate and %d s of what was before, want %d and %d (%v)",
				c.now, c.from, a.Candidate.Requests, a.Baseline.Requests, c.candidate, c.baseline, err)
		}
	}
}
