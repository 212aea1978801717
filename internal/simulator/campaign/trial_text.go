package campaign

import (
	"fmt"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Markdown is the proof as a table.
func (p *TestProof) Markdown() string {
	var b strings.Builder
	b.WriteString("| B beside A | tenants | requests/s and tenant | judge | knows the day before | runs | B found better | B adopted | 95 % interval | promise |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
	for _, t := range p.Trials {
		prior, found := "no", percent(t.Found.Share)
		if t.Prior {
			prior = "yes"
		}
		if t.Mode == engine.Threshold {
			prior, found = "-", "-"
		}
		fmt.Fprintf(&b, "| %s | %d | %g | %s | %s | %d | %s | %s | %s..%s | %s |\n", t.Truth, t.Tenants, t.PerTenant, t.Mode, prior, t.Runs,
			found, percent(t.Adopted.Share), percent(t.Adopted.Low), percent(t.Adopted.High), t.promise())
	}
	return b.String()
}

func (t Trial) promise() string { return promised(t.Most, t.Promise) }
