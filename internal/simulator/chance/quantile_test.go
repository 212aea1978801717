package chance

import (
	"math"
	"testing"
)

// A quantile is exceeded with the chance that is left.
func TestQuantile(t *testing.T) {
	for _, p := range []float64{1e-9, 1e-6, 0.001, 0.0242, 0.0243, 0.1, 0.3, 0.5, 0.7, 0.9, 0.9757, 0.9758, 0.999, 1 - 1e-6} {
		if got := UpperTail(Quantile(p)); math.Abs(got/(1-p)-1) > 1e-7 {
			t.Errorf("the quantile of %g, %g, is exceeded with a chance of %g", p, Quantile(p), got)
		}
	}
}
