package catalogue

import (
	"fmt"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin"
)

// The most that a plugin is made to do.
const (
	mostLatencyMS = 600_000
	mostLeak      = 64 << 20
)

// Check is what is wrong with a behaviour, each problem after a prefix.
func Check(prefix string, b plugin.Behaviour) []string {
	var problems []string
	share := func(name string, x float64) {
		if !(x >= 0 && x <= 1) {
			problems = append(problems, fmt.Sprintf("%s%s: %v is not in 0..1", prefix, name, x))
		}
	}
	share("errorRate", b.ErrorRate)
	share("conversionRate", b.ConversionRate)
	share("panicRate", b.PanicRate)
	if !(b.LatencyMS >= 0 && b.LatencyMS <= mostLatencyMS) {
		problems = append(problems, fmt.Sprintf("%slatencyMs: %v is not in 0..%d", prefix, b.LatencyMS, mostLatencyMS))
	}
	if b.LeakBytes < 0 || b.LeakBytes > mostLeak {
		problems = append(problems, fmt.Sprintf("%sleakBytes: %d is not in 0..%d", prefix, b.LeakBytes, mostLeak))
	}
	return problems
}

// CheckProbes is an error where probes is nothing that they can be made to say.
func CheckProbes(probes string) error {
	switch probes {
	case "", "ok", "fail":
		return nil
	}
	return fmt.Errorf("probes: %q is none of \"ok\", \"fail\" and \"\"", probes)
}
