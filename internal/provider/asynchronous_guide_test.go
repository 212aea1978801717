//go:build unix

package provider

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var exitsWith = regexp.MustCompile(`# exits with (\d+)$`)

// TestAccAsynchronousGuide does what the guide says, command by command and in one shell, beside a
// server of the guide's own configuration, at a port that is free.
func TestAccAsynchronousGuide(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close() // for the server
	here := func(text string) string { return strings.ReplaceAll(text, "127.0.0.1:8700", address) }
	for _, name := range []string{"main.tf", "hotswap.yaml", "fleet.yaml"} {
		tf.write(name, here(readExample(t, filepath.Join(examples, "asynchronous", name))))
	}
	s := &servedServer{t: t, dir: tf.dir, config: "hotswap.yaml", errs: &bytes.Buffer{}}
	s.start()
	t.Cleanup(s.kill)

	guide := readExample(t, filepath.Join(guides, "asynchronous.md.tmpl"))
	var script strings.Builder
	n := 0
	for _, block := range console.FindAllStringSubmatch(guide, -1) {
		for _, line := range strings.Split(strings.TrimSpace(here(block[1])), "\n") {
			n++
			code := "0"
			if found := exitsWith.FindStringSubmatch(line); found != nil {
				code = found[1]
			}
			fmt.Fprintf(&script, "%s\nis=$?; if [ $is != %s ]; then echo \"exit $is, want %s: line %d of the guide's commands\"; exit 99; fi\n", line, code, code, n)
		}
	}
	if n < 11 {
		t.Errorf("the guide has only %d commands", n)
	}
	out := tf.script(script.String())
	for _, text := range regexp.MustCompile("(?s)```text\n(.*?)```").FindAllStringSubmatch(guide, -1) {
		if !strings.Contains(flat(out), flat(text[1])) {
			t.Errorf("%q is not in:\n%s", text[1], out)
		}
	}
}

// script runs a script with terraform and hotswap on the path.
func (tf *terraform) script(text string) string {
	tf.t.Helper()
	programs, err := binary()
	if err != nil {
		tf.t.Fatal(err)
	}
	cmd := exec.Command("bash", "-c", text)
	cmd.Dir = tf.dir
	cmd.Env = append(append([]string{}, tf.env...), "TF_CLI_ARGS=-no-color", "PATH="+strings.Join([]string{filepath.Dir(tf.path), programs, os.Getenv("PATH")}, string(os.PathListSeparator)))
	out, err := cmd.CombinedOutput()
	if err != nil {
		tf.t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}
