package provider

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// quoted finds what a guide says that somebody is told.
var quoted = regexp.MustCompile("(?s)```text\n(.*?)```")

// TestAccDecide does what the guide "Decide" does with Terraform, command by command, and is
// told all that it quotes.
func TestAccDecide(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	programs := t.TempDir()
	if err := os.Symlink(tf.path, filepath.Join(programs, "terraform")); err != nil {
		t.Skip("no symbolic links")
	}
	tf.write("main.tf", readExample(t, filepath.Join(examples, "pipelines", "main.tf")))
	guide := readExample(t, filepath.Join(guides, "decide.md.tmpl"))
	var said strings.Builder
	for _, block := range console.FindAllStringSubmatch(guide, -1) {
		for line := range strings.SplitSeq(strings.TrimSpace(block[1]), "\n") {
			if !strings.HasPrefix(line, "terraform ") {
				continue
			}
			cmd := exec.CommandContext(t.Context(), shell, "-c", line)
			cmd.Dir, cmd.Env = tf.dir, append(tf.env, "TF_CLI_ARGS_plan=-no-color", "TF_CLI_ARGS_apply=-no-color", "PATH="+programs+string(os.PathListSeparator)+os.Getenv("PATH"))
			out, err := cmd.CombinedOutput()
			if fails := strings.Contains(line, "# exits with 1"); fails != (err != nil) {
				t.Fatalf("%s: %v\n%s", line, err, out)
			}
			said.Write(out)
		}
	}
	texts := quoted.FindAllStringSubmatch(guide, -1)
	for _, text := range texts {
		tf.says(result{output: said.String()}, strings.Split(strings.TrimSpace(text[1]), "\n\n")...)
	}
	if len(texts) < 3 {
		t.Errorf("the guide quotes %d texts", len(texts))
	}
}
