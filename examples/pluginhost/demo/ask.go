package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/stack"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// settings are those of each strategy, in the words of the deployment: short stages, because
// somebody is looking on.
var settings = map[engine.Strategy]string{
	engine.Direct:    `"directConfig": {"validationPeriod": "PT10S"}`,
	engine.Canary:    `"canaryConfig": {"stages": [10, 50, 100], "evaluationPeriod": "PT10S", "thresholds": {"maxTenantErrorRate": 0.1}}`,
	engine.BlueGreen: `"blueGreenConfig": {"warmupPeriod": "PT3S", "switchoverType": "Gradual", "switchoverPeriod": "PT10S", "monitoringPeriod": "PT8S", "keepPreviousEnvironment": false}`,
	engine.Rolling:   `"rollingConfig": {"batchSize": "25%", "waitBetweenBatches": "PT6S"}`,
	engine.ABTesting: `"abConfig": {"trafficSplit": {"A": 50, "B": 50}, "testDuration": "PT40S"}`,
}

// strategies are those in the order of the page.
var strategies = []engine.Strategy{engine.Canary, engine.BlueGreen, engine.Rolling, engine.Direct, engine.ABTesting}

// deployment is what is asked for.
func deployment(version string, strategy engine.Strategy) (json.RawMessage, engine.Spec, error) {
	own, known := settings[strategy]
	if !known {
		return nil, engine.Spec{}, fmt.Errorf("strategy: %q is none of %v", strategy, strategies)
	}
	text := fmt.Appendf(nil, `{"pluginId": %q, "environment": %q, "version": %q, "strategy": %q, %s}`, plugin, environment, version, strategy, own)
	spec, err := engine.DecodeSpec(text)
	return text, spec, err
}

// roll starts a rollout, and asks the simulator what will come of it.
func (d *demo) roll(ctx context.Context, version string, strategy engine.Strategy) (string, error) {
	if !slices.Contains(d.names(), version) {
		return "", fmt.Errorf("version: %q is none of %v", version, d.names())
	}
	text, spec, err := deployment(version, strategy)
	if err != nil {
		return "", err
	}
	serves, err := d.serving(ctx)
	if err != nil {
		return "", err
	}
	r, err := d.stack.Client.Start(ctx, environment, plugin, stack.Secret(), contract.Ask{Deployment: text})
	if err != nil {
		return "", err
	}
	go d.predict(d.life, r.ID, spec, serves) // who asked from the page does not wait for it
	return r.ID, nil
}

// follow shows the newest rollout, as the server tells it, until ctx is done.
func (d *demo) follow(ctx context.Context) {
	for ctx.Err() == nil {
		if page, err := d.stack.Client.Rollouts(ctx, nil); err == nil && len(page.Items) > 0 {
			if detail, err := d.stack.Client.Show(ctx, page.Items[0].ID, true); err == nil {
				d.board.show(detail)
			}
		} // else the server is away, which the page shows
		select {
		case <-ctx.Done():
		case <-time.After(300 * time.Millisecond):
		}
	}
}
