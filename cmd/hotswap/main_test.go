package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestFiles writes figures and reports to files: the same bytes for the same seed,
// whatever the number of runs at once.
func TestFiles(t *testing.T) {
	const canary = "../../examples/scenarios/guide-canary-regression.yaml"
	for _, c := range []struct {
		name string
		args []string
	}{
		{"run", []string{"simulate", canary, "--seed", "9"}},
		{"campaign", []string{"simulate", canary, "--runs", "20"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			var first [2][]byte
			for i, workers := range []string{"1", "2"} {
				report, figures := filepath.Join(dir, "report.html"), filepath.Join(dir, "figures.json")
				var out, errs bytes.Buffer
				args := append([]string{}, c.args...)
				if code := run(t.Context(), append(args, "--parallel", workers, "--report", report, "--json", figures), &out, &errs); code != exitFine {
					t.Fatalf("exit code %d\n%s%s", code, out.String(), errs.String())
				}
				for k, file := range []string{report, figures} {
					data, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					if i == 1 && !bytes.Equal(data, first[k]) {
						t.Errorf("%s differs", file)
					}
					first[k] = data
				}
			}
			if !bytes.Contains(first[0], []byte("<svg")) || !json.Valid(first[1]) {
				t.Error("there is no picture, or no JSON")
			}
		})
	}
	var out, errs bytes.Buffer
	nowhere := filepath.Join(t.TempDir(), "no", "such", "folder", "x")
	for _, flag := range []string{"--json", "--report"} {
		if code := run(t.Context(), []string{"simulate", canary, flag, nowhere}, &out, &errs); code != exitInput {
			t.Errorf("%s to nowhere: exit code %d", flag, code)
		}
	}
}

// TestInterrupted holds that an interrupt ends a campaign with a code of its own.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out, errs bytes.Buffer
	code := run(ctx, []string{"simulate", "../../examples/scenarios/guide-canary.yaml", "--runs", "100"}, &out, &errs)
	if code != exitStopped || !strings.Contains(errs.String(), "interrupted") || out.Len() > 0 {
		t.Errorf("exit code %d\n%s%s", code, out.String(), errs.String())
	}
}

// TestCompletion holds that shells get a script each.
func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"completion", shell}, &out, &errs); code != exitFine || !strings.Contains(out.String(), "hotswap") {
			t.Errorf("%s: exit code %d\n%s", shell, code, errs.String())
		}
	}
}

// TestBar draws a bar over and over on a terminal.
func TestBar(t *testing.T) {
	var b bytes.Buffer
	p := &progress{to: &b, live: true, what: "runs", elapsed: func() time.Duration { return 10 * time.Second }, quit: func() {}, shown: -1}
	for i := range 1000 {
		p.at(i+1, 1000)
	}
	p.end(1000)
	got := b.String()
	if n := strings.Count(got, "\r"); n < 150 || n > 250 {
		t.Errorf("it was drawn %d times", n)
	}
	for _, want := range []string{"[===============               ] 500 of 1000  10s left", "runs: 1000 in 10s, 100 per second\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in\n%q", want, got)
		}
	}
}

// TestColours holds that nothing is coloured but for a terminal.
func TestColours(t *testing.T) {
	if got := paint(true).red("no"); got != "\x1b[31mno\x1b[0m" {
		t.Errorf("%q", got)
	}
	if got := paint(false).red("no"); got != "no" {
		t.Errorf("%q", got)
	}
	if isTerminal(&bytes.Buffer{}) {
		t.Error("a buffer is no terminal")
	}
}

func TestWords(t *testing.T) {
	for in, want := range map[string]string{"a/b.yaml": "a/b.yaml", "it's a.yaml": `'it'\''s a.yaml'`, "": "''"} {
		if got := shellWord(in); got != want {
			t.Errorf("%q became %s, want %s", in, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0s", 1500 * time.Millisecond: "1.5s", 10 * time.Minute: "10m", 24 * time.Hour: "24h", time.Hour + 61*time.Second: "1h1m1s",
	} {
		if got := span(d); got != want {
			t.Errorf("%d became %s, want %s", d, got, want)
		}
	}
	if got := clock(time.Hour + 2*time.Minute + 3450*time.Millisecond); got != "1:02:03.4" {
		t.Error(got)
	}
}

// TestSwarm plays a small swarm, and a world of it from its file.
func TestSwarm(t *testing.T) {
	t.Chdir(t.TempDir())
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"swarm", "--runs", "30", "--seed", "2"}, &out, &errs); code != exitFine || !strings.Contains(out.String(), "all kept") {
		t.Errorf("exit code %d\n%s%s", code, out.String(), errs.String())
	}
	out.Reset()
	if code := run(t.Context(), []string{"swarm", "--world", "42"}, &out, &errs); code != exitFine {
		t.Fatalf("exit code %d", code)
	}
	if err := os.WriteFile("world.yaml", out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if code := run(t.Context(), []string{"simulate", "world.yaml", "--check"}, &out, &errs); code != exitFine {
		t.Errorf("exit code %d\n%s%s", code, out.String(), errs.String())
	}
}
