package rules

import (
	"math"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Kayenta judges as Spinnaker's automated canary analysis does: when the bake is over, the
// error rates of its minutes are compared with those of the baseline's by the test of Mann and
// Whitney. They are "High", and the canary fails, where the lower end of the confidence
// interval of the shift is above a part of the estimated shift itself.
//
// Confidence 0.98 and tolerance 0.25 are those of its judge: kayenta-judge, NetflixACAJudge and
// MannWhitneyClassifier, in github.com/spinnaker/kayenta. Of the interval it is the large-sample
// form that is computed here.
type Kayenta struct {
	minutes
	Confidence float64 // of the interval of the shift, above 0 and below 1
	Tolerance  float64 // the part of the shift that the lower end has to exceed, 0..1
	// Points is how many minutes each arm needs; fewer are no data, and the rollout is held.
	Points int
}

// UsualKayenta is Kayenta as it comes.
func UsualKayenta() Kayenta { return Kayenta{Confidence: 0.98, Tolerance: 0.25, Points: 5} }

// Judge implements [engine.Judge].
func (k Kayenta) Judge(g *engine.Gate, e *engine.Evidence) engine.Verdict {
	v, decided := begin(g, e)
	if decided || !e.End {
		return v
	}
	candidate, baseline := rates(whole(&e.Candidate)), rates(whole(&e.Baseline))
	switch {
	case e.Baseline.Requests == 0: // where everybody has the new version, there is nothing to compare it with
		return pass(v, true, len(candidate))
	case min(len(candidate), len(baseline)) < k.Points:
		return pass(v, true, 0)
	}
	estimate, lower := shift(candidate, baseline, k.Confidence)
	if lower > k.Tolerance*math.Abs(estimate) {
		return fail(v, estimate, k.Tolerance*math.Abs(estimate), "the error rates of %d minutes are High beside those of %d of the baseline: a shift of %.3g, at least %.3g", len(candidate), len(baseline), estimate, lower)
	}
	return pass(v, true, len(candidate))
}

// rates are the error rates of minutes.
func rates(list []engine.MinuteCount) []float64 {
	var all []float64
	for _, m := range list {
		if m.Requests > 0 {
			all = append(all, rate(m.Errors, m.Requests))
		}
	}
	return all
}

// shift is by how much values are above others: the median of all differences (Hodges and
// Lehmann), and the lower end of its interval.
func shift(values, others []float64, confidence float64) (estimate, lower float64) {
	differences := make([]float64, 0, len(values)*len(others))
	for _, a := range values {
		for _, b := range others {
			differences = append(differences, a-b)
		}
	}
	slices.Sort(differences)
	n := len(differences)
	estimate = (differences[(n-1)/2] + differences[n/2]) / 2
	z := math.Sqrt2 * math.Erfinv(confidence)
	half := float64(z * math.Sqrt(float64(n)*float64(len(values)+len(others)+1)/12))
	at := int(math.Floor(float64(n)/2 - half))
	if at < 1 {
		return estimate, math.Inf(-1)
	}
	return estimate, differences[at-1]
}
