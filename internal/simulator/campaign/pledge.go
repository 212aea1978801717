package campaign

import (
	"fmt"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// What is promised of rollouts, in the words of a proof.
const (
	ofRolledBack = "rolled back"
	ofHeld       = "held on evidence"
	ofAdopted    = "adopted"
	ofBetter     = "found better: " // and the metric
	ofMissed     = "got through"
)

// testLevel is how often a test finds what is not there, and mostMissed how often a
// regression that has to be found may get through.
const (
	testLevel  = 0.05
	mostMissed = 0.05
)

// Pledge is that something happens in at most a share of the runs of a case, and what was
// shown of it.
type Pledge struct {
	Of    string  `json:"of"`
	Most  float64 `json:"most"` // 0..1
	Share Share   `json:"seen"`
	Shown Shown   `json:"shown"`

	is func(o *outcome) bool
}

// pledges are what is promised of c.
func (c *Case) pledges() []Pledge {
	switch {
	case c.Mode != engine.Sequential:
		return nil
	case c.Finds:
		return []Pledge{{Of: ofMissed, Most: mostMissed, is: func(o *outcome) bool { return o.ending == scenario.Succeeded }}}
	case !c.Identical() || c.ErrorRate > nearCap*c.Cap+1e-12:
		return nil
	}
	turned := Pledge{Of: ofRolledBack, Most: alphaOf, is: func(o *outcome) bool { return o.turned }}
	held := Pledge{Of: ofHeld, Most: 2 * alphaOf, is: func(o *outcome) bool { return o.accused }}
	if c.Strategy != engine.ABTesting {
		if c.Forgets { // then nobody knows whose requests they are
			return nil
		}
		return []Pledge{turned, held}
	}
	turned.is = func(o *outcome) bool { return o.ended }
	all := []Pledge{turned}
	if !c.Forgets {
		all = append(all, held)
	}
	all = append(all, Pledge{Of: ofAdopted, Most: testLevel, is: func(o *outcome) bool { return o.ending == scenario.Succeeded }})
	for _, m := range c.spec().Resolve().ABTesting.DecisionMetrics {
		all = append(all, Pledge{Of: ofBetter + string(m), Most: testLevel, is: func(o *outcome) bool { return slices.Contains(o.better, m) }})
	}
	return all
}

// count fills p with the outcomes that count.
func (p *Pledge) count(outcomes []outcome) {
	seen, of := 0, 0
	for i := range outcomes {
		if o := &outcomes[i]; !o.outside {
			of++
			if p.is(o) {
				seen++
			}
		}
	}
	p.Share = shareOf(p.Of, seen, of)
	p.Shown = shown(p.Share, p.Most)
}

// String is the promise, and what was shown of it.
func (p *Pledge) String() string { return p.Of + " " + promised(p.Most, p.Shown) }

// worstOf is what was shown of all pledges: the least that was shown of any.
func worstOf(pledges []Pledge) Shown {
	worst := NothingPromised
	for _, order := range []Shown{Kept, NotRefuted, Broken} {
		if slices.ContainsFunc(pledges, func(p Pledge) bool { return p.Shown == order }) {
			worst = order
		}
	}
	return worst
}

// checkedOf are the pledges of c.
func checkedOf(what string, pledges []Pledge) []Checked {
	var all []Checked
	for i := range pledges {
		all = append(all, Checked{fmt.Sprintf("%s: %s", what, pledges[i].Of), promised(pledges[i].Most, pledges[i].Shown), pledges[i].Shown})
	}
	return all
}
