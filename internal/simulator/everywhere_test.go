package simulator

import (
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/kernel"
)

// A fixed set of runs, of all strategies and with faults of all kinds: every event of
// their worlds, every order and every event of their journals, with all numbers, is the
// same when they are run again, and by TestSameOnNewerProcessors on other processors.
func TestSameRunsEverywhere(t *testing.T) {
	trace := fixedRuns(t)
	t.Logf("runs %016x", trace)
	if testing.Short() {
		return // which is for emulators, that are slow
	}
	if again := fixedRuns(t); again != trace {
		t.Errorf("run again, they are %016x, not %016x", again, trace)
	}
}

// fixedRuns is the trace of the runs.
func fixedRuns(t *testing.T) uint64 {
	t.Helper()
	trace := uint64(0)
	for seed := range uint64(120) {
		r, ok := played(t, seed+1, kernel.Radix)
		if !ok {
			continue
		}
		trace = chance.Mix(trace ^ r.watcher.Trace() ^ chance.Mix(r.world.Trace()))
	}
	return trace
}

// The processors of a family differ in what they can do in one step. The compiler
// makes use of it where it is allowed to: the numbers must not depend on it.
func TestSameOnNewerProcessors(t *testing.T) {
	const inner = "SIMULATOR_TEST_SAME"
	if testing.Short() || runtime.GOARCH != "amd64" || os.Getenv(inner) != "" {
		t.Skip("for the long tests of an amd64 machine")
	}
	said := regexp.MustCompile(`runs [0-9a-f]{16}`)
	want := ""
	for _, level := range []string{"v1", "v3"} {
		c := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-v", "-run", "^TestSame(Runs|Numbers)Everywhere$|^TestPortableFunctions$", ".", "./chance")
		c.Env = append(os.Environ(), "GOAMD64="+level, inner+"=1")
		out, err := c.CombinedOutput()
		if strings.Contains(string(out), "This program can only be run on") {
			t.Logf("this machine is older than %s", level)
			continue
		}
		if err != nil {
			t.Errorf("GOAMD64=%s: %v\n%s", level, err, out)
		}
		if got := said.FindString(string(out)); got == "" || want != "" && got != want {
			t.Errorf("GOAMD64=%s: %q, and before %q", level, got, want)
		} else {
			want = got
		}
	}
}

// Machines of other families have such steps, too, and the compiler uses them of its own
// accord. What it makes of this package, of chance and of traffic for them must have none:
// then draws are the same there.
func TestNothingIsFused(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the packages for other machines")
	}
	fused := regexp.MustCompile(`\((\S+\.go:\d+)\)\s+(V?FN?M(?:ADD|SUB)\w*)\s`)
	for _, machine := range []string{"GOARCH=arm64", "GOARCH=ppc64le", "GOARCH=amd64 GOAMD64=v3"} {
		c := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-S", ".", "./chance", "./traffic")
		c.Env = append(os.Environ(), strings.Fields(machine)...)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%.2000s", machine, err, out)
		}
		for _, made := range []string{"simulator.(*World).seat", "chance.Binomial", "traffic.(*Flow).draw"} {
			if !strings.Contains(string(out), made) {
				t.Fatalf("%s: the compiler does not say what it made of %s", machine, made)
			}
		}
		for _, m := range fused.FindAllStringSubmatch(string(out), -1) {
			t.Errorf("%s: %s is %s: put an explicit float64() round the product", machine, m[1], m[2])
		}
	}
}
