package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// These tests run the real terraform against the real provider binary, each in a
// folder of its own. They run where TF_ACC is set, as acceptance tests do.

// binary builds the provider, and the command that serves fleets, once for all tests.
var binary = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "hotswap-provider-"); err != nil {
		return "", err
	}
	built = dir
	const module = "github.com/hotswap-io/terraform-provider-hotswap"
	cmd := exec.Command("go", "build", "-o", dir+string(filepath.Separator), module, module+"/cmd/hotswap")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}

var built string // the folder of the binary, to be removed at the end

// terraform is one working folder.
type terraform struct {
	t    testing.TB
	path string // of the terraform binary
	dir  string
	env  []string
}

// result is what became of one command.
type result struct {
	code   int
	output string // stdout and stderr
}

func newTerraform(t testing.TB) *terraform {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}
	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if path == "" {
		var err error
		if path, err = exec.LookPath("terraform"); err != nil {
			t.Skip("there is no terraform")
		}
	}
	provider, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	settings := filepath.Join(dir, "cli.tfrc")
	// An address of OpenTofu's own registry for the same source, where it runs the test.
	override := `provider_installation {
  dev_overrides {
    "registry.terraform.io/hotswap-io/hotswap" = "` + filepath.ToSlash(provider) + `"
    "registry.opentofu.org/hotswap-io/hotswap" = "` + filepath.ToSlash(provider) + `"
  }
  direct {}
}
`
	if err := os.WriteFile(settings, []byte(override), 0o600); err != nil {
		t.Fatal(err)
	}
	work := filepath.Join(dir, "work")
	if err := os.Mkdir(work, 0o755); err != nil {
		t.Fatal(err)
	}
	env := []string{"TF_CLI_CONFIG_FILE=" + settings, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0", "NO_COLOR=1"}
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !strings.HasPrefix(name, "TF_") && name != statePathVariable {
			env = append(env, v)
		}
	}
	return &terraform{t: t, path: path, dir: work, env: env}
}

// write puts a file into the working folder.
func (tf *terraform) write(name, text string) {
	tf.t.Helper()
	path := filepath.Join(tf.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tf.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tf.t.Fatal(err)
	}
}

func (tf *terraform) command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	out := &bytes.Buffer{}
	cmd := exec.Command(tf.path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = tf.dir, tf.env, out, out
	return cmd, out
}

func (tf *terraform) run(args ...string) result {
	tf.t.Helper()
	cmd, out := tf.command(args...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		tf.t.Fatal(err)
	}
	return result{code: cmd.ProcessState.ExitCode(), output: out.String()}
}

func (tf *terraform) apply(args ...string) result {
	tf.t.Helper()
	return tf.run(append([]string{"apply", "-auto-approve", "-no-color"}, args...)...)
}

func (tf *terraform) destroy() result {
	tf.t.Helper()
	return tf.run("destroy", "-auto-approve", "-no-color")
}

// good fails the test where the command failed.
func (tf *terraform) good(r result) result {
	tf.t.Helper()
	if r.code != 0 {
		tf.t.Fatalf("exit code %d:\n%s", r.code, r.output)
	}
	return r
}

// bad fails the test where the command did not fail, or does not say all parts.
func (tf *terraform) bad(r result, parts ...string) result {
	tf.t.Helper()
	if r.code == 0 {
		tf.t.Fatalf("the command did not fail:\n%s", r.output)
	}
	tf.says(r, parts...)
	return r
}

// says looks for texts, however terraform wrapped them.
func (tf *terraform) says(r result, parts ...string) {
	tf.t.Helper()
	text := flat(r.output)
	for _, p := range parts {
		if !strings.Contains(text, flat(p)) {
			tf.t.Errorf("%q is not in:\n%s", p, r.output)
		}
	}
}

// saysNot looks for texts that have no business there, in whatever case.
func (tf *terraform) saysNot(r result, parts ...string) {
	tf.t.Helper()
	text := strings.ToLower(flat(r.output))
	for _, p := range parts {
		if strings.Contains(text, strings.ToLower(flat(p))) {
			tf.t.Errorf("%q is in:\n%s", p, r.output)
		}
	}
}

func flat(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(s)), " ")
}

// quiet checks that a plan has nothing to do.
func (tf *terraform) quiet() {
	tf.t.Helper()
	if r := tf.run("plan", "-detailed-exitcode", "-no-color"); r.code != 0 {
		tf.t.Fatalf("the next plan is not empty (exit code %d):\n%s", r.code, r.output)
	}
}

// attributes are those of a resource in the state; nil where it is not there.
func (tf *terraform) attributes(address string) map[string]any {
	tf.t.Helper()
	cmd, out := tf.command("show", "-json")
	errOut := &bytes.Buffer{}
	cmd.Stderr = errOut
	if err := cmd.Run(); err != nil {
		tf.t.Fatalf("%v: %s", err, errOut)
	}
	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address string         `json:"address"`
					Values  map[string]any `json:"values"`
					Tainted bool           `json:"tainted"`
				} `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	if err := json.Unmarshal(out.Bytes(), &state); err != nil {
		tf.t.Fatalf("%v: %s", err, out)
	}
	for _, r := range state.Values.RootModule.Resources {
		if r.Address == address {
			r.Values["tainted"] = r.Tainted
			return r.Values
		}
	}
	return nil
}

// expect compares attributes of the resource that the tests call stripe.
func (tf *terraform) expect(want map[string]any) {
	tf.t.Helper()
	got := tf.attributes(deploymentType + ".stripe")
	if got == nil {
		tf.t.Fatal("the resource is not in the state")
	}
	for name, v := range want {
		if got[name] != v {
			tf.t.Errorf("%s = %v, want %v", name, got[name], v)
		}
	}
}

// background is a command in a process group of its own, as a shell or a CI runner
// starts it.
type background struct {
	tf  *terraform
	cmd *exec.Cmd
	out *bytes.Buffer
}

func (tf *terraform) start(args ...string) *background {
	tf.t.Helper()
	cmd, out := tf.command(args...)
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		tf.t.Fatal(err)
	}
	tf.t.Cleanup(func() { _ = signalGroup(cmd, syscall.SIGKILL) })
	return &background{tf: tf, cmd: cmd, out: out}
}

// signal sends a signal to the whole process group: terraform and its providers.
func (b *background) signal(s syscall.Signal) {
	b.tf.t.Helper()
	if err := signalGroup(b.cmd, s); err != nil {
		b.tf.t.Fatal(err)
	}
}

// wait waits for the end, which has to come within limit.
func (b *background) wait(limit time.Duration) result {
	b.tf.t.Helper()
	done := make(chan error, 1)
	go func() { done <- b.cmd.Wait() }()
	select {
	case <-done:
	case <-after(limit):
		b.tf.t.Fatalf("terraform did not return within %s:\n%s", limit, b.out)
	}
	return result{code: b.cmd.ProcessState.ExitCode(), output: b.out.String()}
}

// until polls for a condition.
func (b *background) until(what string, condition func() bool) {
	b.tf.t.Helper()
	for range 600 {
		if condition() {
			return
		}
		pause(50 * time.Millisecond)
	}
	b.tf.t.Fatalf("%s did not happen:\n%s", what, b.out)
}
