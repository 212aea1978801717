package provider

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAccPolicies asks the policies of the guide of a plan that keeps to them and of one
// that does not, with the real OPA.
func TestAccPolicies(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.write("main.tf", readExample(t, filepath.Join(examples, "policies", "main.tf")))
	tf.good(tf.run("plan", "-no-color", "-out=plan"))
	if out, code := tf.opa(t); code != 0 || strings.TrimSpace(out) != "undefined" {
		t.Errorf("exit %d: %s", code, out)
	}
	greedy := []string{"-var", "stages=[50,100]"}
	tf.bad(tf.run(append([]string{"plan", "-no-color"}, greedy...)...), "The first stage may expose 15 % of the traffic at most.")
	tf.good(tf.run(append([]string{"plan", "-no-color", "-out=plan", "-var", "most_at_first=100"}, greedy...)...))
	out, code := tf.opa(t)
	if code != 1 || !strings.Contains(out, "hotswap_plugin_deployment.stripe: stage 50% exposes 48.103 % of the traffic first, and 15 % is the most") {
		t.Errorf("exit %d: %s", code, out)
	}
	guide := readExample(t, filepath.Join(guides, "policies.md.tmpl"))
	if !strings.Contains(guide, strings.TrimSpace(out)) {
		t.Errorf("the guide says something else than %s", out)
	}
}

// opa asks the policy of the guide of the file plan, as the guide says to.
func (tf *terraform) opa(t *testing.T) (out string, code int) {
	t.Helper()
	opa, err := filepath.Abs(filepath.Join("..", "..", ".cache", "bin", "opa"))
	if err == nil {
		_, err = os.Stat(opa)
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no .cache/bin/opa: make .cache/bin/opa builds it")
		}
		t.Skip("there is no .cache/bin/opa: make test builds it")
	}
	rules, err := filepath.Abs(filepath.Join(examples, "policies", "rollout.rego"))
	if err != nil {
		t.Fatal(err)
	}
	shown := tf.good(tf.run("show", "-json", "plan"))
	plan := filepath.Join(t.TempDir(), "plan.json")
	if err := os.WriteFile(plan, []byte(shown.output), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), opa, "eval", "--fail-defined", "--format", "pretty", "--data", rules, "--input", plan, "data.rollout.deny[_]")
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return b.String(), cmd.ProcessState.ExitCode()
}

// console finds the blocks of commands in a guide.
var console = regexp.MustCompile("(?s)```console\n(.*?)```")

// TestAccQuickStart does what the guide says, command by command, on a provider that
// make install put where terraform finds it.
func TestAccQuickStart(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.write("main.tf", readExample(t, filepath.Join(examples, "quick-start", "main.tf")))
	home := tf.install(t)
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	if err := os.Symlink(tf.path, filepath.Join(home, "terraform")); err != nil {
		t.Skip("no symbolic links")
	}
	n := 0
	for _, block := range console.FindAllStringSubmatch(readExample(t, filepath.Join(guides, "quick-start.md.tmpl")), -1) {
		for _, line := range strings.Split(strings.TrimSpace(block[1]), "\n") {
			n++
			cmd := exec.CommandContext(t.Context(), shell, "-c", line)
			cmd.Dir = tf.dir
			cmd.Env = append(os.Environ(), "HOME="+home, "TF_CLI_CONFIG_FILE=/dev/null", "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1",
				"PATH="+home+string(os.PathListSeparator)+os.Getenv("PATH"))
			out, err := cmd.CombinedOutput()
			if fails := strings.Contains(line, "# exits with 1"); fails != (err != nil) {
				t.Fatalf("%s: %v\n%s", line, err, out)
			}
		}
	}
	if n < 8 {
		t.Errorf("the guide has only %d commands", n)
	}
}

// install puts the provider into a home folder of its own, as make install does.
func (tf *terraform) install(t *testing.T) (home string) {
	t.Helper()
	home = t.TempDir()
	cmd := exec.CommandContext(t.Context(), "make", "-C", filepath.Join("..", ".."), "build", "install", "VERSION=0.0.0-dev", "PROVIDER="+filepath.Join(home, "provider"))
	cmd.Env = append(os.Environ(), "HOME="+home, "GOPATH="+goEnv(t, "GOPATH"), "GOCACHE="+goEnv(t, "GOCACHE"), "GOMODCACHE="+goEnv(t, "GOMODCACHE"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return home
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// TestAccPipelines follows the guide: a held rollout fails the job until somebody decides,
// and a test expects a rollback, in a folder that is new for each.
func TestAccPipelines(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.write("main.tf", readExample(t, filepath.Join(examples, "pipelines", "main.tf")))
	tf.write(filepath.Join("tests", "rollback.tftest.hcl"), readExample(t, filepath.Join(examples, "pipelines", "tests", "rollback.tftest.hcl")))
	tf.good(tf.apply())
	bad := []string{"-var", "release=1.7.0"}
	for range 2 {
		tf.bad(tf.apply(bad...), `payment-processor-stripe 1.7.0 is held at stage "10%"`, `rollout_id = "payment-processor-stripe-production-2"`)
	}
	decision := regexp.MustCompile(`-var '(decision=[^']*)'`).FindStringSubmatch(readExample(t, filepath.Join(guides, "pipelines.md.tmpl")))
	if decision == nil {
		t.Fatal("the guide has no decision")
	}
	tf.says(tf.good(tf.apply(append(bad, "-var", decision[1])...)), "was rolled back, as asked", "asked for by anna", "too many refunds")
	tf.env = append(tf.env, statePathVariable+"="+t.TempDir())
	tf.says(tf.good(tf.run("test", "-no-color")), "2 passed, 0 failed")
}
