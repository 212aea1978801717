package live

import (
	"fmt"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// The plugin that is rolled out, where, and what runs at the start.
const (
	Plugin      = "payment"
	Environment = engine.Staging
	Installed   = "1.5.0"
)

// Policy is how a version is rolled out.
type Policy struct {
	Name     string
	Strategy engine.Strategy
	own      string // the strategy's settings, as a deployment has them
	HCL      string // the same, as the resource has them
}

// Policies are one of each strategy, with stages of seconds instead of minutes.
func Policies() []Policy {
	return []Policy{
		{
			"Canary", engine.Canary,
			`"canaryConfig": {"stages": [10, 50, 100], "evaluationPeriod": "PT10S", "thresholds": {"maxTenantErrorRate": 0.1}}`,
			`canary = { stages = [10, 50, 100], evaluation_period = "10s", thresholds = { max_tenant_error_rate = 0.1 } }`,
		},
		{
			"Blue-Green, gradual", engine.BlueGreen,
			`"blueGreenConfig": {"warmupPeriod": "PT3S", "switchoverType": "Gradual", "switchoverPeriod": "PT12S", "monitoringPeriod": "PT8S", "keepPreviousEnvironment": false}`,
			`blue_green = { warmup_period = "3s", switchover_type = "Gradual", switchover_period = "12s", monitoring_period = "8s", keep_previous_environment = false }`,
		},
		{
			"Rolling", engine.Rolling,
			`"rollingConfig": {"batchSize": "25%", "waitBetweenBatches": "PT6S"}`,
			`rolling = { batch_size = "25%", wait_between_batches = "6s" }`,
		},
		{
			"Direct", engine.Direct,
			`"directConfig": {"validationPeriod": "PT10S"}`,
			`direct = { validation_period = "10s" }`,
		},
		{
			"A/B", engine.ABTesting,
			`"abConfig": {"trafficSplit": {"A": 50, "B": 50}, "testDuration": "PT30S"}`,
			`ab_testing = { traffic_split = { a = 50, b = 50 }, test_duration = "30s" }`,
		},
	}
}

// PolicyOf is the one of a strategy.
func PolicyOf(strategy engine.Strategy) Policy {
	for _, p := range Policies() {
		if p.Strategy == strategy {
			return p
		}
	}
	panic("no policy of " + string(strategy))
}

// Deployment is what is asked of a server: the policy, of a version.
func (p *Policy) Deployment(version string) ([]byte, engine.Spec, error) {
	text := fmt.Appendf(nil, `{"pluginId": %q, "environment": %q, "version": %q, "strategy": %q, %s}`, Plugin, Environment, version, p.Strategy, p.own)
	spec, err := engine.DecodeSpec(text)
	return text, spec, err
}
