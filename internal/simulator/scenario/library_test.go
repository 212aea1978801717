package scenario

import (
	"bufio"
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// TestLibrary plays every scenario of the library twice: it must be as expected,
// break no promise, and leave the same trace, the second time with the world saved
// and loaded wherever somebody speaks or a process dies.
func TestLibrary(t *testing.T) {
	files, err := filepath.Glob("../../../examples/scenarios/*.yaml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d scenarios, %v", len(files), err)
	}
	shown, fired := map[simulator.FaultKind]bool{}, map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			s, err := Read(file)
			if err != nil {
				t.Fatal(err)
			}
			if s.Expect.Outcome == "" && s.Expect.WarningContains == "" {
				t.Error("nothing is expected of it")
			}
			for _, f := range s.Faults {
				shown[f.Kind] = true
			}
			r, err := Run(t.Context(), s, s.Seed, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, failure := range r.Failures() {
				t.Error(failure)
			}
			if t.Failed() {
				for _, e := range r.Events {
					t.Log(e.At.Sub(r.Start()), r.Plan.Line(e))
				}
			}
			for _, what := range r.Fired {
				fired[what] = true
			}
			for _, p := range r.Idle() {
				if meantFor := map[string]string{
					"behaviour-cold-warmed-up":          "never showed", // that nobody notices is what it is about
					"lesson-12-abort-after-promotion":   "was refused",
					"lesson-15-no-way-back-after-final": "was refused",
				}; !strings.HasSuffix(p.String(), cmp.Or(meantFor[strings.TrimSuffix(filepath.Base(file), ".yaml")], "nothing")) {
					t.Errorf("it shows nothing: %v", p)
				}
			}
			again, err := Run(t.Context(), s, s.Seed, Options{Reload: true, Record: true})
			if err != nil {
				t.Fatal(err)
			}
			if again.Trace != r.Trace {
				t.Errorf("played again, the trace is %016x, not %016x", again.Trace, r.Trace)
			}
		})
	}
	for _, kind := range simulator.FaultKinds() {
		if !shown[kind] {
			t.Errorf("no scenario shows the fault %s", kind)
		}
	}
	for _, behaviour := range simulator.Conditional() {
		if !fired[behaviour] {
			t.Errorf("no scenario shows the behaviour %s", behaviour)
		}
	}
}

// TestLibraryNamesIncidents holds that each scenario begins with its incident, and
// completes in editors.
func TestLibraryNamesIncidents(t *testing.T) {
	files, err := filepath.Glob("../../../examples/scenarios/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sentence := regexp.MustCompile(`^# .{20,}[.]$`)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(data))
		lines.Scan()
		if !sentence.MatchString(lines.Text()) {
			t.Errorf("%s: the first line does not tell the incident: %s", file, lines.Text())
		}
		if lines.Scan(); !strings.HasPrefix(lines.Text(), "# yaml-language-server: $schema=") {
			t.Errorf("%s: the second line does not name the schema", file)
		}
	}
}
