package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

var scripts = regexp.MustCompile("(?s)```sh\n(.*?)```\n\n```text\n(.*?)```")

// TestGuideOfTheBenchmark runs the commands of the guide as they are written, and a rule that
// knows nothing of the engine on what they leave. How many it rolls back is the simulator's to
// say, and not the guide's.
func TestGuideOfTheBenchmark(t *testing.T) {
	for _, tool := range []string{"sh", "awk"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	data, err := os.ReadFile("../../templates/guides/benchmark.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, block := range blocks.FindAllStringSubmatch(string(data), -1) {
		for line := range strings.SplitSeq(strings.TrimSpace(block[1]), "\n") {
			var out bytes.Buffer
			if code := run(t.Context(), strings.Fields(line)[1:], &out, &out); code != exitFine {
				t.Fatalf("%s: exit %d\n%s", line, code, out.String())
			}
		}
	}
	found := scripts.FindAllStringSubmatch(string(data), -1)
	if len(found) == 0 {
		t.Fatal("the guide has no rule")
	}
	count := regexp.MustCompile(`\b[0-9]+ of (1[0-9]|20)\b`)
	for _, script := range found {
		out, err := exec.Command("sh", "-c", script[1]).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		got, want := count.ReplaceAllString(string(out), "N of N"), count.ReplaceAllString(script[2], "N of N")
		if got != want || !strings.Contains(want, "N of N") {
			t.Errorf("the rule says %s, want %s", out, script[2])
		}
	}
	for _, name := range []string{"cells.json", "direct.csv", "direct.yaml"} {
		if info, err := os.Stat("bench/" + name); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
