package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// TestDrawings plays the files of testdata/drawings: the strategies guide's own
// drawings, on fleets whose times make them so. After a change that is meant: go
// test ./internal/simulator -run TestDrawings -rewrite, and read the diff.
//
// Commands: fleet (a configuration as JSON), rollout (a specification as JSON),
// run [for=DURATION], signal KIND, and serves (who serves whom).
func TestDrawings(t *testing.T) {
	datadriven.Walk(t, "testdata/drawings", func(t *testing.T, path string) {
		var cfg Config
		var r *run
		told := 0
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "fleet":
				if err := json.Unmarshal([]byte(d.Input), &cfg); err != nil {
					return err.Error() + "\n"
				}
				cfg = installed(cfg)
				cfg.TenantSpread = 0 // the guide's tenants are all alike
				return problemsOf(cfg.Validate())
			case "rollout":
				spec, err := engine.DecodeSpec([]byte(d.Input))
				if err != nil {
					return err.Error() + "\n"
				}
				r, told = begin(t, cfg, spec), 0
				return r.stages()
			case "run":
				r.t = t
				if d.HasArg("for") {
					var text string
					d.ScanArgs(t, "for", &text)
					span, err := time.ParseDuration(text)
					if err != nil {
						return err.Error() + "\n"
					}
					r.pass(span)
				} else {
					r.drive()
				}
				if !r.runner.State().InFlight() {
					r.kept()
				}
				return r.tell(&told)
			case "signal":
				err := r.runner.Signal(context.Background(), engine.Signal{Kind: engine.EventKind(d.CmdArgs[0].Key), By: "an operator"})
				return problemsOf(err) + r.tell(&told)
			case "serves":
				return r.serves()
			default:
				return "unknown command\n"
			}
		})
	})
}

func problemsOf(err error) string {
	if err == nil {
		return "ok\n"
	}
	return err.Error() + "\n"
}

// stages has a line for each stage of the plan.
func (r *run) stages() string {
	var b strings.Builder
	for _, s := range r.plan.Stages {
		fmt.Fprintf(&b, "%s: %s, settle %s, bake %s\n", s.Name, s.Exposure, s.Settle, s.Bake)
	}
	return b.String()
}

// chanceNumbers are the numbers that depend on which tenants were drawn: a drawing shows
// what happens when, not how many requests somebody sent.
var chanceNumbers = regexp.MustCompile(`\b[0-9]+( of [0-9]+)? requests|(error rate|conversion rate) [0-9.]+ %|[0-9.]+ % errors`)

// tell is the story since it was last told.
func (r *run) tell(told *int) string {
	lines := strings.SplitAfter(r.story(), "\n")
	from := min(*told, len(lines))
	*told = len(lines) - 1
	text := strings.Join(lines[from:], "") + fmt.Sprintf("%s  %s\n", stamp(r.world.Now()), r.runner.State())
	return chanceNumbers.ReplaceAllStringFunc(text, func(s string) string {
		return digits.ReplaceAllString(s, "…")
	})
}

var digits = regexp.MustCompile(`[0-9.]+`)

// serves counts the tenants of each version and the instances of each slot.
func (r *run) serves() string {
	w := r.world
	tenants, instances := map[string]int{}, map[string]int{}
	for _, k := range w.Segments[len(w.Segments)-1].Map {
		c := w.Classes[k]
		switch {
		case c.Lost:
			tenants["nobody"]++
		default:
			tenants[w.Names[c.Version]]++
		}
	}
	for _, in := range w.Members {
		instances[fmt.Sprintf("%s %s %s", in.Slot, in.Default, in.Phase)]++
	}
	var b strings.Builder
	for _, m := range []map[string]int{tenants, instances} {
		var keys []string
		for k := range m {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			fmt.Fprintf(&b, "%4d %s\n", m[k], k)
		}
	}
	return b.String()
}
