package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checkedConfig runs serve --check on a configuration in a folder with a scenario.
func checkedConfig(t *testing.T, text string) (code int, out string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"hotswap.yaml": text, "ci.token": "0123456789012345678901234\n", "bad.yaml": "deployment: {plugin_id: 1}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	scenario, err := os.ReadFile(guideCanary)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "fleet.yaml"), scenario, 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), []string{"serve", "--config", filepath.Join(dir, "hotswap.yaml"), "--check"}, &stdout, &stderr)
	return code, strings.ReplaceAll(stdout.String()+stderr.String(), dir, "DIR")
}

func TestCheckConfig(t *testing.T) {
	for _, c := range []struct {
		name, text string
		code       int
		want       string
	}{
		{
			"fine", "environments:\n  Production:\n    fleet: {endpoint: https://fleet.example.com, token_file: ci.token}\n    prometheus: {address: https://p.example.com}\n    journal: store\n" +
				"  lab:\n    kind: Staging\n    simulated: {scenario: fleet.yaml, time_scale: 60}\nstate: state\naccess:\n  tokens:\n    - {name: ci, file: ci.token, grants: [{role: operate, environments: [lab]}, {role: read}]}\n",
			exitFine, `would serve at http://127.0.0.1:8700, 4 rollouts at a time, with the state in DIR/state
store: SQLite, in the folder of the state, keeps 200 rollouts of a plugin that are over
environment Production, of the kind Production: the fleet at https://fleet.example.com, counted by the Prometheus at https://p.example.com, journals kept by the store
environment lab, of the kind Staging: the simulated fleet of DIR/fleet.yaml at a time scale of 60
token ci: operate in lab; read everywhere, for ever
checked: this configuration, and the files and variables that it names on this machine; nobody was asked: no fleet, Prometheus, store, issuer or receiver
warning: DIR/hotswap.yaml:12:7: access.tokens[0].expires: is missing: the token ci is good for ever
`,
		},
		{
			"wrong", "listen: x\nenvironments: {QA: {}}\n", exitInput, `hotswap: DIR/hotswap.yaml:1:9: listen: is not HOST:PORT, like 127.0.0.1:8700
DIR/hotswap.yaml:2:16: environments.QA: has neither fleet nor postgresql nor simulated: give one of them
`,
		},
		{
			"not here", "environments: {QA: {simulated: {scenario: bad.yaml}}, Staging: {simulated: {scenario: no.yaml}}}\n", exitInput,
			`hotswap: DIR/hotswap.yaml:1:87: environments.Staging.simulated.scenario: stat DIR/no.yaml: no such file or directory
DIR/bad.yaml:1:1: deployment.environment: `,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out := checkedConfig(t, c.text)
			if code != c.code || !strings.HasPrefix(out, c.want) {
				t.Errorf("%d\n%s\ninstead of\n%s", code, out, c.want)
			}
		})
	}
}

func TestConfigNeedsCheck(t *testing.T) {
	for _, args := range [][]string{{"serve"}, {"serve", "--config", "x"}, {"serve", "--check", "--scenario", "x"}, {"serve", "--config", "x", "--check", "--scenario", "x"}} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, &stdout, &stderr); code != exitInput {
			t.Errorf("%q exits with %d: %s", args, code, stderr.String())
		}
	}
}
