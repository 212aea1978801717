package provider

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// quick is a rollout that is done at once.
const quick = "strategy = \"Direct\"\n direct = { validation_period = \"1s\" }"

const readServed = `
data "hotswap_fleet" "f" {
  environment   = "Production"
  plugin_id     = "stripe"
  with_tenants  = true
  tenants_limit = 100
  depends_on    = [hotswap_plugin_deployment.stripe]
}

data "hotswap_fleet" "rest" {
  environment   = "Production"
  plugin_id     = "stripe"
  with_tenants  = true
  tenants_after = data.hotswap_fleet.f.tenants_next
}

data "hotswap_rollout" "r" {
  environment = "Production"
  plugin_id   = "stripe"
  depends_on  = [hotswap_plugin_deployment.stripe]
}

output "read" {
  value = join(" ", [
    data.hotswap_fleet.f.active_version, length(data.hotswap_fleet.f.instances), data.hotswap_fleet.f.tenant_count,
    length(toset(concat(data.hotswap_fleet.f.tenants[*].id, data.hotswap_fleet.rest.tenants[*].id))),
    data.hotswap_rollout.r.rollout_id, data.hotswap_rollout.r.phase, data.hotswap_rollout.r.candidate, length(data.hotswap_rollout.r.events) > 5,
  ])
}
`

// TestAccServedVariables has no block for the provider, or an empty one: the environment
// says all.
func TestAccServedVariables(t *testing.T) {
	t.Parallel()
	tf, s := newTerraform(t), serveFleet(t, usualFleet(""))
	tf.env = append(tf.env, endpointVariable+"="+s.url, "HOTSWAP_TOKEN_FILE="+s.token)
	tf.write("main.tf", strings.ReplaceAll(servedBlock(""), "provider \"hotswap\" {\n  \n}\n", "")+resourceBlock("1.6.0", quick))
	if strings.Contains(readExample(t, filepath.Join(tf.dir, "main.tf")), `provider "hotswap"`) {
		t.Fatal("there is a block")
	}
	tf.good(tf.apply())
	tf.expect(map[string]any{"status": "succeeded", "active_version": "1.6.0"})
	tf.write("main.tf", servedBlock("")+resourceBlock("1.6.0", quick))
	tf.quiet()
}

// TestAccServedSecrets: whatever is logged, credentials are not in it.
func TestAccServedSecrets(t *testing.T) {
	t.Parallel()
	tf, s := newTerraform(t), serveFleet(t, usualFleet(""), "--log.level", "debug")
	log := filepath.Join(t.TempDir(), "log")
	tf.env = append(tf.env, "TF_LOG=DEBUG", "TF_LOG_PATH="+log)
	secrets := []string{s.secret(), "a-header-that-is-secret", "a-password-that-is-secret", "a-client-secret-that-is-secret"}
	tf.write("main.tf", servedBlock(fmt.Sprintf(`fleet = {
    endpoint = %q
    token    = %q
    headers  = { X-Scope-OrgID = %q }
  }`, s.url, secrets[0], secrets[1]))+resourceBlock("1.6.0", quick))
	output := tf.good(tf.apply()).output
	// Credentials that are of no use to this fleet, and so end in errors.
	for _, of := range []string{
		fmt.Sprintf("basic_auth = { username = \"anna\", password = %q }", secrets[2]),
		fmt.Sprintf("oauth2 = { client_id = \"anna\", client_secret = %q, token_url = \"%s/token\" }", secrets[3], s.url),
	} {
		tf.write("main.tf", servedBlock(fmt.Sprintf("fleet = {\n endpoint = %q\n %s\n }", s.url, of))+resourceBlock("1.6.0", quick))
		output += tf.bad(tf.run("plan", "-no-color")).output
	}
	said := map[string]string{"log": readExample(t, log), "output": output, "state": readExample(t, filepath.Join(tf.dir, "terraform.tfstate")), "server's log": s.errs.String()}
	if !strings.Contains(said["log"], "provider.terraform-provider-hotswap") {
		t.Error("the provider logs nothing")
	}
	for _, secret := range secrets {
		for where, text := range said {
			if strings.Contains(text, secret) {
				t.Errorf("%s is in the %s", secret, where)
			}
		}
	}
}
