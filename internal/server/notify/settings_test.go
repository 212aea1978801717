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
	if err := yaml.UnmarshalWithOptions([]byte(text), &s.Sinks, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSettingsAreRead(t *testing.T) {
	s := read(t, `
- name: pager
  kind: webhook
  url: https://hooks.example.com/rollouts?key=1
  secret_files: [/run/new, /run/old]
  events: [held, stuck]
  environments: [Production]
  plugins: [stripe]
  timeout: PT5S
  max_concurrency: 2
  http:
    proxy_url: http://proxy.example.com:3128
    tls_config: {ca_file: ca.pem}
- name: deployments
  kind: cdevents
  url: http://10.0.0.7/events
  allow_http: true
  allow_private_addresses: true
- {name: people, kind: slack, token_file: bot.token, channel: C024BE91L}
- {name: others, kind: slack, url_file: /run/hook}
`)
	if ps := s.Check(); len(ps) > 0 {
		t.Fatal(ps)
	}
	s.Below("/etc/hotswap")
	if f := s.Sinks[2].TokenFile; f != "/etc/hotswap/bot.token" || s.Sinks[0].SecretFiles[1] != "/run/old" {
		t.Error(f)
	}
	k := s.Sinks[0]
	if k.timeout() != 5*time.Second || k.Events[1] != Stuck || k.Environments[0] != engine.Production || k.HTTP.TLSConfig.CAFile != "/etc/hotswap/ca.pem" || k.HTTP.ProxyURL.Host != "proxy.example.com:3128" {
		t.Errorf("got %+v", k)
	}
}

func TestCheckSaysAllAtOnce(t *testing.T) {
	s := read(t, `
- {kind: mail}
- {name: a, kind: webhook, url: "https://me:hush@example.com/", secret_file: x, secret_files: [y, z, ""]}
- {name: a, kind: cdevents, url: "http://example.com/", channel: c, events: [begun], environments: [production], plugins: ["/"], timeout: 2m, max_concurrency: 65}
- {name: b, kind: slack, token_file: t}
- {name: c, kind: slack, url: "https://hooks.slack.com/x", url_file: f, channel: c, secret_file: s}
- {name: d}
`)
	got := s.Check().Error()
	for _, want := range []string{
		`notifications[0].name: "" is not 1..63`, `notifications[0].kind: "mail" is not one of webhook, cdevents, slack`, "notifications[0].url: is missing",
		"notifications[1].url: has a user", "notifications[1].secret_files: is beside secret_file", "notifications[1].secret_files: 3 are more than the two", "notifications[1].secret_files[2]: is empty",
		`notifications[2].name: "a" is that of notifications[1] too`, "notifications[2].url: is http", "notifications[2].channel: is of sinks of the kind slack", `notifications[2].events[0]: "begun" is not one of started, stage`,
		`notifications[2].environments[0]: "production" is Production in other letters`, `notifications[2].plugins[0]: "/" is not`, "notifications[2].timeout: 2m0s is not in 1s..1m", "notifications[2].max_concurrency: 65 is not in 1..64",
		"notifications[3].channel: is missing", "notifications[4].url_file: is beside url", "notifications[4].channel: needs token_file", "notifications[4].secret_file: is of sinks",
		"notifications[5].kind: is missing",
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
