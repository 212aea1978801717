package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom/promtest"
)

// exposes is an instance of a fleet that exposes what a guide asks for, but for a few things.
func exposes(t *testing.T, instance string) string {
	t.Helper()
	var b strings.Builder
	series := func(metric, version string, v int, more string) {
		fmt.Fprintf(&b, "%s{environment=\"Production\",plugin=\"stripe\",version=%q,instance_id=%q%s} %d\n", metric, version, instance, more, v)
	}
	for _, version := range []string{"1.5.0", "1.6.0"} {
		for i, outcome := range []string{prom.OutcomeSuccess, prom.OutcomeError, prom.OutcomeTimeout} {
			series(prom.MetricRequests, version, 900-400*i, fmt.Sprintf(",outcome=%q", outcome))
		}
		for i, le := range []string{"0.1", "0.25", "0.5", "1", "+Inf"} {
			series(prom.MetricDuration+"_bucket", version, 1000+100*i, fmt.Sprintf(",le=%q", le))
		}
		series(prom.MetricDuration+"_count", version, 1500, "")
		series(prom.MetricDuration+"_sum", version, 300, "")
		series(prom.MetricConversions, version, 40, "")
	}
	text := b.String()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// checked runs the command against an address.
func checked(t *testing.T, address string, more ...string) (text string, code int) {
	t.Helper()
	var out bytes.Buffer
	code = run(t.Context(), append([]string{"metrics", "check", "--address", address, "--environment", "Production", "--plugin", "stripe"}, more...), &out, &out)
	return out.String(), code
}

// fleeting are the parts of a report that are others each time.
var fleeting = []struct {
	of *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+`), "http://localhost:9090"},
	{regexp.MustCompile(`rometheus \d+\.\d+\.\d+\S*`), "rometheus 2.42.0"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`), "2026-11-26T12:00:00Z"},
	{regexp.MustCompile(`(?m)^(\S+ +\d+ +)(\d+(?:\.\d+)?m?s)  `), "${1}200ms  "},
	{regexp.MustCompile(` +200ms  `), "    200ms  "},
}

// TestMetricsCheck asks a real Prometheus, and compares with what the guide shows.
func TestMetricsCheck(t *testing.T) {
	p := promtest.StartWith(t, promtest.Options{Scrape: 500 * time.Millisecond, Targets: []string{exposes(t, "i-1"), exposes(t, "i-2"), exposes(t, "i-3")}})
	var text string
	var code int
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if text, code = checked(t, p.Address); strings.Contains(text, "every 500ms") && strings.Contains(text, "3 report") {
			break
		}
	}
	if code != exitFine {
		t.Errorf("exit %d", code)
	}
	guide, err := os.ReadFile("../../templates/guides/measure-with-prometheus.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fleeting {
		text = f.of.ReplaceAllString(text, f.to)
	}
	if !strings.Contains(string(guide), strings.TrimSpace(text)) {
		t.Errorf("the guide does not have this:\n%s", text)
	}
	out, code := checked(t, p.Address, "--json", "-")
	var v checkedMetrics
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != exitFine || !v.Usable || v.Kind != "metrics check" || len(v.Queries) != len(prom.QueryNames()) {
		t.Errorf("as JSON: exit %d, %v, %+v", code, err, v)
	}
	reference, err := os.ReadFile("../../templates/guides/json-output.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"(\w+)":`).FindAllStringSubmatch(out, -1) {
		if !strings.Contains(string(reference), "`"+m[1]+"`") {
			t.Errorf("the reference does not explain %s", m[1])
		}
	}
	text, code = checked(t, p.Address, "--plugin", "another")
	if code != exitUnexpected || !strings.Contains(text, "there are no series") || !strings.Contains(text, "expose the counter "+prom.MetricRequests) {
		t.Errorf("nothing is exposed: exit %d\n%s", code, text)
	}
	for errors, want := range map[string]int{prom.MetricRequests + `{outcome="none"}`: exitFine, `errors_total`: exitUnexpected} { // nothing failed yet; who knows
		text, code = checked(t, p.Address, "--queries", inFile(t, "queries: {errors: '"+errors+"'}\n"))
		if code != want || strings.Contains(text, "there are no series: nothing failed yet, or the selector is wrong") != (want == exitFine) {
			t.Errorf("errors are %s: exit %d\n%s", errors, code, text)
		}
	}
	text, code = checked(t, p.Address, "--queries", inFile(t, "labels: {outcome: result}\n"))
	if code != exitUnexpected || !strings.Contains(text, `the result "", which is none of`) {
		t.Errorf("a label that is not there: exit %d\n%s", code, text)
	}
}

func inFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestMetricsCheckRefuses has addresses and files that are wrong, and others than a
// Prometheus at them.
func TestMetricsCheckRefuses(t *testing.T) {
	answers := func(status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api/health" {
				_, _ = io.WriteString(w, `{"database":"ok","version":"11.2.0","commit":"1"}`)
				return
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	for _, tc := range []struct {
		name, address string
		more          []string
		says          []string
	}{
		{"nothing", "", []string{"--environment", "", "--plugin", ""}, []string{"--environment is missing", "--plugin is missing", "prometheus.address: is missing"}},
		{"http elsewhere", "http://prometheus.example.com", nil, []string{"is http, over which"}},
		{"a Grafana", answers(404, `{"message":"Not found"}`), nil, []string{"a Grafana answered", "the Prometheus that is behind it"}},
		{"a Grafana that wants to know who asks", answers(401, `{"message":"Unauthorized"}`), nil, []string{"a Grafana answered"}},
		{"nobody", "http://127.0.0.1:1", nil, []string{"connection was refused"}},
		{"an unknown query", "https://p", []string{"--queries", inFile(t, "queries: {cpus: x, requests: 'sum(x)', cpu: '{{.Pod}}'}\n")}, []string{
			"prometheus.queries.cpus: is not a query: there are requests, ", "prometheus.queries.requests: is not a selector", "prometheus.queries.cpu: asks for what there is not",
		}},
		{"an unknown setting", "https://p", []string{"--queries", inFile(t, "query: {}\n")}, []string{"--queries: ", "query"}},
		{"no file", "https://p", []string{"--queries", "none.yaml", "--http-config", "neither.yaml"}, []string{"--queries: open none.yaml", "--http-config: open neither.yaml"}},
		{"a connection that cannot be", "https://p", []string{"--http-config", inFile(t, "basic_auth: {username: me, password: hush}\nbearer_token: hush\n")}, []string{"at most one of"}},
	} {
		text, code := checked(t, tc.address, tc.more...)
		if code != exitInput {
			t.Errorf("%s: exit %d", tc.name, code)
		}
		for _, want := range tc.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s: want %q in:\n%s", tc.name, want, text)
			}
		}
		if strings.Contains(text, "hush") {
			t.Errorf("%s: a secret is told:\n%s", tc.name, text)
		}
	}
}
