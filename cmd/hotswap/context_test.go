package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/servertest"
)

// alone has a test be the only one who says where rollouts are.
func alone(t *testing.T) (config string) {
	t.Helper()
	for _, v := range []string{"HOTSWAP_CONTROLLER_ENDPOINT", "HOTSWAP_ENDPOINT", "HOTSWAP_CONTROLLER_TOKEN", "HOTSWAP_CONTROLLER_TOKEN_FILE", "HOTSWAP_CONTEXT", "HOTSWAP_CONFIG"} {
		t.Setenv(v, "")
	}
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	return filepath.Join(dir, "hotswap", "config.yaml")
}

// saying is what a command line prints, and its exit code.
func saying(t *testing.T, stdin string, args ...string) (string, int) {
	t.Helper()
	var out bytes.Buffer
	code := runWith(t.Context(), args, strings.NewReader(stdin), &out, &out)
	return out.String(), code
}

// step is a command line of a test, and what it has to print.
type step struct {
	line  string
	stdin string
	code  int
	says  string
}

func steps(t *testing.T, all []step) {
	t.Helper()
	for _, s := range all {
		out, code := saying(t, s.stdin, strings.Fields(s.line)...)
		if code != s.code || !strings.Contains(out, s.says) {
			t.Errorf("%s: exit %d, not %d; there is no %q in\n%s", s.line, code, s.code, s.says, out)
		}
		if strings.Contains(out, "operator") && s.stdin != "" {
			t.Errorf("%s shows a token:\n%s", s.line, out)
		}
	}
}

// TestContexts makes contexts, uses them, and deletes them.
func TestContexts(t *testing.T) {
	config := alone(t)
	r := servertest.Start(t, t.TempDir(), servertest.Fleet(engine.Production, "shop"))
	t.Setenv("PROD_TOKEN", "reader")
	steps(t, []step{
		{line: "context list", says: "there are no contexts yet"},
		{line: "context current", code: exitInput, says: "names no current context: hotswap context use NAME does"},
		{line: "rollout list", code: exitInput, says: "nothing says where the rollouts are"},
		{line: "whoami", code: exitInput, says: "no rollout server is named"},
		{line: "context set prod --controller ftp://x", code: exitInput, says: "context.controller: is not a URL"},
		{line: "context set prod --controller http://example.com", code: exitInput, says: "is http, over which anybody"},
		{line: "context set ../x --controller https://x", code: exitInput, says: `"../x" is no name of a context`},
		{line: "context set prod --controller " + r.HTTP.URL + " --token-env PROD_TOKEN", says: "context prod made: " + r.HTTP.URL},
		{line: "context current", says: "prod\n"},
		{line: "whoami", says: "rudi, may read everywhere\n"},
		{line: "whoami --json", says: `"name": "rudi"`},
		{line: "context set other --controller https://other.example.com --token-file token", says: "context other made"},
		{line: "context use nope", code: exitInput, says: `has no context "nope"`},
		{line: "context use other", says: "context other is the current one"},
		{line: "context list", says: "*        other  https://other.example.com"},
		{line: "rollout list --context prod", says: "there are no such rollouts"},
		{line: "rollout list --context prod --controller http://localhost:1", code: exitInput, says: "--controller and --context: only one of them"},
		{line: "login prod", stdin: "operator\n", says: "context prod: olga, may operate everywhere\n"},
		{line: "login prod", stdin: "nonsense\n", code: exitInput, says: "401"},
		{line: "login prod", stdin: "", code: exitInput, says: "no token came"},
		{line: "login new", stdin: "operator", code: exitInput, says: "say where its server is with --controller"},
		{line: "whoami --context prod", says: "olga, may operate everywhere\n"},
		{line: "context delete other", says: "context other deleted"},
		{line: "context current", code: exitInput, says: "names no current context"},
	})
	token := filepath.Join(filepath.Dir(config), "tokens", "prod")
	for _, file := range []string{config, token} {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s may be read by others: %s", file, info.Mode())
		}
	}
	if text, err := os.ReadFile(config); err != nil || strings.Contains(string(text), "operator") {
		t.Errorf("%v: the contexts have a token:\n%s", err, text)
	}
	steps(t, []step{{line: "context delete prod", says: "context prod deleted"}})
	if _, err := os.Stat(token); !os.IsNotExist(err) {
		t.Errorf("the token of a context that was deleted is still there: %v", err)
	}
}

// TestWhichServer: flags come before the environment, and that before the context; an error
// names what was wrong.
func TestWhichServer(t *testing.T) {
	config := alone(t)
	r := servertest.Start(t, t.TempDir(), servertest.Fleet(engine.Production, "shop"))
	reader, operator := written(t, "reader", "reader"), written(t, "operator", "operator")
	steps(t, []step{{line: "context set prod --controller " + r.HTTP.URL + " --token-file " + operator}, {line: "whoami", says: "olga"}})
	t.Setenv("HOTSWAP_CONTROLLER_TOKEN_FILE", reader)
	steps(t, []step{
		{line: "whoami", says: "rudi"},
		{line: "whoami --context prod", says: "olga"},
		{line: "whoami --token-file " + operator, says: "olga"},
	})
	t.Setenv("HOTSWAP_CONTROLLER_ENDPOINT", "http://127.0.0.1:1")
	steps(t, []step{
		{line: "whoami", code: exitInput, says: "127.0.0.1:1"},
		{line: "whoami --context prod", says: "olga"},
		{line: "whoami --controller " + r.HTTP.URL, says: "rudi"},
	})
	t.Setenv("HOTSWAP_CONTROLLER_ENDPOINT", "nonsense")
	steps(t, []step{{line: "whoami", code: exitInput, says: "HOTSWAP_CONTROLLER_ENDPOINT: controller.address: is not a URL"}})
	t.Setenv("HOTSWAP_CONTROLLER_ENDPOINT", r.HTTP.URL)
	t.Setenv("HOTSWAP_ENDPOINT", r.HTTP.URL)
	steps(t, []step{
		{line: "rollout list", code: exitInput, says: "HOTSWAP_CONTROLLER_ENDPOINT and HOTSWAP_ENDPOINT are both set"},
		{line: "rollout list --state x --endpoint https://y", code: exitInput, says: "--endpoint and --state: only one of them"},
		{line: "rollout list --endpoint " + r.HTTP.URL, code: exitInput, says: "say of which one with --environment and --plugin"},
	})
	t.Setenv("HOTSWAP_CONTROLLER_ENDPOINT", "")
	t.Setenv("HOTSWAP_ENDPOINT", "")
	t.Setenv("HOTSWAP_CONTEXT", "gone")
	steps(t, []step{{line: "whoami", code: exitInput, says: `HOTSWAP_CONTEXT: ` + config + ` has no context "gone"`}})
	t.Setenv("HOTSWAP_CONTEXT", "")
	if err := os.WriteFile(config, []byte("current: prod\ncontexts:\n  prod:\n    controler: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	steps(t, []step{{line: "whoami", code: exitInput, says: config + ":4:5: contexts.prod.controler: is not a key of contexts.prod: did you mean \"controller\"?"}})
}

// TestTokens makes, lists and removes tokens, and sees it in the audit log.
func TestTokens(t *testing.T) {
	alone(t)
	r := servertest.Start(t, t.TempDir(), servertest.Fleet(engine.Production, "shop"))
	t.Setenv("HOTSWAP_CONTROLLER_ENDPOINT", r.HTTP.URL)
	t.Setenv("HOTSWAP_CONTROLLER_TOKEN", "admin")
	made, code := saying(t, "", "token", "create", "ci\x1b[2J", "--role", "operate", "--environment", "Staging", "--expires", "90d")
	if code == exitFine {
		t.Errorf("a name with signs that are not seen is taken: %q", made)
	}
	made, code = saying(t, "", "token", "create", "ci", "--role", "operate", "--environment", "Staging", "--expires", "90d", "--quiet")
	if code != exitFine || strings.Count(made, "\n") != 1 {
		t.Fatalf("exit %d\n%s", code, made)
	}
	list, code := saying(t, "", "token", "list")
	if code != exitFine || !strings.Contains(list, "operate in Staging") || strings.Contains(list, strings.TrimSpace(made)) {
		t.Errorf("exit %d\n%s", code, list)
	}
	id := strings.Fields(strings.Split(list, "\n")[1])[0]
	steps(t, []step{
		{line: "token create x --role god", code: exitInput, says: `--role: "god" is none of read, operate, admin`},
		{line: "token create x --expires soon", code: exitInput, says: `--expires: "soon" is not a length`},
		{line: "token create x --expires 10s", code: exitInput, says: "at least 1m"},
		{line: "token list -o json", says: `"name": "ci"`},
		{line: "token remove " + id, says: "token " + id + " removed"},
		{line: "token remove " + id, code: exitInput, says: "there is no token"},
		{line: "audit", says: "admin  token.add: ci\n"},
		{line: "audit --limit 1", says: "token.remove"},
		{line: "audit -o json", says: `"action":"token.add"`},
		{line: "audit --limit 0", code: exitInput, says: "--limit: 0 is not in 1..500"},
	})
	t.Setenv("HOTSWAP_CONTROLLER_TOKEN", "reader")
	steps(t, []step{{line: "token list", code: exitRefused, says: "admin"}, {line: "audit", code: exitRefused, says: "admin"}})
}

// TestCompletions completes words from a server, and says nothing where that cannot be reached.
func TestCompletions(t *testing.T) {
	alone(t)
	w := wheres["server"](t)
	file := written(t, "held.yaml", shopCanary("2.0.0", "2s", ", autoRollback: false"))
	if out, errs, code := w.hotswap(t.Context(), "start", file, "--yes", "--wait"); code != exitRolledBack && code != exitHeld {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	t.Setenv("HOTSWAP_CONTROLLER_ENDPOINT", w.rig.HTTP.URL)
	t.Setenv("HOTSWAP_CONTROLLER_TOKEN", "operator")
	for line, want := range map[string]string{
		"rollout show ":                                 "shop-production-1\t1.0.0 -> 2.0.0 in Production, ",
		"rollout watch ":                                "shop-production-1",
		"rollout list --environment ":                   "Production",
		"rollout list --plugin ":                        "shop\tProduction",
		"rollout promote shop-production-1 --stage ":    "25%",
		"rollout plan --restores ":                      "shop-production-1",
		"rollout list --phase ":                         "rolling_back",
		"token create x --role ":                        "operate",
		"rollout list --controller http://x --context ": "",
	} {
		words := strings.Split("__complete "+line, " ")
		if out, code := saying(t, "", words...); code != exitFine || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d, there is no %q in\n%s", line, code, want, out)
		}
	}
	steps(t, []step{{line: "context set prod --controller https://prod.example.com"}})
	if out, _ := saying(t, "", "__complete", "context", "use", ""); !strings.Contains(out, "prod\thttps://prod.example.com") {
		t.Errorf("%s", out)
	}
	t.Setenv("HOTSWAP_CONTROLLER_ENDPOINT", "http://127.0.0.1:1")
	if out, code := saying(t, "", "__complete", "rollout", "show", ""); code != exitFine || strings.Contains(out, "refused") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// TestAuditFollows tells what is done while it runs, each line once.
func TestAuditFollows(t *testing.T) {
	alone(t)
	r := servertest.Start(t, t.TempDir(), servertest.Fleet(engine.Production, "shop"))
	t.Setenv("HOTSWAP_CONTROLLER_ENDPOINT", r.HTTP.URL)
	t.Setenv("HOTSWAP_CONTROLLER_TOKEN", "admin")
	steps(t, []step{{line: "token create first --quiet", says: "\n"}})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	made := false
	out := &until{text: "first", then: func() {
		if !made {
			made = true
			steps(t, []step{{line: "token create second --quiet", says: "\n"}})
		}
	}}
	end := &until{text: "second", then: stop}
	var errs bytes.Buffer
	code := runWith(ctx, []string{"audit", "--follow", "--interval", "100ms"}, strings.NewReader(""), io.MultiWriter(out, end), &errs)
	if code != exitStopped || strings.Count(out.all.String(), "\n") != 2 {
		t.Errorf("exit %d\n%s%s", code, out.all.String(), errs.String())
	}
}

// TestFleetIsNoServer: who takes a fleet for a rollout server is told so.
func TestFleetIsNoServer(t *testing.T) {
	alone(t)
	s := start(t, "--scenario", written(t, "fleet.yaml", shopFleet))
	t.Setenv("HOTSWAP_CONTROLLER_TOKEN", s.token)
	const says = "is the API of a fleet, and no rollout server"
	steps(t, []step{
		{line: "whoami --controller " + s.url, code: exitInput, says: says},
		{line: "rollout list --controller " + s.url, code: exitInput, says: says},
		{line: "login x --controller " + s.url, stdin: s.token, code: exitInput, says: says},
	})
}
