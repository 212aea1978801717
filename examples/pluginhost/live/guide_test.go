package live

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/hosttest"
)

// guide is the one whose commands are run as they are.
const guide = "docs/guides/real-processes.md"

var fences = regexp.MustCompile("(?s)```(console|terraform)\n(.*?)```")

// TestGuide runs every command of the guide in a folder of its own, word for word but for what
// was built for the other tests.
func TestGuide(t *testing.T) {
	if testing.Short() {
		t.Skip("real processes take minutes")
	}
	path, err := terraformPath()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root(), guide))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	guideFolder(t, dir, path)
	var script strings.Builder
	script.WriteString("set -euo pipefail\nset -m\n")
	n := 0
	for _, f := range fences.FindAllStringSubmatch(string(text), -1) {
		if f[1] == "terraform" {
			fmt.Fprintf(&script, "cat > .cache/real/main.tf <<'HCL'\n%sHCL\n", f[2])
			continue
		}
		for line := range strings.SplitSeq(strings.TrimSpace(f[2]), "\n") {
			n++
			fmt.Fprintf(&script, "echo '=== %d'\n%s\n", n, line)
		}
	}
	ports := strings.NewReplacer("127.0.0.1:8800", freePort(t), "127.0.0.1:8801", freePort(t))
	out := runScript(t, dir, ports.Replace(script.String()))
	for _, want := range []string{
		"Apply complete", "olled back", "exit code 1", `"version":"1.6.0"`, `"kind":"instance"`, `"requests"`, "stopped", "tenant-007 has an error rate of 100 %",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is nowhere in what the commands say:\n%s", want, out)
		}
	}
	if n < 14 {
		t.Errorf("the guide has %d commands", n)
	}
}

// guideFolder has what the guide's first commands find in the repository, built already: make and
// go build have nothing to do then that takes long.
func guideFolder(t *testing.T, dir, terraform string) {
	t.Helper()
	folder, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"bin", ".cache/pluginhost", "path"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	link := func(from, to string) {
		if err := os.Symlink(from, filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"hotswap", "terraform-provider-hotswap"} {
		link(filepath.Join(folder, name), filepath.Join("bin", name))
	}
	link(hosttest.Program(t), ".cache/pluginhost/pluginhost")
	link(hosttest.Catalogue(t), ".cache/pluginhost/catalogue")
	link(terraform, filepath.Join("path", "terraform"))
}

// runScript runs a script of bash, and ends all that it leaves where it fails.
func runScript(t *testing.T, dir, script string) string {
	t.Helper()
	script = strings.NewReplacer(
		"make build build-cli build-host\n", "true\n", // as programs and guideFolder did
	).Replace(script)
	cmd := exec.Command("bash")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(script)
	cmd.Env = append(os.Environ(), "PATH="+filepath.Join(dir, "path")+":"+os.Getenv("PATH"), "CHECKPOINT_DISABLE=1", "NO_COLOR=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		_ = exec.Command(filepath.Join(dir, "bin", "pluginhost"), "stop", "--state", filepath.Join(dir, ".cache", "real", "state")).Run()
	}
	if left := session(cmd.Process.Pid); len(left) > 0 {
		t.Errorf("%d processes are left over", len(left))
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// session are the processes of a session.
func session(id int) (pids []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		_, after, _ := strings.Cut(string(text), ") ") // the name may have anything in it
		var state string
		var parent, group, of, pid int
		if _, err := fmt.Sscan(after, &state, &parent, &group, &of); err != nil || of != id || state == "Z" {
			continue
		}
		if _, err := fmt.Sscanf(f, "/proc/%d/", &pid); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
