package provider

import (
	"strings"
	"testing"
)

const exposureRead = `
data "hotswap_exposure" "all" {
  environment = "Production"
  plugin_id   = "stripe"
  rollout_id  = one(hotswap_plugin_deployment.stripe[*].rollout_id)
}

data "hotswap_exposure" "page" {
  environment   = "Production"
  plugin_id     = "stripe"
  rollout_id    = data.hotswap_exposure.all.rollout_id
  tenants_after = data.hotswap_exposure.all.tenants[9].id
  tenants_limit = 3
}

output "told" {
  value = join(" ", [
    data.hotswap_exposure.all.known ? "known" : "unknown",
    data.hotswap_exposure.all.tenant_count,
    length([for t in data.hotswap_exposure.all.tenants : t if t.requests > 0 && t.to == null]),
    sum(data.hotswap_exposure.all.tenants[*].errors) > 5 ? "errors" : "fine",
    length(data.hotswap_exposure.all.instances),
    data.hotswap_exposure.page.tenants[0].id == data.hotswap_exposure.all.tenants[10].id ? "next" : "another",
    length(data.hotswap_exposure.page.tenants),
    data.hotswap_exposure.page.tenants_next == data.hotswap_exposure.all.tenants[12].id ? "more" : "end",
  ])
}
`

// TestAccExposure reads who met a version that is held after its first stage, and who met
// one that was rolled out to all at once.
func TestAccExposure(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.write("main.tf", fleetBlock("")+resourceBlock("9.9.9", "canary = { auto_rollback = false }")+exposureRead)
	tf.good(tf.apply())
	tf.says(tf.run("output", "-raw", "told"), "known 15 15 errors 10 next 3 more")

	tf = newTerraform(t)
	tf.write("main.tf", fleetBlock("")+resourceBlock("1.6.0", `strategy = "Direct"`)+exposureRead)
	tf.good(tf.apply())
	r := tf.run("output", "-raw", "told")
	// Its tenants are those that sent a request in the few seconds that it took.
	if !strings.Contains(r.output, "known 14") {
		t.Error(r.output)
	}
}
