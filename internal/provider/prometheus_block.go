package provider

import (
	"context"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom"
)

// prometheusBlockSchema is the block prometheus: who counts the traffic of a real fleet.
func prometheusBlockSchema() schema.Attribute {
	attributes := connectionSchema(prometheusVariables)
	attributes["address"] = schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "Address of the Prometheus, Thanos or Mimir: what comes before `/api/v1`. Or the environment variable `HOTSWAP_PROMETHEUS_ADDRESS`. No default.",
	}
	attributes["queries"] = schema.MapAttribute{
		Optional: true, ElementType: types.StringType,
		MarkdownDescription: "Selectors of your own metrics, by name, as templates: `requests = \"app_requests_total{plugin=\\\"{{.Plugin}}\\\"}\"`. `\"\"` is not asked for. " +
			"[Which there are](guides/measure-with-prometheus). Default: those of the convention there.",
	}
	attributes["params"] = schema.MapAttribute{
		Optional: true, ElementType: types.StringType,
		MarkdownDescription: "Parameters that go along with every question, such as `partial_response = \"false\"`. Default: none.",
	}
	for name, what := range map[string]string{"version": "version", "instance": "id of the instance", "slot": "slot", "outcome": "outcome", "tenant": "tenant"} {
		attributes[name+"_label"] = schema.StringAttribute{
			Optional: true, MarkdownDescription: "Label that has the " + what + ". Default: that of the convention.",
		}
	}
	attributes["scrape_interval"] = schema.StringAttribute{
		Optional: true, CustomType: durationType{}, MarkdownDescription: "Time between samples, up to `1h`. Default: read off the samples.",
	}
	attributes["delay"] = schema.StringAttribute{
		Optional: true, CustomType: durationType{}, MarkdownDescription: "How late samples come, beside a scrape, up to `1h`. Default `0s`.",
	}
	attributes["max_series"] = schema.Int64Attribute{
		Optional: true, MarkdownDescription: "Series that a query may select, 1 to 1000000: more are taken for a mistake in it. Default `100000`.",
	}
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "A Prometheus that counts the traffic of the fleet, where the fleet itself does not. " +
			"Each setting has an environment variable, `HOTSWAP_PROMETHEUS_` and its path in capitals. Default: the fleet counts, or the one of the environment variables.",
		Attributes: attributes,
	}
}

// readPrometheus reads who counts; nil: the fleet does.
func (m *providerModel) readPrometheus(ctx context.Context, version string, getenv func(string) string, diags *diag.Diagnostics) *prom.Settings {
	if m.Prometheus.IsNull() && getenv(prometheusVariables+"ADDRESS") == "" {
		return nil
	}
	r := reach{block: blockOf(m.Prometheus, "prometheus"), variables: prometheusVariables, getenv: getenv, diags: diags}
	s := prom.Settings{
		Settings: r.settings("address", "terraform-provider-hotswap/"+version), Queries: r.texts("queries"), Params: r.texts("params"),
		Labels: prom.Labels{
			Version: r.text("version_label"), Instance: r.text("instance_label"), Slot: r.text("slot_label"), Outcome: r.text("outcome_label"), Tenant: r.text("tenant_label"),
		},
		ScrapeInterval: r.duration("scrape_interval"), Delay: r.duration("delay"), MaxSeries: r.whole("max_series"),
		Notes: func(text string) { tflog.Debug(context.WithoutCancel(ctx), "prometheus: "+text) },
	}
	s.MaxConcurrency = m.concurrency(diags)
	return &s
}

// whole is a setting that is a whole number; 0: nobody says.
func (r *reach) whole(name string) int {
	if n := r.block.whole(name); n != nil {
		return *n
	}
	said := r.getenv(r.variable(name))
	if said == "" {
		return 0
	}
	n, err := strconv.Atoi(said)
	if err != nil {
		r.wrong("is not a whole number", name)
	}
	return n
}
