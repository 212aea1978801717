package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const canary = "installed: 1.5.0\ndeployment: {plugin_id: p, environment: Production, version: 1.6.0, strategy: Canary}\n"

// TestStandardInput: every command that reads a file reads the standard input where it
// is named -.
func TestStandardInput(t *testing.T) {
	for _, args := range [][]string{
		{"simulate", "-"}, {"simulate", "-", "--runs", "3"}, {"plan", "-"}, {"validate", "-"}, {"tune", "-", "--runs", "1"},
	} {
		var out, errs bytes.Buffer
		text := canary + "tune: {stages: [[10, 100]], evaluation_periods: [1m], modes: [threshold], most_missed: 1, most_good_stopped: 1, most_false_rollback: 1}\n"
		if code := runWith(t.Context(), args, strings.NewReader(text), &out, &errs); code != exitFine {
			t.Errorf("%v: exit code %d\n%s%s", args, code, out.String(), errs.String())
		}
		errs.Reset()
		if code := runWith(t.Context(), args, strings.NewReader("flet: 3\n"+text), &out, &errs); code != exitInput || !strings.Contains(errs.String(), "-:1:1: flet: is not a key") {
			t.Errorf("%v, wrong: exit code %d\n%s", args, code, errs.String())
		}
	}
	var out, errs bytes.Buffer
	if code := runWith(t.Context(), []string{"simulate", "-"}, strings.NewReader(strings.Repeat("# without end\n", 1<<20)), &out, &errs); code != exitInput || !strings.Contains(errs.String(), "a scenario has at most") {
		t.Errorf("exit code %d\n%.200s", code, errs.String())
	}
}

// full is an output that takes so many bytes and no more, as a full disk or a pipe that
// nobody reads.
type full struct{ left int }

func (f *full) Write(data []byte) (int, error) {
	if len(data) > f.left {
		n := f.left
		f.left = 0
		return n, errors.New("no space left")
	}
	f.left -= len(data)
	return len(data), nil
}

// TestOutputThatCannotBeWritten: who cannot be told what came of it must not believe
// that all is well.
func TestOutputThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "canary.yaml")
	if err := os.WriteFile(file, []byte(canary), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"simulate", file},
		{"simulate", file, "--json", "-"},
		{"simulate", file, "--runs", "3"},
		{"simulate", file, "--runs", "3", "--junit", "-"},
		{"plan", file},
		{"validate", file},
		{"diff", file, file, "--runs", "2"},
		{"swarm", "--runs", "3"},
		{"swarm", "--world", "3"},
		{"prove", "--runs", "1", "--error-rates", "0.02", "--per-tenant", "0.1", "--spreads", "0", "--noises", "0", "--good"},
		{"--help"},
		{"--version"},
	} {
		for _, room := range []int{0, 5} {
			var errs bytes.Buffer
			code := runWith(t.Context(), args, nil, &full{room}, &errs)
			if code != exitUnwritten || !strings.Contains(errs.String(), "the output cannot be written: no space left") {
				t.Errorf("%v: exit code %d\n%s", args, code, errs.String())
			}
		}
	}
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here")
	}
	for _, flag := range []string{"--json", "--junit", "--markdown", "--report"} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"simulate", file, flag, "/dev/full"}, &out, &errs); code != exitUnwritten {
			t.Errorf("%s: exit code %d\n%s", flag, code, errs.String())
		}
	}
}

// TestQuiet: nothing is printed but what a flag asks for, and problems.
func TestQuiet(t *testing.T) {
	file := filepath.Join(t.TempDir(), "canary.yaml")
	if err := os.WriteFile(file, []byte(canary+"expect: {outcome: held}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"simulate", file, "--quiet"}, exitUnexpected},
		{[]string{"-q", "simulate", file, "--runs", "3"}, exitUnexpected},
		{[]string{"validate", file, "-q"}, exitFine},
		{[]string{"plan", file, "-q"}, exitFine},
		{[]string{"diff", file, file, "--runs", "2", "-q"}, exitFine},
	} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), c.args, &out, &errs); code != c.code || out.Len()+errs.Len() > 0 {
			t.Errorf("%v: exit code %d\n%s%s", c.args, code, out.String(), errs.String())
		}
	}
	var out, errs bytes.Buffer
	if run(t.Context(), []string{"simulate", file, "-q", "--json", "-"}, &out, &errs); !json.Valid(out.Bytes()) {
		t.Errorf("%s", out.String())
	}
	if code := run(t.Context(), []string{"simulate", file, "--json", "-", "--junit", "-"}, &out, &errs); code != exitInput || !strings.Contains(errs.String(), "--junit: the standard output is that of --json") {
		t.Errorf("exit code %d\n%s", code, errs.String())
	}
	errs.Reset()
	for _, args := range [][]string{
		{"simulate", file, "--report", file},
		{"plan", file, "--json", file},
		{"validate", file, "--junit", file},
		{"diff", file, file, "--markdown", file},
		{"tune", file, "--json", filepath.Dir(file) + "/./" + filepath.Base(file)},
	} {
		errs.Reset()
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if code := run(t.Context(), args, &out, &errs); code != exitInput || !strings.Contains(errs.String(), "is the file that is read") {
			t.Errorf("%v: exit code %d\n%s", args, code, errs.String())
		}
		if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%v: the file is another one", args)
		}
	}
	errs.Reset()
	same := filepath.Join(t.TempDir(), "out")
	if code := run(t.Context(), []string{"simulate", file, "--json", same, "--markdown", same}, &out, &errs); code != exitInput || !strings.Contains(errs.String(), "--markdown: "+same+" is the file of --json") {
		t.Errorf("exit code %d\n%s", code, errs.String())
	}
}

// shapes are command lines that write every kind of JSON.
func shapes(t *testing.T) map[string][]string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "canary.yaml")
	text := canary + "faults: [{kind: hot_tenant, tenants: [tenant-001]}]\nsignals: [{do: promote, when: held}]\ntune: {stages: [[10, 100]], evaluation_periods: [1m], modes: [threshold], most_missed: 1, most_good_stopped: 1, most_false_rollback: 1}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string][]string{
		"run": {"simulate", file}, "campaign": {"simulate", file, "--runs", "2"}, "plan": {"plan", file}, "validate": {"validate", file},
		"diff": {"diff", file, file, "--runs", "2"}, "tune": {"tune", file, "--runs", "1"}, "swarm": {"swarm", "--runs", "2"},
		"prove":       {"prove", "--runs", "1", "--error-rates", "0.02", "--per-tenant", "0.1", "--spreads", "0", "--noises", "0", "--sequential"},
		"prove tests": {"prove", "tests", "--runs", "1", "--tenants", "20", "--promised"},
	}
}

// keys are the keys of objects in v, and whether one of them is null.
func keys(v any, all map[string]bool, null func(key string)) {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			all[k] = true
			if inner == nil {
				null(k)
			}
			keys(inner, all, null)
		}
	case []any:
		for _, inner := range v {
			keys(inner, all, null)
		}
	}
}

// TestJSON: every kind says which it is, has the words that the reference explains, and
// nothing where a number belongs but null.
func TestJSON(t *testing.T) {
	reference, err := os.ReadFile("../../templates/guides/json-output.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	numbers := []string{"count", "share", "low", "high", "mean", "least", "p50", "p95", "p99", "most", "refused", "longest_seconds", "on_fail", "on_inconclusive"}
	for kind, args := range shapes(t) {
		var out, errs bytes.Buffer
		if code := run(t.Context(), append(args, "--json", "-"), &out, &errs); code > exitUnexpected {
			t.Fatalf("%s: exit code %d\n%s", kind, code, errs.String())
		}
		var v map[string]any
		if err := json.Unmarshal(out.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v\n%s", kind, err, out.String())
		}
		if v["kind"] != kind || v["format"] != 1.0 {
			t.Errorf("it is of kind %v and format %v, want %s", v["kind"], v["format"], kind)
		}
		if seen, ok := v["seen"]; ok { // whose keys are what happened
			delete(v, "seen")
			_ = seen
		}
		all := map[string]bool{}
		keys(v, all, func(key string) {
			if !slices.Contains(numbers, key) {
				t.Errorf("%s: %s is null", kind, key)
			}
		})
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if !strings.Contains(string(reference), "`"+key+"`") {
				t.Errorf("the reference does not explain %s of %s", key, kind)
			}
		}
	}
}

// TestRunIsACampaignOfOne: a run has every word of a campaign.
func TestRunIsACampaignOfOne(t *testing.T) {
	read := func(kind string) map[string]bool {
		var out, errs bytes.Buffer
		run(t.Context(), append(shapes(t)[kind], "--json", "-"), &out, &errs)
		var v map[string]any
		if err := json.Unmarshal(out.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		delete(v, "worst")
		all := map[string]bool{}
		keys(v, all, func(string) {})
		return all
	}
	one := read("run")
	for key := range read("campaign") {
		if !one[key] {
			t.Errorf("a run has no %s", key)
		}
	}
}

// TestSummaries: JUnit and Markdown say what was checked, and what failed.
func TestSummaries(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.yaml"), filepath.Join(dir, "bad.yaml")
	for file, more := range map[string]string{good: "", bad: "name: \"<&|\"\nexpect: {outcome: held, most_tenants: 3}\n"} {
		if err := os.WriteFile(file, []byte(canary+more), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all := shapes(t)
	all["bad run"], all["bad campaign"] = []string{"simulate", bad}, []string{"simulate", bad, "--runs", "2"}
	all["bad file"] = []string{"validate", good, bad, filepath.Join(dir, "none.yaml")}
	for kind, args := range all {
		junit, markdown := filepath.Join(dir, "junit.xml"), filepath.Join(dir, "summary.md")
		var out, errs bytes.Buffer
		code := run(t.Context(), append(args, "--junit", junit, "--markdown", markdown), &out, &errs)
		data, err := os.ReadFile(junit)
		if err != nil {
			t.Fatal(err)
		}
		var suites junitSuites
		if err := xml.Unmarshal(data, &suites); err != nil {
			t.Fatalf("%s: %v\n%s", kind, err, data)
		}
		failed := 0
		for _, c := range suites.Suites[0].Cases {
			if c.Failure != nil {
				failed++
			}
		}
		if suites.Tests != len(suites.Suites[0].Cases) || suites.Failures != failed || failed > 0 != (code != exitFine) {
			t.Errorf("%s: exit code %d, and of %d tests %d fail\n%s", kind, code, suites.Tests, failed, data)
		}
		text, err := os.ReadFile(markdown)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(text), "❌") != failed || !strings.HasPrefix(string(text), "## ") || bytes.Contains(append(text, data...), []byte("\x1b")) {
			t.Errorf("%s: %d fail\n%s", kind, failed, text)
		}
	}
}
