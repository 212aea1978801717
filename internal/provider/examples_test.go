package provider

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const examples = "../../examples"

// TestAccExamples applies every example with the real terraform. The files of one
// folder are alternatives, so each stands alone beside the provider's example.
func TestAccExamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(examples, "*", "*", "*.tf"))
	if err != nil || len(files) < 9 {
		t.Fatalf("examples: %v %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.ToSlash(strings.TrimPrefix(file, examples+string(filepath.Separator))), func(t *testing.T) {
			t.Parallel()
			tf := newTerraform(t)
			tf.write("provider.tf", readExample(t, filepath.Join(examples, "provider", "provider.tf")))
			tf.write("main.tf", readExample(t, file))
			tf.good(tf.run("validate", "-no-color"))
			tf.good(tf.apply())
			tf.quiet()
			tf.good(tf.destroy())
		})
	}
}

// TestAccFailingExample applies the example that is meant to fail.
func TestAccFailingExample(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.write("main.tf", readExample(t, filepath.Join(examples, "resources", deploymentType, "failing_canary", "main.tf")))
	tf.bad(tf.apply(), `payment-processor-stripe 1.7.0 was rolled back at stage "10%"`, "error rate", "15 of 150 tenants", "everything runs 1.5.0 as before")
	if tf.attributes(deploymentType+".stripe") != nil {
		t.Error("the create that was rolled back left a state")
	}
}

// TestAccImportExample follows the example of an import.
func TestAccImportExample(t *testing.T) {
	t.Parallel()
	tf := newTerraform(t)
	tf.write("provider.tf", readExample(t, filepath.Join(examples, "provider", "provider.tf")))
	tf.write("main.tf", readExample(t, filepath.Join(examples, "resources", deploymentType, "resource.tf")))
	lines := strings.Split(strings.TrimSpace(readExample(t, filepath.Join(examples, "resources", deploymentType, "import.sh"))), "\n")
	args := strings.Fields(lines[len(lines)-1])
	tf.good(tf.run(append([]string{args[1], "-no-color"}, args[2:]...)...))
	tf.expect(map[string]any{"version": "1.5.0", "active_version": "1.5.0"})
}

// TestAccConnectionExamples validates the blocks of real fleets, in the example and in the
// guide.
func TestAccConnectionExamples(t *testing.T) {
	t.Parallel()
	required := "terraform {\n  required_providers {\n    hotswap = { source = \"hotswap-io/hotswap\" }\n  }\n}\n"
	blocks := []string{required + readExample(t, filepath.Join(examples, "provider", "fleet.tf"))}
	guide := readExample(t, filepath.Join("..", "..", "templates", "guides", "connect-your-fleet.md.tmpl"))
	for _, found := range regexp.MustCompile("(?s)```terraform\n(.*?)```").FindAllStringSubmatch(guide, -1) {
		blocks = append(blocks, required+found[1])
	}
	if len(blocks) != 3 {
		t.Fatalf("there are %d blocks", len(blocks))
	}
	for _, block := range blocks {
		tf := newTerraform(t)
		tf.write("main.tf", block)
		tf.good(tf.run("validate", "-no-color"))
	}
}

func readExample(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
