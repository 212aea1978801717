package provider

import (
	"fmt"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// comparedText is what was observed against what is allowed.
func comparedText(f engine.Finding) string {
	m, observed, allowed := engine.Metric(f.Metric), f.Observed, f.Allowed
	switch {
	case m == engine.ErrorRatio && f.Infinite:
		return fmt.Sprintf("%s above the old version's, which does not err", m.Name())
	case m == engine.ErrorRatio:
		return fmt.Sprintf("%s %s times the old version's, allowed is at most %s times", m.Name(), engine.Significant(observed), engine.Significant(allowed))
	}
	bound := "at most"
	if !m.LowerIsBetter() {
		bound = "at least"
	}
	return fmt.Sprintf("%s %s, allowed is %s %s", m.Name(), m.Text(observed), bound, m.Text(allowed))
}
