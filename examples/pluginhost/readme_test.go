package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/hosttest"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/load"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

var fences = regexp.MustCompile("(?s)```console\n(.*?)```")

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReadme pastes the blocks of the README into one bash, in their order and word for word but
// for the folder and the ports, which are the test's own. Nothing may be left of them.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds two programs, and runs them for a minute")
	}
	dir := filepath.Join(t.TempDir(), "h")
	var script strings.Builder
	script.WriteString("set -euo pipefail\nset -m\n")
	blocks := fences.FindAllStringSubmatch(readme(t), -1)
	for n, block := range blocks {
		if n == len(blocks)-1 { // which takes the log away
			fmt.Fprintf(&script, "cat %s/manager.log\n", dir)
		}
		fmt.Fprintf(&script, "echo '=== %d'\n%s", n+1, block[1])
	}
	words := []string{"/tmp/host", dir}
	for _, port := range []string{"8080", "8081", "8800", "8801"} {
		words = append(words, "127.0.0.1:"+port, freeAddress(t))
	}
	out := pasted(t, dir, strings.NewReplacer(words...).Replace(script.String()))
	for _, want := range []string{
		"answers, with version 1.6.0", "served by 1.5.0", "served by 1.6.0", "127 of 136 clauses hold, 9 are left out", "stopped", "fleet=Staging/payment", "fleet=Development/conformance",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is nowhere", want)
		}
	}
	for _, bad := range []string{load.ReasonTransport, wire.ReasonNoVersion, "of nobody", "listen=127.0.0.1:0"} {
		if strings.Contains(out, bad) {
			t.Errorf("%q is there", bad)
		}
	}
	if _, err := os.Stat(dir); len(blocks) < 4 || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after %d blocks the folder: %v", len(blocks), err)
	}
	if t.Failed() {
		t.Log(out)
	}
}

// TestReasonsAreTold: the README has a line for each word that a report has for why.
func TestReasonsAreTold(t *testing.T) {
	for _, reason := range []string{
		wire.ReasonPlugin, wire.ReasonTimeout, wire.ReasonCrashed, wire.ReasonNoVersion, wire.ReasonDraining, wire.ReasonNobody, wire.ReasonLost, load.ReasonTransport,
	} {
		if !strings.Contains(readme(t), "\n| `"+reason+"` | ") {
			t.Errorf("%s is in no table", reason)
		}
	}
}

// pasted runs a script from the folder of the repository, and ends all that it leaves.
func pasted(t *testing.T, dir, script string) string {
	t.Helper()
	cmd := exec.Command("bash")
	cmd.Dir, cmd.Stdin = filepath.Dir(filepath.Dir(hosttest.Source())), strings.NewReader(script)
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false", "NO_COLOR=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil { // its instances and routers have sessions of their own
		_ = exec.Command(hosttest.Program(t), "stop", "--state", filepath.Join(dir, "fleet")).Run()
	}
	left, _ := exec.Command("pgrep", "-f", dir+"/").Output()
	for pid := range strings.FieldsSeq(string(left)) {
		var n int
		if _, scanned := fmt.Sscan(pid, &n); scanned == nil {
			t.Errorf("process %d is left over", n)
			_ = syscall.Kill(n, syscall.SIGKILL)
		}
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// freeAddress is one on loopback that nobody listens on now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
