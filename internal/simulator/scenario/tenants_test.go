package scenario_test

import (
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Tenants with listed weights, who come and go, are written as they are read, and what is
// wrong with them is said where it stands.
func TestTenantsOfAScenario(t *testing.T) {
	const text = "tenants: {count: 20, weights: [40, 0.5], churn: 0.1}\ninstalled: 1.5.0\ndeployment: {plugin_id: p, environment: Production, version: 1.6.0, strategy: Direct}\n"
	s, err := scenario.Parse("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if w := s.World; len(w.TenantWeights) != 2 || w.TenantWeights[0] != 40 || w.TenantChurn != 0.1 {
		t.Errorf("it is read as %v and %g", w.TenantWeights, w.TenantChurn)
	}
	again, err := scenario.Parse("f", s.Encode())
	if err != nil || string(again.Encode()) != string(s.Encode()) || !strings.Contains(string(s.Encode()), "weights: [40, 0.5]") {
		t.Errorf("it is written as %s, %v", s.Encode(), err)
	}
	for wrong, want := range map[string]string{
		"{weights: [1, 0]}":           "tenants.weights[1]: 0 is not in 0.000001..1000000",
		"{weights: [-3]}":             "tenants.weights[0]: -3 is not in 0.000001..1000000",
		"{weights: [.inf]}":           "tenants.weights[0]",
		"{count: 1, weights: [1, 2]}": "tenants.weights: 2 weights are more than there are tenants, 1",
		"{churn: 3}":                  "tenants.churn: 3 is not in 0..1",
	} {
		_, err := scenario.Parse("f", []byte(strings.Replace(text, "{count: 20, weights: [40, 0.5], churn: 0.1}", wrong, 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, and not %q", wrong, err, want)
		}
	}
}
