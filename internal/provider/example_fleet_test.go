package provider

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// startExampleFleet starts the fleet of examples/fleet-http, and gives its address. 1.2.0
// is a version that fails there.
func startExampleFleet(t *testing.T, token string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "fleet-http")
	if out, err := exec.Command("go", "build", "-o", program, "./"+filepath.ToSlash(filepath.Join(examples, "fleet-http"))).CombinedOutput(); err != nil {
		t.Fatal(string(out))
	}
	cmd := exec.Command(program, "-listen", "127.0.0.1:0", "-takes", "200ms", "-bad", "1.2.0")
	cmd.Env = append(cmd.Environ(), "FLEET_TOKEN="+token)
	says, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // which it has no answer to
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(says).ReadString('\n')
	_, address, ok := strings.Cut(strings.TrimSpace(line), "answering on ")
	if err != nil || !ok {
		t.Fatalf("it said %q, %v", line, err)
	}
	return address
}

// TestAccExampleFleet rolls a good version out over the example fleet, and a bad one back,
// with the configuration that stands beside it.
func TestAccExampleFleet(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	const token = "a-token-that-is-a-secret"
	const usual = `"http://127.0.0.1:8088"`
	config := readExample(t, filepath.Join(examples, "fleet-http", "main.tf"))
	if strings.Count(config, usual) != 1 {
		t.Fatalf("the example does not have %s once", usual)
	}
	tf.write("main.tf", strings.Replace(config, usual, `"`+startExampleFleet(t, token)+`"`, 1))
	tf.env = append(tf.env, "HOTSWAP_TOKEN="+token)
	tf.says(tf.good(tf.apply()), `outcome = "succeeded"`)
	tf.quiet()
	tf.bad(tf.apply("-var", "plugin_version=1.2.0"), `checkout 1.2.0 was rolled back`, "error rate")
	tf.says(tf.good(tf.apply()), `outcome = "succeeded"`)
}
