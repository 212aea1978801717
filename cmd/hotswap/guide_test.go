package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var blocks = regexp.MustCompile("(?s)```console\n(.*?)```")

// TestGuideOfTheCommandLine runs every command that the guide shows, and finds every
// command that there is in it.
func TestGuideOfTheCommandLine(t *testing.T) {
	data, err := os.ReadFile("../../templates/guides/command-line.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	guide := string(data)
	library, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	alone(t)
	t.Chdir(t.TempDir())
	if err := os.Symlink(library, "examples"); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	for _, block := range blocks.FindAllStringSubmatch(guide, -1) {
		for _, line := range strings.Split(strings.TrimSpace(block[1]), "\n") {
			var out bytes.Buffer
			if code := run(context.Background(), strings.Fields(line)[1:], &out, &out); code != 0 {
				t.Errorf("%s: exit %d\n%s", line, code, out.String())
			}
		}
	}
	for _, c := range root(&console{}).Commands() {
		if name := c.Name(); name != "help" && name != "completion" && !strings.Contains(guide, "`hotswap "+name) {
			t.Errorf("the guide does not have %s", name)
		}
	}
	var view bytes.Buffer
	(&liveScreen{canvas{c: &console{out: &view, size: func() (int, int) { return 100, 50 }}}, &scripted{}}).show(views["bake"](), nil, nil)
	if shows := strings.ReplaceAll("    "+strings.ReplaceAll(strings.TrimSpace(strings.ReplaceAll(view.String(), "\x1b[2K", "")), "\n", "\n    "), "\n    \n", "\n\n"); !strings.Contains(guide, shows) {
		t.Errorf("the guide does not have the view\n%s", shows)
	}
	for _, e := range exits {
		if row := fmt.Sprintf("| %d | %s |", e.code, e.means); e.code >= exitRolledBack && e.code != exitStopped && !strings.Contains(guide, row) {
			t.Errorf("the guide does not have %s", row)
		}
	}
}
