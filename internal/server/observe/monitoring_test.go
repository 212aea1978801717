package observe

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// monitoring is where the examples are that people take for their own monitoring.
const monitoring = "../../../examples/monitoring"

// promtool is that of this machine. Where there is none the test is skipped, but not where CI
// is set in the environment: there it fails.
func promtool(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("promtool")
	switch {
	case err == nil:
		return program
	case os.Getenv("CI") != "":
		t.Fatal("there is no promtool on the PATH: apt-get install --no-install-recommends prometheus")
	default:
		t.Skip("SKIPPED, NOTHING WAS TESTED: there is no promtool on the PATH (apt-get install --no-install-recommends prometheus)")
	}
	return ""
}

// runs has promtool run in a folder.
func runs(t *testing.T, folder string, args ...string) {
	t.Helper()
	c := exec.Command(promtool(t), args...)
	c.Dir = folder
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// rules is a file of rules.
type rules struct {
	Groups []struct {
		Name  string
		Rules []struct {
			Alert, Expr string
			Annotations map[string]string
		}
	}
}

// readYAML reads a file of monitoring.
func readYAML(t *testing.T, name string, to any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(monitoring, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, to); err != nil {
		t.Fatal(err)
	}
}

func TestRealAlerts(t *testing.T) {
	runs(t, monitoring, "check", "rules", "alerts.yaml")
	runs(t, monitoring, "test", "rules", "alerts_test.yaml")
}

// TestAlertsAreTested: each alert has a test in which it fires, and one in which it does not.
func TestAlertsAreTested(t *testing.T) {
	var all rules
	readYAML(t, "alerts.yaml", &all)
	var tests struct {
		Tests []struct {
			AlertRuleTest []struct {
				Alertname string
				ExpAlerts []any `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		}
	}
	readYAML(t, "alerts_test.yaml", &tests)
	fires := map[string]bool{}
	for _, test := range tests.Tests {
		for _, a := range test.AlertRuleTest {
			fires[a.Alertname] = fires[a.Alertname] || len(a.ExpAlerts) > 0
		}
	}
	known := names(t)
	for _, g := range all.Groups {
		for _, r := range g.Rules {
			if !fires[r.Alert] {
				t.Errorf("%s fires in no test", r.Alert)
			}
			if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
				t.Errorf("%s does not say what it is about", r.Alert)
			}
			uses(t, known, r.Alert, r.Expr)
		}
	}
}

// names are those of all that a scrape gets, with those that a histogram has.
func names(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for name, f := range full(t).gather(t) {
		all[name] = true
		if f.GetType().String() == "HISTOGRAM" {
			delete(all, name)
			for _, end := range []string{"_bucket", "_sum", "_count"} {
				all[name+end] = true
			}
		}
	}
	return all
}

var metric = regexp.MustCompile(`\b(hotswap|go|process)_[a-z0-9_]+`)

// uses fails where an expression uses what nobody exports, or nothing at all.
func uses(t *testing.T, known map[string]bool, where, expr string) {
	t.Helper()
	found := metric.FindAllString(expr, -1)
	if len(found) == 0 {
		t.Errorf("%s: no metric of ours is in %s", where, expr)
	}
	for _, name := range found {
		if !known[name] {
			t.Errorf("%s: nobody exports %s", where, name)
		}
	}
}

// dashboard is as much of one of Grafana's as has queries.
type dashboard struct {
	SchemaVersion int
	UID           string
	Panels        []struct {
		ID          int
		Type, Title string
		Description string
		GridPos     struct{ H, W, X, Y int }
		Targets     []struct {
			Expr, LegendFormat string
			Datasource         struct{ UID string }
		}
	}
	Templating struct {
		List []struct{ Name, Type, Definition string }
	}
}

// inQuery are Grafana's variables, with what they may be.
var inQuery = strings.NewReplacer("$__rate_interval", "5m", "$environment", "Production|Staging", "$plugin", ".*")

// TestRealDashboard: the queries of the dashboard are PromQL, and ask for what there is.
func TestRealDashboard(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(monitoring, "dashboard.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	if d.SchemaVersion < 42 || d.UID == "" {
		t.Errorf("it has the schema %d and the id %q", d.SchemaVersion, d.UID)
	}
	known, seen := names(t), map[int]bool{}
	var file strings.Builder
	file.WriteString("groups:\n- name: dashboard\n  rules:\n")
	queries := 0
	for _, p := range d.Panels {
		if seen[p.ID] || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %d is there twice, or too wide", p.ID)
		}
		if seen[p.ID] = true; p.Type != "row" && (p.Description == "" || len(p.Targets) == 0) {
			t.Errorf("%s does not say what it shows, or shows nothing", p.Title)
		}
		for _, q := range p.Targets {
			if q.Datasource.UID != "${datasource}" {
				t.Errorf("%s asks %s", p.Title, q.Datasource.UID)
			}
			expr := inQuery.Replace(q.Expr)
			if strings.Contains(expr, "$") {
				t.Errorf("%s has a variable that nobody sets: %s", p.Title, expr)
			}
			uses(t, known, p.Title, expr)
			fmt.Fprintf(&file, "  - {record: 'query:%d', expr: %q}\n", queries, expr)
			queries++
		}
	}
	for _, v := range d.Templating.List {
		if v.Type == "query" {
			uses(t, known, v.Name, v.Definition)
		}
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "queries.yaml"), []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	runs(t, folder, "check", "rules", "queries.yaml")
}
