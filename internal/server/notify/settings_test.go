package notify

import (
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// read is settings as a configuration file has them.
func read(t *testing.T, text string) Settings {
	t.Helper()
	var s Settings
	if err := yaml.UnmarshalWithOptions([]byte(text), &s, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSettingsAreRead(t *testing.T) {
	s := read(t, `
sinks:
- name: pager
  kind: webhook
  url: https://hooks.example.com/rollouts?key=1
  secret_files: [/run/new, /run/old]
  events: [held, stuck]
  environments: [Production]
  plugins: [stripe]
  timeout: 5s
  max_concurrency: 2
  http:
    proxy_url: http://proxy.example.com:3128
    tls_config: {ca_file: /etc/ca.pem}
- name: deployments
  kind: cdevents
  url: http://10.0.0.7/events
  allow_http: true
  allow_private_addresses: true
- {name: people, kind: slack, token_file: /run/token, channel: C024BE91L}
- {name: others, kind: slack, url_file: /run/hook}
`)
	if ps := s.Check(); len(ps) > 0 {
		t.Fatal(ps)
	}
	k := s.Sinks[0]
	if k.Timeout != 5*time.Second || k.Events[1] != Stuck || k.Environments[0] != engine.Production || k.HTTP.TLSConfig.CAFile != "/etc/ca.pem" || k.HTTP.ProxyURL.Host != "proxy.example.com:3128" {
		t.Errorf("got %+v", k)
	}
}

func TestCheckSaysAllAtOnce(t *testing.T) {
	s := read(t, `
sinks:
- {kind: mail}
- {name: a, kind: webhook, url: "https://me:hush@example.com/", secret_file: x, secret_files: [y, z, ""]}
- {name: a, kind: cdevents, url: "http://example.com/", channel: c, events: [begun], environments: [production], plugins: ["/"], timeout: 2m, max_concurrency: 65}
- {name: b, kind: slack, token_file: t}
- {name: c, kind: slack, url: "https://hooks.slack.com/x", url_file: f, channel: c, secret_file: s}
- {name: d}
`)
	got := s.Check().Error()
	for _, want := range []string{
		`sinks[0].name: "" is not 1..63`, `sinks[0].kind: "mail" is not one of webhook, cdevents, slack`, "sinks[0].url: is missing",
		"sinks[1].url: has a user", "sinks[1].secret_files: is beside secret_file", "sinks[1].secret_files: 3 are more than the two", "sinks[1].secret_files[2]: is empty",
		`sinks[2].name: "a" is that of notifications.sinks[1] too`, "sinks[2].url: is http", "sinks[2].channel: is of sinks of the kind slack", `sinks[2].events[0]: "begun" is not one of started, stage`,
		`sinks[2].environments[0]: "production" is Production in other letters`, `sinks[2].plugins[0]: "/" is not`, "sinks[2].timeout: 2m0s is not in 1s..1m", "sinks[2].max_concurrency: 65 is not in 1..64",
		"sinks[3].channel: is missing", "sinks[4].url_file: is beside url", "sinks[4].channel: needs token_file", "sinks[4].secret_file: is of sinks",
		"sinks[5].kind: is missing",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("want %q", want)
		}
	}
	if strings.Contains(got, "hush") {
		t.Error("a secret is told")
	}
	if t.Failed() {
		t.Log(got)
	}
}
