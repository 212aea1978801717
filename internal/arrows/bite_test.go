package arrows

import (
	"strings"
	"testing"
)

// TestRulesBite plants one violation per rule in a file that exists only here, and sees it caught for the right reason.
// The plants without a reason are the exceptions: they must pass.
func TestRulesBite(t *testing.T) {
	const engine, simulator, provider = module + "/internal/engine", module + "/internal/simulator", module + "/internal/provider"
	for _, plant := range []struct {
		name  string
		file  file
		text  string
		wants string // in the explanation; empty: nothing to explain
	}{
		{"engine imports net/http", "internal/engine/x.go", `import "net/http"`, "reached through a port"},
		{"engine imports math/rand", "internal/engine/x.go", `import "math/rand"`, "same trace"},
		{"engine imports math/rand/v2", "internal/engine/x.go", `import "math/rand/v2"`, "same trace"},
		{"engine imports crypto/rand", "internal/engine/x.go", `import "crypto/rand"`, "same trace"},
		{"engine imports hash/maphash", "internal/engine/x.go", `import "hash/maphash"`, "every process"},
		{"engine imports log", "internal/engine/x.go", `import "log"`, "decides what is printed"},
		{"engine imports log/slog", "internal/engine/x.go", `import "log/slog"`, "decides what is printed"},
		{"engine imports os/exec", "internal/engine/x.go", `import "os/exec"`, "starts a program"},
		{"engine imports simulator", "internal/engine/x.go", `import "` + simulator + `"`, "pure core"},
		{"engine imports provider", "internal/engine/x.go", `import "` + provider + `"`, "pure core"},
		{"engine imports Terraform", "internal/engine/x.go", `import "github.com/hashicorp/terraform-plugin-framework/types"`, "Terraform's types never leave"},
		{"engine imports a sampler", "internal/engine/x.go", `import "gonum.org/v1/gonum/stat/distuv"`, "pure core"},
		{"engine imports mathext", "internal/engine/x.go", `import "gonum.org/v1/gonum/mathext"`, ""},
		{"engine imports os", "internal/engine/x.go", `import "os"`, "no operating system"},
		{"engine imports its journals", "internal/engine/x.go", `import "` + module + `/internal/journal/file"`, "pure core"},

		{"journals import simulator", "internal/journal/file/x.go", `import "` + simulator + `"`, "one way to keep journals"},
		{"journals import engine and os", "internal/journal/file/x.go", `import ("` + engine + `"; "os")`, ""},
		{"filelock imports engine", "internal/filelock/x.go", `import "` + engine + `"`, "the system's"},

		{"enginetest imports simulator", "internal/engine/enginetest/x.go", `import "` + simulator + `"`, "from outside"},
		{"enginetest imports engine", "internal/engine/enginetest/x.go", `import "` + engine + `"`, ""},
		{"client imports simulator", "internal/fleet/client/x.go", `import "` + simulator + `"`, "one way to fill"},
		{"client imports net/http", "internal/fleet/client/x.go", `import "net/http"`, ""},
		{"server imports simulator", "internal/fleet/server/x.go", `import "` + simulator + `"`, "not what fills them"},
		{"contract imports net/http", "internal/fleet/contract/x.go", `import "net/http"`, "reached through a port"},
		{"conformance imports the server", "internal/fleet/conformance/x.go", `import "` + module + `/internal/fleet/server"`, "no implementation"},

		{"connect imports a fleet", "internal/connect/x.go", `import "` + simulator + `"`, "one way to reach others"},
		{"connect imports net/http", "internal/connect/x.go", `import "net/http"`, ""},
		{"connect guesses ids", "internal/connect/x.go", `import "math/rand/v2"`, "must not be guessed"},

		{"simulator imports net/http", "internal/simulator/x.go", `import "net/http"`, "reached through a port"},
		{"simulator imports math/rand", "internal/simulator/x.go", `import "math/rand"`, "same trace"},
		{"simulator imports math/rand/v2", "internal/simulator/x.go", `import "math/rand/v2"`, "internal/simulator/chance has the streams"},
		{"simulator imports provider", "internal/simulator/x.go", `import "` + provider + `"`, "knows the engine and nothing else"},
		{"simulator imports a module", "internal/simulator/x.go", `import "example.com/queue"`, "knows the engine and nothing else"},
		{"chance imports simulator", "internal/simulator/chance/x.go", `import "` + simulator + `"`, "nothing of what they decide"},
		{"kernel imports simulator", "internal/simulator/kernel/x.go", `import "` + simulator + `"`, "knows no world"},
		{"watch imports simulator", "internal/simulator/watch/x.go", `import "` + simulator + `"`, "through a port of its own"},
		{"chancetest imports chance", "internal/simulator/chance/chancetest/x.go", `import "` + module + `/internal/simulator/chance"`, "only tests know it"},
		{"traffic imports simulator", "internal/simulator/traffic/x.go", `import "` + simulator + `"`, "through a port of its own"},
		{"traffic imports the event queue", "internal/simulator/traffic/x.go", `import "` + module + `/internal/simulator/kernel"`, "through a port of its own"},
		{"traffic imports math/rand/v2", "internal/simulator/traffic/x.go", `import "math/rand/v2"`, "internal/simulator/chance has the streams"},
		{"traffic imports chance", "internal/simulator/traffic/x.go", `import "` + module + `/internal/simulator/chance"`, ""},
		{"traffic starts a goroutine", "internal/simulator/traffic/x.go", `func f() { go f() }`, "never from a scheduler"},
		{"chance starts a goroutine", "internal/simulator/chance/x.go", `func f() { go f() }`, "never from a scheduler"},
		{"simulator imports engine", "internal/simulator/x.go", `import "` + engine + `"`, ""},

		{"provider imports a module", "internal/provider/x.go", `import "example.com/retry"`, "outermost layer"},
		{"provider imports Terraform", "internal/provider/x.go", `import "github.com/hashicorp/terraform-plugin-framework/types"`, ""},
		{"main imports engine", "main.go", `import "` + engine + `"`, "nothing else"},
		{"main imports providerserver", "main.go", `import "github.com/hashicorp/terraform-plugin-framework/providerserver"`, ""},
		{"command line imports Terraform", "cmd/hotswap/x.go", `import "github.com/hashicorp/terraform-plugin-log/tflog"`, "Terraform's types never leave"},
		{"command line imports provider", "cmd/hotswap/x.go", `import "` + provider + `"`, "must work without Terraform"},
		{"a package without a row", "internal/helpers/x.go", ``, "has no row"},

		{"provider reads the clock", "internal/provider/x.go", `import "time"; var x = time.Now()`, "time is a value"},
		{"main reads the clock", "main.go", `import "time"; var x = time.Now`, "time is a value"},
		{"engine reads the clock by another name", "internal/engine/x.go", `import t "time"; var x = t.Since(t.Time{})`, "time is a value"},
		{"engine hides the clock", "internal/engine/x.go", `import . "time"; var x = Now()`, "dot import"},
		{"clock.go reads the clock", "internal/walker/clock.go", `import "time"; var x = time.Now()`, ""},
		{"another clock.go reads the clock", "internal/engine/clock.go", `import "time"; var x = time.Now()`, "time is a value"},
		{"a clock that is handed in", "internal/engine/x.go", `import "time"; type c struct{ Now func() time.Time }; func f(time c) { time.Now() }`, ""},
		{"engine sleeps", "internal/engine/x.go", `import "time"; func f() { time.Sleep(1) }`, "time is a value"},
		{"simulator makes a timer", "internal/simulator/x.go", `import "time"; var x = time.NewTimer(1)`, "time is a value"},
		{"provider sleeps", "internal/provider/x.go", `import "time"; func f() { time.Sleep(1) }`, "time is a value"},
		{"provider sets a deadline", "internal/provider/x.go", `import "context"; var x = context.WithTimeout`, "time is a value"},
		{"clock.go sleeps", "internal/walker/clock.go", `import "time"; func f() { time.Sleep(1) }`, ""},

		{"engine starts a goroutine", "internal/engine/x.go", `func f() { go f() }`, "never from a scheduler"},
		{"simulator starts a goroutine", "internal/simulator/x.go", `func f() { go f() }`, "never from a scheduler"},
		{"engine starts one through a group", "internal/engine/x.go", `import "sync"; var x sync.WaitGroup`, "never from a scheduler"},
		{"engine starts one through a context", "internal/engine/x.go", `import "context"; var x = context.AfterFunc`, "never from a scheduler"},
		{"parallel.go starts a goroutine", "internal/simulator/campaign/parallel.go", `func f() { go f() }`, ""},
		{"provider starts a goroutine", "internal/provider/x.go", `func f() { go f() }`, ""},

		{"provider makes a generator", "internal/provider/x.go", `import "math/rand/v2"; var x = rand.New(nil)`, "derived from the seed"},
		{"provider makes a source", "internal/provider/x.go", `import r "math/rand/v2"; var x = r.NewPCG(1, 2)`, "derived from the seed"},
	} {
		t.Run(plant.name, func(t *testing.T) {
			s, err := parse("", plant.file, "package planted; "+plant.text)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(append(importViolations(s), deedViolations(s)...), "\n")
			switch {
			case plant.wants == "" && got != "":
				t.Errorf("this is allowed, but was refused:\n%s", got)
			case !strings.Contains(got, plant.wants):
				t.Errorf("want a refusal that says %q, got:\n%s", plant.wants, got)
			}
		})
	}
}

// TestDeepRuleBites plants a dependency that brings in random numbers by the back door.
func TestDeepRuleBites(t *testing.T) {
	d := dependency{ImportPath: "gonum.org/v1/gonum/mathext", Imports: []string{"math", "math/rand/v2"}}
	for _, r := range rows {
		if got := strings.Join(deepViolations(r, d), "\n"); r.deep && !strings.Contains(got, "reaches math/rand/v2 through gonum.org/v1/gonum/mathext") {
			t.Errorf("%s: a dependency may reach math/rand/v2: %q", r.pkg, got)
		}
	}
}
