package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestStrategyNames: strategies may be written as guides write them.
func TestStrategyNames(t *testing.T) {
	for name, want := range map[string]engine.Strategy{
		"canary": engine.Canary, "DIRECT": engine.Direct, "Blue-Green": engine.BlueGreen, "blue_green": engine.BlueGreen, "rolling": engine.Rolling,
		"A/B": engine.ABTesting, "A/B testing": engine.ABTesting, "ab-testing": engine.ABTesting, "ABTesting": engine.ABTesting, "a/b tests": engine.ABTesting, "hot": "hot", "": "",
	} {
		if got := strategyOf(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

// TestWriteSaysSo: who has a cell written is told where it is, and how it is played.
func TestWriteSaysSo(t *testing.T) {
	t.Chdir(t.TempDir())
	var out, errs bytes.Buffer
	args := []string{"prove", "--hard", "--cell", "whale", "--strategy", "canary", "--write"}
	if code := run(t.Context(), append(args, "w.yaml"), &out, &errs); code != exitFine || out.String() != "whale is in w.yaml, and hotswap simulate w.yaml plays it.\n" {
		t.Errorf("exit code %d\n%s%s", code, out.String(), errs.String())
	}
	written, err := os.ReadFile("w.yaml")
	if err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if code := run(t.Context(), append(args, "-", "-q"), &out, &errs); code != exitFine || !bytes.Equal(out.Bytes(), written) {
		t.Errorf("exit code %d\n%s%s", code, out.String(), errs.String())
	}
	if _, err := os.Stat(filepath.Join(".", "-")); err == nil {
		t.Error("there is a file named -")
	}
}

// TestTablesOnATerminal: no line is wider than the terminal, and nothing is lost.
func TestTablesOnATerminal(t *testing.T) {
	args := []string{"prove", "--hard", "--cell", "churn", "--runs", "2"}
	var piped, drawn, errs bytes.Buffer
	if code := run(t.Context(), args, &piped, &errs); code != exitFine || !strings.Contains(piped.String(), "| churn | Canary in") {
		t.Fatalf("exit code %d\n%s%s", code, piped.String(), errs.String())
	}
	c, to := newConsole(nil, &drawn, &errs)
	c.drawn, c.size = true, func() (int, int) { return 80, 24 }
	if code := c.run(t.Context(), args, to); code != exitFine {
		t.Fatalf("exit code %d\n%s", code, errs.String())
	}
	want := `Hard cells

churn
    Canary in 4 stages of 10m, sequential, 3 % errors against 5 %, 150 tenants ×
    1 requests/s, traffic differs by 0.83, error rates by 0.83, churn of 0.2
    rolled back 0 % (0 %..65.8 %): at most 1 %: not refuted; held on evidence
    0 % (0 %..65.8 %): at most 2 %: not refuted
    runs 2; rolled back 0 %; held 0 %; got through 100 %
`
	if !strings.HasPrefix(drawn.String(), want) {
		t.Errorf("it is\n%s\nwant\n%s", drawn.String(), want)
	}
	grid := paint(false).onScreen("| error rate | minutes differ | judge | held | promise |\n|---|---|---|---|---|\n| 1 % | no | sequential | - | at most 1 %: kept |\n", 50)
	if want := "error rate 1 %, minutes differ no, judge\nsequential\n    promise at most 1 %: kept\n"; grid != want {
		t.Errorf("it is\n%s\nwant\n%s", grid, want)
	}
	for line := range strings.Lines(drawn.String()) {
		if utf8.RuneCountInString(strings.TrimSpace(line)) > 80 {
			t.Errorf("this is too wide: %s", line)
		}
	}
}
