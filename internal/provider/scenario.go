package provider

import (
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// readScenario reads a scenario from a file. Each thing that is wrong with it is said
// of the attribute that names the file, with its line and column. What is rolled out on
// the fleet is said in the configuration.
func readScenario(file string, at path.Path) (s *scenario.Scenario, diags diag.Diagnostics) {
	if file == "" {
		diags.AddAttributeError(at, invalidScenario, "scenario: is empty: leave it out for none.")
		return nil, diags
	}
	s, err := scenario.ReadFleet(file)
	var ps scenario.Problems
	switch {
	case errors.As(err, &ps):
		for _, p := range ps {
			diags.AddAttributeError(at, invalidScenario, p.Error()+".")
		}
	case err != nil:
		diags.AddAttributeError(at, "Cannot read the scenario", engine.Visible(err.Error())+". A relative path is looked up in the working directory.")
	}
	return s, diags
}

const invalidScenario = "Invalid scenario"
