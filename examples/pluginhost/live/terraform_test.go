package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// terraformPath is the terraform that the repository's tests take; it is built where there is none.
var terraformPath = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path, nil
	}
	out, err := exec.Command(filepath.Join(root(), "tools", "terraform.sh")).Output()
	return strings.TrimSpace(string(out)), err
})

// terraform is a working folder with a configuration of its own.
type terraform struct {
	t    testing.TB
	path string
	dir  string
	env  []string
}

// newTerraform has the provider as it is here, and none of the settings of who runs this.
func newTerraform(t testing.TB) *terraform {
	t.Helper()
	path, err := terraformPath()
	if err != nil {
		t.Fatalf("there is no terraform, and it cannot be built: %v", err)
	}
	provider, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	rc := filepath.Join(dir, "cli.tfrc")
	text := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"registry.terraform.io/hotswap-io/hotswap\" = %q\n  }\n  direct {}\n}\n", provider)
	if err := os.WriteFile(rc, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"TF_CLI_CONFIG_FILE=" + rc, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0", "NO_COLOR=1"}
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "HOTSWAP_") {
			env = append(env, v)
		}
	}
	return &terraform{t: t, path: path, dir: dir, env: env}
}

// write writes the configuration: who is asked to roll a policy's version out.
func (tf *terraform) write(who string, p Policy, version string) {
	tf.t.Helper()
	text := fmt.Sprintf(`terraform {
  required_providers {
    hotswap = { source = "hotswap-io/hotswap" }
  }
}

provider "hotswap" {
  %s
}

resource "hotswap_plugin_deployment" "payment" {
  plugin_id   = %q
  environment = %q
  version     = %q
  strategy    = %q
  %s
  wait_for_completion = true
}
`, who, Plugin, Environment, version, p.Strategy, p.HCL)
	if err := os.WriteFile(filepath.Join(tf.dir, "main.tf"), []byte(text), 0o600); err != nil {
		tf.t.Fatal(err)
	}
}

// start starts an apply in a group of its own.
func (tf *terraform) start() (cmd *exec.Cmd, said *bytes.Buffer) {
	tf.t.Helper()
	said = &bytes.Buffer{}
	cmd = exec.Command(tf.path, "apply", "-auto-approve", "-no-color")
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = tf.dir, tf.env, said, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		tf.t.Fatal(err)
	}
	return cmd, said
}

// apply applies, and says what terraform said and whether it succeeded.
func (tf *terraform) apply() (said string, ok bool) {
	tf.t.Helper()
	cmd, out := tf.start()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		tf.t.Fatal(err)
	}
	return out.String(), err == nil
}

// deployed is what a state has of the resource.
type deployed struct {
	Outcome       string `json:"outcome"`
	ActiveVersion string `json:"active_version"`
	Rollout       string `json:"rollout_id"`
}

// deployed is what the state has of it.
func (tf *terraform) deployed() (values deployed) {
	tf.t.Helper()
	cmd := exec.Command(tf.path, "show", "-json")
	cmd.Dir, cmd.Env = tf.dir, tf.env
	out, err := cmd.Output()
	if err != nil {
		tf.t.Fatal(err)
	}
	var state struct {
		Values struct {
			Root struct {
				Resources []struct{ Values json.RawMessage }
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal(out, &state); err != nil {
		tf.t.Fatal(err)
	}
	for _, r := range state.Values.Root.Resources {
		if err := json.Unmarshal(r.Values, &values); err != nil {
			tf.t.Fatal(err)
		}
	}
	return values
}

// The two ways to roll out: terraform walks itself, or the server does.
const (
	byFleet  = "fleet"
	byServer = "controller"
)

// block is the provider's block of a way.
func (r *Rig) block(way string) string {
	if way == byServer {
		return fmt.Sprintf("controller = { endpoint = \"http://%s\", token_file = %q }", r.Stack.ServerAt, r.Stack.AdminToken())
	}
	text := fmt.Sprintf("fleet = { endpoint = \"http://%s\", token_file = %q }", r.Stack.ManagerAt, r.Stack.TokenFile())
	if r.Stack.Prometheus != nil {
		text += fmt.Sprintf("\n  prometheus = { address = \"http://%s\" }", r.Stack.PrometheusAt)
	}
	return text
}

// newest is the rollout of the plugin that began last, as who has its journal says.
func (r *Rig) newest(ctx context.Context, way string) (string, error) {
	if way == byServer {
		page, err := r.Stack.Client.Rollouts(ctx, nil)
		if err != nil || len(page.Items) == 0 {
			return "", errors.Join(err, errors.New("the server has no rollout"))
		}
		return page.Items[0].ID, nil
	}
	w, done, err := r.fleet()
	if err != nil {
		return "", err
	}
	defer done()
	heads, err := w.Journals().List(ctx, Environment, Plugin, first())
	if err != nil || len(heads) == 0 {
		return "", errors.Join(err, errors.New("the fleet has no rollout"))
	}
	return heads[0].Rollout, nil
}
