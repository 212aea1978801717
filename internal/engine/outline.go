package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Outline identifies what of a plan somebody approves: versions, strategy, and of each stage
// its name, whom it reaches, how long it takes, its gate, and whether it holds or is final. It
// does not depend on the rollout's id, on which targets are first, nor on the traffic, so that
// two plans that were made a moment apart for a fleet that did not change have the same one.
func (p *Plan) Outline() string {
	type row struct {
		Name               string
		Tenants, Instances int
		Settle, Bake       time.Duration
		Gate               string
		Hold, Final        bool
	}
	rows := make([]row, len(p.Stages))
	for i := range p.Stages {
		s := &p.Stages[i]
		rows[i] = row{s.Name, s.Exposure.Tenants, s.Exposure.Instances, s.Settle, s.Bake, s.Gate.String(), s.Hold, s.NoWayBack()}
	}
	sum := sha256.Sum256(inJSON(struct {
		Environment         Environment
		Plugin              string
		Baseline, Candidate string
		Restores            string
		Strategy            Strategy
		Rows                []row
	}{p.Spec.Environment, p.Spec.PluginID, p.Baseline, p.Candidate, p.Restores, p.Spec.Strategy, rows}))
	return hex.EncodeToString(sum[:])
}
