package rules

import "github.com/hotswap-io/terraform-provider-hotswap/internal/engine"

// Independent is the engine's sequential judge without what makes it hold: it takes requests
// for independent of each other, whatever minute and tenant they are of, as most rules do. What
// it finds sooner is the price of soundness.
type Independent struct {
	Alpha     float64 // of a stage
	MinEffect float64 // relative worsening that is tolerated
}

// UsualIndependent has the engine's defaults: a quarter of alpha a stage.
func UsualIndependent() Independent { return Independent{Alpha: 0.0025, MinEffect: 0.25} }

// Wants implements [engine.Wanter].
func (Independent) Wants() (candidate, baseline engine.Want) {
	return engine.WantCounts, engine.WantCounts
}

// Judge implements [engine.Judge].
func (j Independent) Judge(g *engine.Gate, e *engine.Evidence) engine.Verdict {
	if g.Smoke {
		return engine.SequentialJudge{}.Judge(g, e)
	}
	own, naive := *g, *e
	own.Mode, own.Alpha, own.MinEffect = engine.Sequential, j.Alpha, j.MinEffect
	naive.Noise = 0
	if x := e.Expected; x != nil {
		sure := *x
		sure.DoubtCandidate, sure.DoubtBaseline = 0, 0
		naive.Expected = &sure
	}
	return engine.SequentialJudge{}.Judge(&own, &naive)
}
