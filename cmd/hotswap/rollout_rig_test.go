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

	"github.com/cockroachdb/datadriven"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/servertest"
)

// shopFleet is a scenario of what servertest.Fleet is.
const shopFleet = `
installed: 1.0.0
fleet: {instances: 10}
tenants: {count: 40}
traffic: {requests_per_second: 100}
versions:
  1.1.0: {}
  2.0.0: {error_rate: 0.3}
deployment: {plugin_id: shop, environment: Production, version: 1.1.0}
`

// shopCanary is a deployment on it, with bakes of a length.
func shopCanary(version, bake, more string) string {
	return fmt.Sprintf(`pluginId: shop
environment: Production
version: %s
strategy: Canary
canaryConfig: {stages: [25, 100], evaluationPeriod: %s%s}
analysis: {minRequests: 50, minTenants: 1}
`, version, bake, more)
}

// where is a place of rollouts for tests: the flags that name it.
type where struct {
	kind  string
	flags []string
	rig   *servertest.Rig // of a server
}

// wheres are the three places that there are, each with a fleet of its own.
var wheres = map[string]func(t *testing.T) where{
	"server": func(t *testing.T) where {
		r := servertest.Start(t, t.TempDir(), servertest.Fleet(engine.Production, "shop"))
		return where{"server", []string{"--controller", r.HTTP.URL, "--token-file", written(t, "token", "operator")}, r}
	},
	"fleet": func(t *testing.T) where {
		s := start(t, "--scenario", written(t, "fleet.yaml", shopFleet), "--time-scale", "600")
		return where{"fleet", []string{"--endpoint", s.url, "--token-file", written(t, "token", s.token), "--environment", "Production", "--plugin", "shop"}, nil}
	},
	"folder": func(t *testing.T) where {
		return where{"folder", []string{"--state", filepath.Join(t.TempDir(), "state"), "--scenario", written(t, "fleet.yaml", shopFleet)}, nil}
	},
}

// written is a file of a test.
func written(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// hotswap runs a command of rollouts there.
func (w where) hotswap(ctx context.Context, args ...string) (out, errs string, code int) {
	var o, e bytes.Buffer
	code = runWith(ctx, append(append([]string{"rollout"}, args...), w.flags...), strings.NewReader(""), &o, &e)
	return o.String(), e.String(), code
}

// masks are what differs each time, with what stands for it.
var masks = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z?`), "TIME"},
	{regexp.MustCompile(`http://[0-9.:]+`), "http://SERVER"},
	{regexp.MustCompile(`/\S*/(state|token|fleet\.yaml|config\.yaml)\b`), "DIR/$1"},
	{regexp.MustCompile(`process \d+`), "process PID"},
}

// numbers are what differs where a fleet lives in real time.
var numbers = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`\b\d[\d.]*( %| ms)`), "N$1"},
	{regexp.MustCompile(`\b\d+ (of \d+ )?requests`), "N requests"},
	{regexp.MustCompile(`\b(over|for|within|in|after) [\d.hms]*\d[hms]+\b`), "$1 LENGTH"},
	{regexp.MustCompile(`[\d.hms]*\d[ms]+ left`), "LENGTH left"},
	{regexp.MustCompile(`  \d+s  `), "  AGE  "},
	{regexp.MustCompile(`(?m)^  Worst tenant .*\n`), ""},            // nobody erred yet
	{regexp.MustCompile(`(?m)^TIME  25%: settled .*\n`), ""},        // a guard may be faster
	{regexp.MustCompile(`(?m)reached: .* ready$`), "reached: SEEN"}, // a look of two seconds ago
	{regexp.MustCompile(`# goes on (to|at) .*`), "# goes on"},
	{regexp.MustCompile(`requests of \d+ tenants`), "requests of N tenants"},
	{regexp.MustCompile(`, [\d.hms]+ in all`), ", LENGTH in all"},
	{regexp.MustCompile(`guard says fail: .*`), "guard says fail"},
	{regexp.MustCompile(` {2,}`), "  "},
	{regexp.MustCompile(` +\n`), "\n"},
}

// masked is a text without what differs each time.
func (w where) masked(text string) string {
	for _, m := range masks {
		text = m.pattern.ReplaceAllString(text, m.by)
	}
	if w.kind != "folder" {
		for _, m := range numbers {
			text = m.pattern.ReplaceAllString(text, m.by)
		}
	}
	return strings.ReplaceAll(text, whoami(), "USER@HOST")
}

// TestRolloutGolden runs the command lines of testdata/rollout, each at the place that its file
// is named after, and compares everything that they print. To write them anew: go test
// ./cmd/hotswap -run TestRolloutGolden -rewrite.
func TestRolloutGolden(t *testing.T) {
	for kind, open := range wheres {
		t.Run(kind, func(t *testing.T) {
			path, err := filepath.Abs("testdata/rollout/" + kind + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			w := open(t)
			t.Chdir(t.TempDir())
			datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
				switch d.Cmd {
				case "file":
					if err := os.WriteFile(d.CmdArgs[0].Key, []byte(d.Input), 0o600); err != nil {
						t.Fatal(err)
					}
					return ""
				case "rollout":
					out, errs, code := w.hotswap(t.Context(), strings.Fields(d.Input)...)
					if errs != "" {
						out += "stderr:\n" + errs
					}
					return w.masked(fmt.Sprintf("%sexit %d\n", out, code))
				}
				t.Fatalf("%s: there is no command %s", d.Pos, d.Cmd)
				return ""
			})
		})
	}
}

// TestHostileReason: what somebody says to a rollout is seen, and does nothing to a terminal,
// wherever it is read.
func TestHostileReason(t *testing.T) {
	t.Parallel()
	w := wheres["folder"](t)
	file := written(t, "held.yaml", shopCanary("2.0.0", "10m", ", autoRollback: false")+"guards: as_gates\n")
	if out, errs, code := w.hotswap(t.Context(), "start", file, "--yes", "--wait"); code != exitHeld {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	if out, errs, code := w.hotswap(t.Context(), "rollback", "shop-production-1", "--reason", "\x1b[2Jgone\r\n\u202eby", "--wait"); code != exitRolledBack || strings.ContainsAny(out+errs, "\x1b\r\u202e") {
		t.Fatalf("exit %d\n%q%q", code, out, errs)
	}
	for _, args := range [][]string{{"show", "shop-production-1"}, {"list", "-o", "wide"}, {"watch", "shop-production-1"}, {"watch", "--json"}, {"show", "no\x1b[2Jne"}, {"show", "shop-production-1", "-o", "json"}} {
		out, errs, _ := w.hotswap(t.Context(), args...)
		if strings.ContainsAny(out+errs, "\x1b\r") || args[0] == "show" && len(args) == 2 && !strings.Contains(out+errs, `\x1b[2J`) {
			t.Errorf("%q:\n%q%q", args, out, errs)
		}
	}
}
