package traffic

import (
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/meanwhile"
)

// Beside counts the tenants of two arms in a span, one arm beside the other, before both are
// measured there: of very many that takes half the time. What is counted is the same without.
func (f *Flow) Beside(want engine.Want, arms [2]Arm, span Span) {
	if f.roster.Len() < meanwhile.Few || want&(engine.WantByTenant|engine.WantTenants) == 0 {
		return
	}
	var crowds [2]*crowd
	for i, arm := range arms {
		c := f.crowdFor(arm.Version, arm.Baseline, span.lo, span.hi)
		if !c.started && f.isPrior(c, span.lo, span.hi) {
			return
		}
		if c.start(f, span.lo); span.lo > c.from {
			return // it has windows to forget
		}
		c.high.gather(f, span.hi, func(p *part) bool { return c.mine(&f.classes[p.class]) })
		crowds[i] = c
	}
	first := meanwhile.Do(func() bool { crowds[0].high.flush(); return true })
	crowds[1].high.flush()
	first()
}
