package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// varies are what differs from one session to another.
var varies = []struct {
	is *regexp.Regexp
	as string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z`), "TIME"},
	{regexp.MustCompile(`"(requests|errors)":\d+`), `"$1":N`},
}

func settled(text string) string {
	for _, v := range varies {
		text = v.is.ReplaceAllString(text, v.as)
	}
	return strings.TrimSpace(text)
}

// TestSessionOfTheGuide plays the session of the guide "Connect your fleet" with the real
// curl, and gets the answers that are written there.
func TestSessionOfTheGuide(t *testing.T) {
	for _, tool := range []string{"bash", "curl", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	data, err := os.ReadFile("../../templates/guides/connect-your-fleet.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	guide := string(data)
	command := regexp.MustCompile(`(?m)^hotswap serve (.*) --listen 127\.0\.0\.1:8080 --state fleet$`).FindStringSubmatch(guide)
	if command == nil {
		t.Fatal("the guide does not start a server")
	}
	args := strings.Fields(strings.ReplaceAll(command[1], "examples/", "../../examples/"))
	dir := t.TempDir()
	s := start(t, append(args, "--listen", "127.0.0.1:0", "--state", filepath.Join(dir, "fleet"))...)
	var script strings.Builder
	var commands, answers []string
	for _, block := range blocks.FindAllStringSubmatch(guide, -1) {
		for line := range strings.SplitSeq(strings.TrimSpace(block[1]), "\n") {
			if c, ok := strings.CutPrefix(line, "$ "); ok {
				commands, answers = append(commands, c), append(answers, "")
			} else {
				answers[len(answers)-1] += line + "\n"
			}
		}
	}
	for i, c := range commands {
		fmt.Fprintf(&script, "%s\necho; echo '--- %d'\n", strings.ReplaceAll(c, "http://127.0.0.1:8080", s.url), i)
	}
	cmd := exec.Command("bash", "-euo", "pipefail")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(script.String())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rest := string(out)
	for i, want := range answers {
		got, after, _ := strings.Cut(rest, fmt.Sprintf("--- %d\n", i))
		rest = after
		if settled(got) != settled(want) {
			t.Errorf("$ %s\ngot  %s\nwant %s", commands[i], settled(got), settled(want))
		}
	}
	if len(commands) < 8 {
		t.Errorf("the guide has %d commands", len(commands))
	}
}
