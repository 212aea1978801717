package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRefusedCommandLines: what is wrong with a command line is said in the user's words, all of
// it at once, and before anything is played.
func TestRefusedCommandLines(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "canary.yaml")
	if err := os.WriteFile(file, []byte(canary), 0o600); err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(dir, "c.html")
	for _, c := range []struct {
		args []string
		want string // all that is said
	}{
		{[]string{"simulate"}, "FILE is missing: hotswap simulate FILE, where - is the standard input"},
		{[]string{"simulate", "a", "b"}, `"b" is one argument too many: hotswap simulate FILE`},
		{[]string{"validate"}, "FILE is missing: hotswap validate FILE..., where - is the standard input"},
		{[]string{"diff"}, "A and B are missing: hotswap diff A B, where - is the standard input"},
		{[]string{"diff", "a"}, "B is missing: hotswap diff A B, where - is the standard input"},
		{[]string{"swarm", "x"}, `"x" is one argument too many: hotswap swarm`},
		{[]string{"prove", "tests", "x"}, `"x" is one argument too many: hotswap prove tests`},
		{[]string{"prove", "x"}, `unknown command "x" for "hotswap prove"`},
		{[]string{"conformance", "x"}, `"x" is one argument too many: hotswap conformance`},
		{[]string{"rollout", "show"}, "ROLLOUT is missing: hotswap rollout show ROLLOUT"},
		{[]string{"simulate", file, "--seed", "abc"}, `--seed: "abc" is not a whole number`},
		{[]string{"simulate", file, "--seed", "99999999999999999999"}, `--seed: "99999999999999999999" is too large`},
		{[]string{"simulate", file, "--check=perhaps"}, `--check: "perhaps" is not true or false`},
		{[]string{"prove", "--runs", "1.5"}, `--runs: "1.5" is not a whole number`},
		{[]string{"prove", "--factors", "1,two"}, `--factors: "1,two" is not a list of numbers with commas between`},
		{[]string{"prove", "tests", "--tenants", "many"}, `--tenants: "many" is not a list of whole numbers with commas between`},
		{[]string{"simulate", file, "--curve", "5"}, "--curve: goes with --runs and --report, in which it is drawn"},
		{[]string{"simulate", file, "--curve", "5", "--report", report}, "--curve: goes with --runs and --report, in which it is drawn"},
		{
			[]string{"simulate", file, "--runs", "2", "--report", report, "--curve", "-5", "--parallel", "-1", "--check", "--queue", "radix"},
			"--parallel: -1 is below 0, which is one for each processor\n--curve: -5 is not in 1..1000000\n" +
				"--check: plays a single run again, and does not go with --runs\n--queue: is that of a single run, and does not go with --runs",
		},
		{[]string{"simulate", file, "--date", "2026-01-02"}, "--date: goes with --report, which is of that day"},
		{[]string{"tune", file, "--date", "2026-01-02", "--runs", "0"}, "--runs: 0 is not in 1..1000000\n--date: goes with --report, which is of that day"},
		{[]string{"prove", "--parallel", "-1"}, "--parallel: -1 is below 0, which is one for each processor"},
		{[]string{"prove", "--random", "0"}, "--random: 0 is not in 1..5000"},
		{[]string{"prove", "--random", "0", "--hard", "--runs", "0"}, "--runs: 0 is not in 1..1000000\n--random: 0 is not in 1..5000\n--random: draws its cells, and does not go with --hard"},
		{[]string{"prove", "--random", "-1"}, "--random: -1 is not in 1..5000"},
		{[]string{"prove", "--hard", "--cell", "whale", "--write", filepath.Join(dir, "w.yaml"), "--strict"}, "--write: plays nothing, and does not go with --strict"},
		{[]string{"prove", "--hard", "--strategy", "Hot"}, `--strategy: "Hot" is not one of Direct, Canary, BlueGreen, Rolling, ABTesting`},
		{[]string{"prove", "--hard", "--strategy", "blue-green", "--cell", "whale"}, "--cell: there is no hard cell \"whale\" with the strategy BlueGreen: they are\n    gradual-60, instant"},
		{
			[]string{"prove", "--hard", "--strategy", "Direct", "--cell", "direct-twice-the-cap", "--good"},
			"--cell: there is no hard cell \"direct-twice-the-cap\" of identical versions with the strategy Direct: they are\n    direct",
		},
		{[]string{"prove", "rules", "--strategy", "A/B"}, "--strategy: no hard cell with the strategy ABTesting is played here: tenants decide those, and not minutes"},
		{[]string{"prove", "rules", "--strategy", "direct,A/B", "--cell", "x"}, "--cell: there is no hard cell \"x\" with the strategy Direct, ABTesting: they are\n" +
			"    direct, direct-twice-the-cap, direct-four-times-the-cap,\n    direct-twice-the-cap-noise, direct-four-times-the-cap-noise"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), c.args, &out, &errs)
		if got := strings.TrimSpace(errs.String()); code != exitInput || got != "hotswap: "+c.want || out.Len() > 0 {
			t.Errorf("%v: exit code %d\n%s\nwant\nhotswap: %s", c.args, code, got, c.want)
		}
	}
	if _, err := os.Stat(report); err == nil {
		t.Error("a report was written")
	}
}

// TestTuneRefusesPeriods: what validate passes, tune can try.
func TestTuneRefusesPeriods(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f.yaml")
	if err := os.WriteFile(file, []byte(canary+"tune: {evaluation_periods: [0s]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"validate", "tune"} {
		var out, errs bytes.Buffer
		want := "hotswap: " + file + ":3:29: tune.evaluation_periods[0]: PT0S is not in PT1S..PT8760H\n"
		if code := run(t.Context(), []string{command, file}, &out, &errs); code != exitInput || errs.String() != want {
			t.Errorf("%s: exit code %d\n%swant\n%s", command, code, errs.String(), want)
		}
	}
}
