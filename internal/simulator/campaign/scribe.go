package campaign

import (
	"context"
	"strconv"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// scribe stands between a run and its world. It passes whatever it sees when a bake is over, and
// writes down what was counted in it, minute by minute.
type scribe struct {
	run     int
	world   *simulator.World
	ctx     context.Context // of the last question
	rollout string
	stages  int // that were judged
	rows    []byte
	err     error
}

// Measure implements [engine.Meter].
func (s *scribe) Measure(ctx context.Context, q engine.Question) (engine.Answer, error) {
	s.ctx, s.rollout = ctx, q.Rollout
	return s.world.Measure(ctx, q)
}

// Judge implements [engine.Judge].
func (s *scribe) Judge(g *engine.Gate, e *engine.Evidence) engine.Verdict {
	if g.Smoke {
		return engine.ThresholdJudge{}.Judge(g, e)
	}
	v := engine.Verdict{Result: engine.Inconclusive, Reason: "the bake is not over", Window: e.Window, Requests: e.Candidate.Requests}
	if e.End {
		v.Result, v.Reason = engine.Pass, "nobody judges"
		s.write(e.Window)
	}
	return v
}

// counted is how many counts there are of a minute: requests, errors and slower requests of
// both versions.
const counted = 6

// write writes the minutes of a bake that is over now.
func (s *scribe) write(bake time.Duration) {
	over := s.world.Now()
	begun := over.Add(-bake)
	var before [counted]int64 // up to the minute before: so all minutes add up to the stage
	for minute, from := int64(0), begun; from.Before(over) && s.err == nil; minute, from = minute+1, from.Add(time.Minute) {
		to := from.Add(time.Minute)
		if to.After(over) {
			to = over
		}
		now := s.count(begun, to)
		row := []int64{int64(s.run), int64(s.stages), minute, int64(to.Sub(from).Seconds())}
		for i := range now {
			row = append(row, now[i]-before[i])
		}
		s.rows, before = appendRow(s.rows, row), now
	}
	s.stages++
}

// count counts what there was in a time.
func (s *scribe) count(from, to time.Time) (counts [counted]int64) {
	const want = engine.WantCounts | engine.WantSlower
	a, err := s.world.Measure(s.ctx, engine.Question{Rollout: s.rollout, Version: newer, From: from, To: to, Candidate: want, Baseline: want, Bounds: []float64{slowerMs}})
	s.err = err
	for i, m := range []*engine.Measurement{&a.Candidate, &a.Baseline} {
		counts[3*i], counts[3*i+1] = m.Requests, m.Errors
		if len(m.Slower) > 0 {
			counts[3*i+2] = m.Slower[0]
		}
	}
	return counts
}

// appendRow writes a line of counts.
func appendRow(to []byte, row []int64) []byte {
	for i, v := range row {
		if i > 0 {
			to = append(to, ',')
		}
		to = strconv.AppendInt(to, v, 10)
	}
	return append(to, '\n')
}
