package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// recommendFunction is provider::hotswap::recommend_strategy.
type recommendFunction struct{}

func newRecommendFunction() function.Function { return &recommendFunction{} }

func (f *recommendFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "recommend_strategy"
}

func (f *recommendFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Recommends a deployment strategy",
		MarkdownDescription: "Walks the decision tree of the guide \"Choose a strategy\" and returns the name of a strategy, as the attribute " +
			"`strategy` of `hotswap_plugin_deployment` takes it. Where the tree leaves Direct or Canary open, few instances in Production, " +
			"it says `Canary`.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "environment", MarkdownDescription: "`Development`, `QA`, `Staging` or `Production`; of an environment with a name of its own, its `environment_kind`."},
			function.Int64Parameter{Name: "instances", MarkdownDescription: "Number of instances, 0 or more. More than 10 are many."},
			function.BoolParameter{Name: "zero_downtime", MarkdownDescription: "Whether zero downtime with instant rollback is needed."},
			function.BoolParameter{Name: "compare_versions", MarkdownDescription: "Whether the versions are to be compared."},
			function.BoolParameter{Name: "gradual_tenants", MarkdownDescription: "Whether tenants are to be moved step by step."},
		},
		Return: function.StringReturn{},
	}
}

func (f *recommendFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var environment string
	var instances int64
	var zeroDowntime, compare, gradual bool
	resp.Error = function.ConcatFuncErrors(resp.Error, req.Arguments.Get(ctx, &environment, &instances, &zeroDowntime, &compare, &gradual))
	if resp.Error != nil {
		return
	}
	if !slices.Contains(engine.Environments(), engine.Environment(environment)) {
		resp.Error = function.ConcatFuncErrors(resp.Error, function.NewArgumentFuncError(0,
			fmt.Sprintf("%q is not one of Development, QA, Staging, Production: of an environment with a name of its own, give the kind.", engine.Shortened(environment))))
	}
	if instances < 0 {
		resp.Error = function.ConcatFuncErrors(resp.Error, function.NewArgumentFuncError(1, fmt.Sprintf("%d is not at least 0.", instances)))
	}
	if resp.Error != nil {
		return
	}
	advice := engine.Recommend(engine.Situation{
		ZeroDowntime: zeroDowntime, CompareVersions: compare, GradualTenants: gradual,
		Environment: engine.Environment(environment), Instances: int(min(instances, 1<<30)),
	})
	resp.Error = resp.Result.Set(ctx, types.StringValue(string(advice.Strategy)))
}
