package predict

import (
	"context"
	"math"
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

// TestHashedSlots: a slot has the tenants whose hashes are in its piece of the ring: all of them
// together are all, and how many a fifth has differs from run to run, and so does what they fail.
func TestHashedSlots(t *testing.T) {
	p := &pace{hashes: []float64{0.1, 0.3, 0.79, 0.81, 0.999}}
	for _, c := range []struct{ asked, got []float64 }{
		{[]float64{100}, []float64{100}}, {[]float64{0, 100}, []float64{0, 100}}, {[]float64{80, 20}, []float64{60, 40}}, {[]float64{30, 70}, []float64{20, 80}},
	} {
		var routes []engine.Route
		for i, percent := range c.asked {
			routes = append(routes, engine.Route{Slot: string(rune('a' + i)), Percent: percent})
		}
		for i, r := range p.hashed(routes) {
			if r.Slot != routes[i].Slot || math.Abs(r.Percent-c.got[i]) > 1e-9 || routes[i].Percent != c.asked[i] {
				t.Errorf("%v: slot %d gets %g %%, want %v", c.asked, i, r.Percent, c.got)
			}
		}
	}
	slots := bad
	var err error
	if slots.Deployment, err = engine.DecodeSpec([]byte(`{"pluginId": "payment", "environment": "Staging", "version": "1.7.0", "strategy": "BlueGreen",
		"blueGreenConfig": {"warmupPeriod": "PT3S", "switchoverType": "Gradual", "switchoverPeriod": "PT12S", "monitoringPeriod": "PT8S", "keepPreviousEnvironment": false}}`)); err != nil {
		t.Fatal(err)
	}
	said, err := slots.Play(context.Background(), 200, 1)
	if err != nil || said.Outcomes["rolled_back"] != said.Runs {
		t.Fatalf("%+v, %v", said, err)
	}
	if b := said.Tenants; b.Low < 17 || b.Low > 24 || b.Median < 28 || b.Median > 32 || b.High < 36 || b.High > 43 { // binomial, 150 of a fifth
		t.Errorf("tenants %+v", b)
	}
}

// TestPast: the judge knows of tenants before the rollout what it is told is known, and no day more:
// where that is nothing it holds on evidence.
func TestPast(t *testing.T) {
	at := func(past map[string]Past) *Prediction {
		t.Helper()
		s := bad
		s.Versions = map[string]Version{"1.5.0": {ErrorRate: 0.005}, "1.7.0": {ErrorRate: 0.04}}
		s.Past = past
		p, err := s.Play(context.Background(), 60, 1)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if day, nobody := at(nil), at(map[string]Past{}); day.Outcomes["rolled_back"] != day.Runs || nobody.Outcomes["rolled_back"] > nobody.Runs/2 {
		t.Errorf("with a day %v, with nothing %v", day.Outcomes, nobody.Outcomes)
	}
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
