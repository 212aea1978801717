package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
)

// speed is what a golden file cannot hold: how fast the machine was.
var speed = regexp.MustCompile(`(?m)in \S+, [0-9]+ per second$`)

// TestGolden runs the command lines of testdata, with scenarios that are written
// there or in the library, and compares everything that they print. To write them
// anew: go test ./cmd/hotswap -run TestGolden -rewrite.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	library, err := filepath.Abs("../../examples/scenarios")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		path, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.Symlink(library, "scenarios"); err != nil {
				t.Skip("no symbolic links here:", err)
			}
			datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
				switch d.Cmd {
				case "file":
					if err := os.WriteFile(d.CmdArgs[0].Key, []byte(d.Input), 0o644); err != nil {
						t.Fatal(err)
					}
					return ""
				case "hotswap":
					_, line, _ := strings.Cut(d.Input, "hotswap ")
					return command(t, strings.Fields(line))
				}
				t.Fatalf("%s: there is no command %s", d.Pos, d.Cmd)
				return ""
			})
		})
	}
}

// command is everything that a command line prints, and its exit code.
func command(t *testing.T, args []string) string {
	t.Helper()
	var out, errs bytes.Buffer
	c, to := newConsole(strings.NewReader(""), &out, &errs)
	c.timer = func() time.Duration { return 0 } // progress has no lines that tell of a slow machine
	code := c.run(t.Context(), args, to)
	var b strings.Builder
	b.WriteString(out.String())
	if errs.Len() > 0 {
		fmt.Fprintf(&b, "stderr:\n%s", speed.ReplaceAllString(errs.String(), "in TIME"))
	}
	fmt.Fprintf(&b, "exit %d\n", code)
	return b.String()
}
