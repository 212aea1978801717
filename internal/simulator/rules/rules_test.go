package rules

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

var begun = time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)

// counted is an arm with so many errors in 100 requests of each minute; -1: there is none.
func counted(errors ...int64) engine.Measurement {
	m := engine.Measurement{Newest: begun.Add(time.Duration(len(errors)) * time.Minute)}
	for i, k := range errors {
		if k >= 0 {
			m.Minutes = append(m.Minutes, engine.MinuteCount{Start: begun.Add(time.Duration(i) * time.Minute), Requests: 100, Errors: k})
			m.Requests, m.Errors = m.Requests+100, m.Errors+k
		}
	}
	return m
}

func flat(n int, errors int64) []int64 { return slices.Repeat([]int64{errors}, n) }

var gate = engine.Gate{Checks: []engine.Check{{Metric: engine.ErrorRate, Bound: 0.05}}, OnFail: engine.Rollback, OnInconclusive: engine.Hold}

// TestRules holds each rule to what its system's documentation says of it.
func TestRules(t *testing.T) {
	rising := []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for _, c := range []struct {
		what                string
		judge               engine.Judge
		candidate, baseline engine.Measurement
		end                 bool
		want                engine.Result
	}{
		{"independent takes a minute for as many witnesses as it has requests", UsualIndependent(), counted(30), counted(1), false, engine.Fail},
		{"independent passes what keeps to the cap", UsualIndependent(), counted(flat(10, 1)...), counted(flat(10, 1)...), true, engine.Pass},
		{"kayenta does not look before the end", UsualKayenta(), counted(flat(10, 50)...), counted(flat(10, 1)...), false, engine.Inconclusive},
		{"kayenta finds what is far above", UsualKayenta(), counted(flat(10, 50)...), counted(flat(10, 1)...), true, engine.Fail},
		{"kayenta passes the same", UsualKayenta(), counted(rising...), counted(rising...), true, engine.Pass},
		{"kayenta passes what is lower", UsualKayenta(), counted(flat(10, 1)...), counted(flat(10, 50)...), true, engine.Pass},
		{"kayenta cannot tell by four minutes", UsualKayenta(), counted(flat(4, 50)...), counted(flat(4, 1)...), true, engine.Inconclusive},
		{"kayenta has nobody to compare with", UsualKayenta(), counted(flat(10, 50)...), engine.Measurement{}, true, engine.Pass},
		{"argo takes three failures", UsualArgo(), counted(20, 0, 0, 0, 0, 0, 0, 0), engine.Measurement{}, false, engine.Inconclusive}, // above in the first three windows
		{"argo fails at the fourth", UsualArgo(), counted(25, 0, 0, 0, 5, 0, 0, 0), engine.Measurement{}, false, engine.Fail},
		{"argo passes at the end", UsualArgo(), counted(flat(10, 5)...), engine.Measurement{}, true, engine.Pass},
		{"argo knows nothing without requests", UsualArgo(), engine.Measurement{}, engine.Measurement{}, true, engine.Inconclusive},
		{"flagger takes four failed checks", UsualFlagger(), counted(6, 0, 6, 0, 6, 0, 6, 0, 0, 0), engine.Measurement{}, true, engine.Pass},
		{"flagger fails at the fifth", UsualFlagger(), counted(6, 0, 6, 0, 6, 0, 6, 0, 6), engine.Measurement{}, false, engine.Fail},
		{"flagger fails a minute without requests", UsualFlagger(), counted(6, -1, 6, -1, 6), engine.Measurement{}, false, engine.Fail},
		{"flagger passes at the cap", UsualFlagger(), counted(flat(10, 5)...), engine.Measurement{}, true, engine.Pass},
	} {
		e := engine.Evidence{Answer: engine.Answer{Candidate: c.candidate, Baseline: c.baseline}, End: c.end}
		if v := c.judge.Judge(&gate, &e); v.Result != c.want {
			t.Errorf("%s: %s (%s), want %s", c.what, v.Result, v.Reason, c.want)
		}
	}
}

// TestUnfinishedMinute: a minute that is not over is no point yet.
func TestUnfinishedMinute(t *testing.T) {
	m := counted(6, 6, 6, 6, 6)
	m.Newest = begun.Add(4*time.Minute + 20*time.Second)
	e := engine.Evidence{Answer: engine.Answer{Candidate: m}}
	if v := UsualFlagger().Judge(&gate, &e); v.Result != engine.Inconclusive {
		t.Errorf("%+v", v)
	}
}

// TestSmokeTests are judged by the engine, whatever the rule.
func TestSmokeTests(t *testing.T) {
	smoke := engine.Gate{Smoke: true}
	for _, r := range All() {
		e := engine.Evidence{Condition: engine.Condition{Smoke: engine.SmokeTests{Passed: 1}}, End: true}
		if v := r.Judge.Judge(&smoke, &e); v.Result != engine.Pass {
			t.Errorf("%s: %+v", r.Name, v)
		}
	}
}

// TestShift compares with what R's wilcox.test computes by hand: of 1..5 and 3..7 the shift
// is 2.
func TestShift(t *testing.T) {
	estimate, lower := shift([]float64{3, 4, 5, 6, 7}, []float64{1, 2, 3, 4, 5}, 0.9)
	if estimate != 2 || lower != 0 {
		t.Errorf("%g, at least %g", estimate, lower)
	}
	if _, lower := shift([]float64{3}, []float64{1}, 0.98); !math.IsInf(lower, -1) {
		t.Errorf("of one pair: at least %g", lower)
	}
}
