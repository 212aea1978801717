package provider

import (
	"fmt"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	tftest "github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// These tests step a configuration through its life with the plugin testing
// library, which checks after every step that the next plan is empty.

var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"hotswap": providerserver.NewProtocol6WithError(New("test")()),
}

const stepped = "hotswap_plugin_deployment.stripe"

// fleetOf is a provider with a fleet of its own, and settings a deployment's.
func fleetOf(t *testing.T) func(settings string) string {
	state := filepath.Join(t.TempDir(), "fleet")
	return func(settings string) string {
		return fmt.Sprintf(`
provider "hotswap" {
  simulated = {
    state_path = %q
    installed  = { "payment-processor-stripe" = "1.5.0" }
    versions   = { "1.7.0" = { error_rate = 0.2 } }
  }
}

resource "hotswap_plugin_deployment" "stripe" {
  plugin_id = "payment-processor-stripe"
  %s
}
`, state, settings)
	}
}

func attribute(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(stepped, tfjsonpath.New(name), want)
}

// TestAccSteps takes a deployment through create, a rollback, an update, an import
// and a destroy.
func TestAccSteps(t *testing.T) {
	config := fleetOf(t)
	production := func(version string) string {
		return config(fmt.Sprintf("environment = \"Production\"\n  version = %q", version))
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      production("1.7.0"),
				ExpectError: regexp.MustCompile(`was rolled back at stage "10%"`),
			},
			{
				Config: production("1.6.0"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(stepped, plancheck.ResourceActionCreate),
					plancheck.ExpectKnownValue(stepped, tfjsonpath.New("stages"), knownvalue.ListSizeExact(6)),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					attribute("outcome", knownvalue.StringExact("succeeded")),
					attribute("active_version", knownvalue.StringExact("1.6.0")),
					attribute("previous_version", knownvalue.StringExact("1.5.0")),
					attribute("affected_tenants", knownvalue.Int64Exact(150)),
				},
			},
			{
				Config:      production("1.7.0"),
				ExpectError: regexp.MustCompile(`everything\s+runs\s+1\.6\.0\s+as\s+before`),
			},
			{
				Config: production("1.8.0"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(stepped, plancheck.ResourceActionUpdate),
				}},
				ConfigStateChecks: []statecheck.StateCheck{attribute("active_version", knownvalue.StringExact("1.8.0"))},
			},
			{
				ResourceName:  stepped,
				ImportState:   true,
				ImportStateId: "Production/payment-processor-stripe",
				ImportStateCheck: func(states []*tftest.InstanceState) error {
					if got := states[0].Attributes["version"]; got != "1.8.0" {
						return fmt.Errorf("imported version %q", got)
					}
					return nil
				},
			},
		},
	})
}

// TestAccStepsOfStrategies creates a deployment with each strategy.
func TestAccStepsOfStrategies(t *testing.T) {
	for strategy, environment := range map[string]string{
		"Direct": "Development", "Canary": "Production", "BlueGreen": "Production", "Rolling": "Staging",
	} {
		t.Run(strategy, func(t *testing.T) {
			config := fleetOf(t)
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config: config(fmt.Sprintf("environment = %q\n  version = \"1.6.0\"\n  strategy = %q", environment, strategy)),
					ConfigStateChecks: []statecheck.StateCheck{
						attribute("outcome", knownvalue.StringExact("succeeded")),
						attribute("status", knownvalue.StringExact("succeeded")),
					},
				}},
			})
		})
	}
}
