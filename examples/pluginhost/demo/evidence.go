package demo

import (
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// point is how much speaks against a candidate at a time: of the check that is nearest to its
// proof, as decimal logarithms of odds.
type point struct {
	At       float64 `json:"at"` // seconds since the rollout began
	Evidence float64 `json:"evidence"`
	Boundary float64 `json:"boundary"` // 0: nothing speaks against it
	Metric   string  `json:"metric,omitempty"`
	Detail   string  `json:"detail,omitempty"`
}

// pointOf is that of a rollout now.
func pointOf(d *contract.Detail) point {
	v := d.Verdict
	if d.Now != nil && d.Now.Verdict != nil && d.Phase != string(engine.PhaseRollingBack) {
		v = d.Now.Verdict
	}
	p := point{At: d.At.Sub(d.StartedAt).Seconds()}
	if v == nil {
		return p
	}
	for _, f := range v.Findings {
		if f.Boundary > 0 && (p.Boundary == 0 || f.Evidence/f.Boundary > p.Evidence/p.Boundary) {
			p.Evidence, p.Boundary, p.Metric, p.Detail = f.Evidence, f.Boundary, f.Metric, f.Detail
		}
	}
	return p
}
