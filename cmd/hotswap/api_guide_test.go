package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/servertest"
)

// TestSessionWithServer plays the session of the guide of the server's API, with the real curl
// and word for word: a bad version is planned, started, held, and taken back.
func TestSessionWithServer(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "curl", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	guide, err := os.ReadFile("../../templates/guides/server-api.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	r := servertest.Start(t, t.TempDir(), servertest.Fleet(engine.Production, "shop"))
	var script strings.Builder
	commands := regexp.MustCompile(`(?m)^\$ (.*)$`).FindAllStringSubmatch(string(guide), -1)
	for _, c := range commands {
		script.WriteString(c[1] + "\n")
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail")
	cmd.Dir, cmd.Stdin = t.TempDir(), strings.NewReader(script.String())
	cmd.Env = append(os.Environ(), "HOTSWAP_URL="+r.HTTP.URL, "HOTSWAP_TOKEN=operator")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"olga\noperate\n", "1.0.0 -> 2.0.0", "rolling_back\n", "rolled_back\n"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if len(commands) != 12 {
		t.Errorf("the guide has %d commands", len(commands))
	}
}
