package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
)

// minimal is the least that a configuration says.
const minimal = "environments: {Production: {fleet: {endpoint: https://fleet.example.com}}}\n"

func TestProblems(t *testing.T) {
	fleet := func(more string) string {
		return "environments:\n  Production:\n    fleet:\n      endpoint: https://fleet.example.com\n" + more
	}
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "h.yaml: environments: is missing: a server has at least one environment"},
		{"something else", "kind: Deployment\nspec: {}\n", "h.yaml:1:1: is not a configuration of a server: it has none of the keys that one begins with (listen, tls, state, store, server, environments, access, notifications, log)"},
		{"no YAML", minimal + "listen: [\n", "h.yaml:2:9: sequence end token ']' not found"},
		{"a slip", minimal + "listn: x\n", `h.yaml:2:1: listn: is not a key of the configuration: did you mean "listen"?`},
		{"a secret in the wrong place", minimal + "store: {postgresql: {dsn: postgres://a:hunter2@b/c}}\n", "h.yaml:2:22: store.postgresql.dsn: is not a key of store.postgresql"},
		{"twice", minimal + "listen: 127.0.0.1:1\nlisten: 127.0.0.1:2\n", `h.yaml:3:1: mapping key something already defined at [2:1]`},
		{"two documents", minimal + "---\n" + minimal, "h.yaml:3:13: a file has one configuration"},
		{"an anchor", minimal + "listen: &a 127.0.0.1:1\n", "h.yaml:2:9: anchors, aliases and tags are not part of a configuration: write the value out"},
		{"an address", minimal + "listen: here\n", "h.yaml:2:9: listen: is not HOST:PORT, like 127.0.0.1:8700"},
		{"a port", minimal + "listen: 127.0.0.1:99999\n", "h.yaml:2:9: listen: has a port that is none"},
		{"open", minimal + "listen: :8700\n", "h.yaml:2:9: listen: can be reached from other machines, and tokens would travel in the open: give tls, listen on 127.0.0.1, or say insecure_listen: true where a proxy in front speaks TLS"},
		{"half a certificate", minimal + "tls: {cert_file: a}\n", "h.yaml:2:1: tls: cert_file and key_file belong together: give both"},
		{"client certificates alone", minimal + "tls:\n  client_ca_file: a\n", "h.yaml:3:19: tls.client_ca_file: needs cert_file and key_file: without TLS there are no client certificates"},
		{"no state", minimal + "state: ''\n", "h.yaml:2:8: state: is empty: it is a folder"},
		{"no database", minimal + "store: {postgresql: {}}\n", "h.yaml:2:9: store.postgresql: has neither dsn_file nor dsn_env: give one of them"},
		{"two databases", minimal + "store: {postgresql: {dsn_file: a, dsn_env: B}}\n", "h.yaml:2:44: store.postgresql.dsn_env: is given, and dsn_file too: give one of them"},
		{"workers", minimal + "server: {workers: 0}\n", "h.yaml:2:19: server.workers: 0 is not in 1..1000"},
		{"rollouts", minimal + "server: {keep_rollouts: -1}\n", "h.yaml:2:25: server.keep_rollouts: -1 is not in 1..1000000"},
		{"a word for a number", minimal + "server: {workers: many}\n", "h.yaml:2:19: server.workers: the text is not a whole number"},
		{"a name", minimal + "server: {name: " + strings.Repeat("x", 129) + "}\n", "h.yaml:2:16: server.name: has 129 bytes, and a name has at most 128"},
		{"an external address", minimal + "server: {external_url: hotswap}\n", "h.yaml:2:24: server.external_url: is not a URL like https://hotswap.example.com"},
		{"an external path", minimal + "server: {external_url: 'https://a.example.com/x'}\n", "h.yaml:2:24: server.external_url: has more than a host and a port: the server answers at the root of its host"},
		{"an open external address", minimal + "server: {external_url: 'http://a.example.com'}\n", "h.yaml:2:24: server.external_url: is http, over which anybody on the way reads sessions: use https"},
		{"a level", minimal + "log: {level: loud}\n", `h.yaml:2:14: log.level: "loud" is not one of debug, info, warn, error`},
		{"a form", minimal + "log: {format: xml}\n", `h.yaml:2:15: log.format: "xml" is not one of logfmt, json`},

		{"no fleet", "environments:\n  Production: {}\n", "h.yaml:2:3: environments.Production: has neither fleet nor postgresql nor simulated: give one of them"},
		{"two fleets", fleet("    simulated: {scenario: a}\n"), "h.yaml:5:5: environments.Production.simulated: is given, and fleet too: give one of them"},
		{"a name of an environment", "environments: {'../x': {simulated: {scenario: a}}}\n", `h.yaml:1:16: environments["../x"]: "../x" is not one of Development, QA, Staging, Production, nor a name of 1..63 letters, digits, '.', '_' or '-' that begins and ends with a letter or digit`},
		{"no kind", "environments: {eu.1: {simulated: {scenario: a}}}\n", `h.yaml:1:16: environments["eu.1"].kind: is missing: a name of one's own needs it, one of Development, QA, Staging, Production`},
		{"a kind", "environments: {eu: {kind: Prod, simulated: {scenario: a}}}\n", `h.yaml:1:27: environments.eu.kind: "Prod" is not one of Development, QA, Staging, Production`},
		{"another kind", "environments: {QA: {kind: Staging, simulated: {scenario: a}}}\n", "h.yaml:1:27: environments.QA.kind: is not the kind of QA, whose name says it: leave it out"},
		{"a keeper", fleet("    journal: disk\n"), `h.yaml:5:14: environments.Production.journal: "disk" is not one of fleet, store`},
		{"a plugin", fleet("    plugins: [stripe, ../x]\n"), `h.yaml:5:23: environments.Production.plugins[1]: "../x" is not 1..128 letters, digits, '.', '_' or '-' that begin with a letter or digit`},
		{"no scenario", "environments: {QA: {simulated: {}}}\n", "h.yaml:1:21: environments.QA.simulated.scenario: is missing: it is the file that describes the fleet"},
		{"a time scale", "environments: {QA: {simulated: {scenario: a, time_scale: 3601}}}\n", "h.yaml:1:58: environments.QA.simulated.time_scale: 3601 is not in 1..3600"},
		{"a counter of a simulated fleet", "environments: {QA: {simulated: {scenario: a}, prometheus: {address: https://p.example.com}}}\n", "h.yaml:1:47: environments.QA.prometheus: is given, and simulated too: a simulated fleet counts its traffic itself"},

		{"two fleets, one of PostgreSQL", "environments: {QA: {plugins: [a], simulated: {scenario: a}, postgresql: {servers: [{name: a, url: 'postgres://h/d'}]}}}\n", "environments.QA.postgresql: is given, and another fleet too: give one of them"},
		{"a counter of PostgreSQL", "environments: {QA: {plugins: [a], prometheus: {address: https://p.example.com}, postgresql: {servers: [{name: a, url: 'postgres://h/d'}]}}}\n", "environments.QA.prometheus: is given, and postgresql too: the servers count their transactions themselves"},
		{"no extensions", "environments: {QA: {postgresql: {servers: [{name: a, url: 'postgres://h/d'}]}}}\n", "environments.QA.plugins: is missing: with postgresql it names the extensions that are rolled out"},
		{"no servers", servers("{}"), "environments.QA.postgresql.servers: has 0 servers, and a fleet has 1 to 1000"},
		{"a password in a URL", servers("{servers: [{name: a, url: 'postgres://u:hunter2@h/d'}]}"), "environments.QA.postgresql.servers[0].url: has a password in it: put it into a file, and name that in password_file"},
		{"a password as a parameter", servers("{servers: [{name: a, url: 'postgres://h/d?password=hunter2'}]}"), "environments.QA.postgresql.servers[0].url: has a password in it: put it into a file, and name that in password_file"},
		{"a URL of something else", servers("{servers: [{name: a, url: 'https://h/hunter2'}]}"), "environments.QA.postgresql.servers[0].url: is not like postgres://hotswap@db.example.com:5432/postgres"},
		{"a TLS mode", servers("{servers: [{name: a, url: 'postgres://h/d?sslmode=hunter2'}]}"), "environments.QA.postgresql.servers[0].url: cannot be read as libpq reads it: sslmode is invalid"},
		{"a server twice", servers("{servers: [{name: a, url: 'postgres://h/d'}, {name: a, url: 'postgres://i/d'}]}"), `environments.QA.postgresql.servers[1].name: "a" is there twice`},
		{"a server's name", servers("{servers: [{name: a/b, url: 'postgres://h/d'}]}"), "environments.QA.postgresql.servers[0].name: is not 1..63 letters"},
		{"a pattern", servers("{databases: {include: ['[']}, servers: [{name: a, url: 'postgres://h/d'}]}"), "environments.QA.postgresql.databases.include[0]: is no pattern like tenant_*"},
		{"a quick look", servers("{resolution: 10ms, servers: [{name: a, url: 'postgres://h/d'}]}"), "environments.QA.postgresql.resolution: 10ms is not in 1s..1h"},
		{"a journal in PostgreSQL", "environments: {QA: {journal: fleet, plugins: [a], postgresql: {servers: [{name: a, url: 'postgres://h/d'}]}}}\n", "environments.QA.journal: is fleet: servers of PostgreSQL keep no journals, the store does"},

		{"no endpoint", "environments: {QA: {fleet: {}}}\n", "h.yaml:1:21: environments.QA.fleet.endpoint: is missing: it is a URL like https://hotswap.example.com"},
		{"an open endpoint", "environments: {QA: {fleet: {endpoint: http://fleet.example.com}}}\n", "h.yaml:1:39: environments.QA.fleet.endpoint: is http, over which anybody on the way reads credentials and changes answers: use https, or allow http for it"},
		{"a password", "environments: {QA: {fleet: {endpoint: https://a:hunter2@fleet.example.com}}}\n", "h.yaml:1:39: environments.QA.fleet.endpoint: has a user in it, which would end up in logs: give the credentials on their own"},
		{"a time", fleet("      timeout: soon\n"), "h.yaml:5:16: environments.Production.fleet.timeout: \"soon\" is not a duration: write ISO 8601 (PT10M, PT1H30M, P1D) or Go's form (10m, 1h30m)"},
		{"a long time", fleet("      timeout: 2h\n"), "h.yaml:5:16: environments.Production.fleet.timeout: 2h0m0s is not in 0s..1h"},
		{"two credentials", fleet("      token_file: a\n      token_env: B\n"), "h.yaml:6:18: environments.Production.fleet.token_env: is given, and token_file too: give one of them"},
		{"no password", fleet("      basic_auth: {username: a}\n"), "h.yaml:5:7: environments.Production.fleet.basic_auth: has neither password_file nor password_env: give one of them"},
		{"a password in the file", fleet("      basic_auth: {username: a, password: hunter2}\n"), "h.yaml:5:33: environments.Production.fleet.basic_auth.password: is not a key of environments.Production.fleet.basic_auth"},
		{"a token in the file", fleet("      token: hunter2\n"), "h.yaml:5:7: environments.Production.fleet.token: is not a key of environments.Production.fleet"},
		{"a token for a mapping", fleet("      basic_auth: hunter2\n"), "h.yaml:5:19: environments.Production.fleet.basic_auth: the text is not a mapping of keys to values"},
		{"a proxy", fleet("      proxy_url: 'http://a:hunter2@proxy'\n"), "h.yaml:5:18: environments.Production.fleet.proxy_url: has a user in it, which would be a secret in this file: use the environment variable HTTPS_PROXY"},
		{"a header twice", fleet("      headers: {X-A: b}\n      header_files: {X-A: c}\n"), "h.yaml:6:22: environments.Production.fleet.header_files.X-A: is in headers too: give it once"},
		{"a query", fleet("    prometheus: {address: 'https://p.example.com', queries: {request: up}}\n"), "environments.Production.prometheus.queries.request: is not a query: there are"},

		{"an unknown environment", minimal + "access: {tokens: [{name: a, file: f, grants: [{role: read, environments: [Prod]}]}]}\n", "h.yaml:2:75: access.tokens[0].grants[0].environments[0]: Prod is not one of the environments"},
		{"a role", minimal + "access: {tokens: [{name: a, file: f, grants: [{role: root}]}]}\n", `h.yaml:2:54: access.tokens[0].grants[0].role: "root" is not one of read, operate, admin`},
		{"no grants", minimal + "access: {tokens: [{name: a, file: f}]}\n", "h.yaml:2:19: access.tokens[0].grants: is empty: who has no role may do nothing"},
		{"a hash", minimal + "access: {tokens: [{name: a, hash: hunter2, grants: [{role: read}]}]}\n", "h.yaml:2:35: access.tokens[0].hash: is not sha256: and 64 hexadecimal digits. It is made with: printf %s TOKEN | sha256sum"},
		{"an end", minimal + "access: {tokens: [{name: a, file: f, expires: soon, grants: [{role: read}]}]}\n", "h.yaml:2:47: access.tokens[0].expires: is neither a day like 2027-06-30 nor a time like 2027-06-30T12:00:00Z"},
		{"a name twice", minimal + "access: {tokens: [{name: a, file: f, grants: [{role: read}]}, {name: a, file: f, grants: [{role: read}]}]}\n", `h.yaml:2:70: access.tokens[1].name: "a" is that of access.tokens[0].name too`},
		{"certificates", minimal + "access: {certificates: [{common_name: a, grants: [{role: read}]}]}\n", "h.yaml:2:10: access.certificates: needs tls.client_ca_file: without it, no client certificate is asked for"},
		{"anybody", minimal + "access: {anonymous: operate}\n", `h.yaml:2:21: access.anonymous: "operate" is not read, which is all that those may be let who show nothing`},
		{"a short session", minimal + "access: {sessions: {length: 1s}}\n", "h.yaml:2:29: access.sessions.length: 1s is less than 1m"},
		{"no requests", minimal + "access: {limits: {requests_per_second: 0}}\n", "h.yaml:2:40: access.limits.requests_per_second: 0 would let nobody in"},
		{"a proxy in front", minimal + "access: {limits: {trusted_proxies: [all]}}\n", "h.yaml:2:37: access.limits.trusted_proxies[0]: is neither an address nor a network like 10.0.0.0/8"},
		{"an issuer over http", minimal + issuer("http://idp.example.com", "audience: [a]", "{claims: {sub: x}, grants: [{role: read}]}"), "h.yaml:5:15: access.oidc[0].issuer: is http, over which anybody on the way reads credentials and changes answers: use https, or allow http for it"},
		{"an issuer here", minimal + issuer("http://127.0.0.1:1", "audience: [a]", "{claims: {sub: x}, grants: [{role: read}]}"), "h.yaml:5:15: access.oidc[0].issuer: is http: use https, or, on this machine, allow_http by name"},
		{"no audience", minimal + issuer("https://idp.example.com", "label: a", "{claims: {sub: x}, grants: [{role: read}]}"), "h.yaml:4:11: access.oidc[0].audience: is missing: without it, a token that was made for anybody else would do here"},
		{"no claims", minimal + issuer("https://idp.example.com", "audience: [a]", "{grants: [{role: read}]}"), "h.yaml:7:15: access.oidc[0].rules[0]: has no claims and no globs: it would let everybody in whom https://idp.example.com knows"},
		{"everybody on GitHub", minimal + issuer("https://token.actions.githubusercontent.com", "audience: [a]", "{claims: {environment: production}, grants: [{role: read}]}"), "h.yaml:7:15: access.oidc[0].rules[0]: lets everybody in who has an account at GitHub: say whose it is with repository_id or repository_owner_id"},
		{"any repository", minimal + issuer("https://token.actions.githubusercontent.com", "audience: [a]", "{globs: {sub: 'repo:*'}, grants: [{role: read}]}"), "h.yaml:7:15: access.oidc[0].rules[0]: lets everybody in who has an account at GitHub: say whose it is with repository_id or repository_owner_id"},
		{"a login", minimal + issuer("https://idp.example.com", "audience: [a]\n      login: {client_id: a}", "{claims: {sub: x}, grants: [{role: read}]}"), "h.yaml:7:7: access.oidc[0].login: needs server.external_url: browsers come back from the issuer there"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read("h.yaml", []byte(c.text))
			if err == nil || !strings.Contains("\n"+err.Error()+"\n", c.want) {
				t.Fatalf("%v\ninstead of\n%s", err, c.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v shows a secret", err)
			}
			var ps Problems
			if !errors.As(err, &ps) || len(ps) != 1 {
				t.Errorf("more is wrong than that:\n%v", err)
			}
		})
	}
}

// servers is a configuration with servers of PostgreSQL.
func servers(text string) string {
	return "environments: {QA: {plugins: [a], postgresql: " + text + "}}\n"
}

// issuer is a configuration's access with one issuer.
func issuer(url, more, rule string) string {
	return fmt.Sprintf("access:\n  oidc:\n    - name: idp\n      issuer: %s\n      %s\n      rules: [%s]\n", url, more, rule)
}

func TestAllProblemsAtOnce(t *testing.T) {
	_, err := Read("dir/h.yaml", []byte("listen: :80\nserver:\n  workers: 0\nenvironments:\n  QA:\n    fleet: {endpoint: ftp://x, token_file: a, token_env: B}\n  x: {simulated: {scenario: a, time_scale: 0}}\nlog: {level: loud}\n"))
	want := []string{
		"1:9: listen: can", "3:12: server.workers: 0", "6:23: environments.QA.fleet.endpoint: is not a URL", "6:58: environments.QA.fleet.token_env: is given",
		"7:3: environments.x.kind: is missing", "7:44: environments.x.simulated.time_scale: 0", "8:14: log.level:",
	}
	lines := strings.Split(fmt.Sprint(err), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d problems:\n%v", len(lines), err)
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, "dir/h.yaml:"+want[i]) {
			t.Errorf("%s instead of %s", line, want[i])
		}
	}
}

func TestDefaultsAndPaths(t *testing.T) {
	_, err := Read("/etc/hotswap/hotswap.yaml", []byte("environments: {eu-1: {kind: QA, fleet: {endpoint: https://f.example.com, token_file: t/fleet, timeout: PT1M, tls: {ca_file: /ca, cert_file: c}, header_files: {X-Key: k}}, prometheus: {address: https://p.example.com}}}\n"+
		"access: {tokens: [{name: ci, file: ci.token, expires: 2027-06-30, grants: [{role: operate, environments: [eu-1]}]}]}\n"))
	if err == nil || !strings.Contains(err.Error(), "environments.eu-1.fleet.tls: cert_file and key_file belong together") { // a certificate without its key
		t.Fatal(err)
	}
	c, err := Read("/etc/hotswap/hotswap.yaml", []byte("environments: {eu-1: {kind: QA, fleet: {endpoint: https://f.example.com, token_file: t/fleet, timeout: PT1M, tls: {ca_file: /ca}, header_files: {X-Key: k}}, prometheus: {address: https://p.example.com, token_env: PROM}}}\n"+
		"access: {tokens: [{name: ci, file: ci.token, expires: 2027-06-30, grants: [{role: operate, environments: [eu-1]}]}]}\nnotifications: [{a: 1}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8700" || c.State != "/var/lib/hotswap" || c.Server.Workers != 4 || c.Server.KeepRollouts != 200 || c.Log != (Log{"info", "logfmt"}) {
		t.Errorf("%+v", c)
	}
	s, ok := c.Fleet("eu-1", "hotswap/1", func(name string) string { return "of " + name })
	if !ok || s.API.HTTP.Authorization.CredentialsFile != "/etc/hotswap/t/fleet" || s.API.HTTP.TLSConfig.CAFile != "/ca" || s.API.Timeout != time.Minute ||
		s.API.HTTP.HTTPHeaders.Headers["X-Key"].Files[0] != "/etc/hotswap/k" || s.Prometheus.HTTP.Authorization.Credentials != "of PROM" || s.API.UserAgent != "hotswap/1" {
		t.Errorf("%+v", s)
	}
	if len(s.Check()) > 0 || c.KindOf("eu-1") != engine.QA || c.KindOf("Staging") != engine.Staging {
		t.Error(s.Check())
	}
	a := c.AccessSettings()
	if got := a.Tokens[0]; got.File != "/etc/hotswap/ci.token" || !got.Expires.Equal(time.Date(2027, 6, 30, 0, 0, 0, 0, time.UTC)) || a.Session != access.UsualSession {
		t.Errorf("%+v", a)
	}
	var raw []struct {
		A int `yaml:"a"`
	}
	if err := c.Raw(c.Notifications, &raw); err != nil || len(raw) != 1 || raw[0].A != 1 {
		t.Error(raw, err)
	}
	if p := c.Problem("notifications[0].a", "x"); p.Line != 3 || p.Column != 21 {
		t.Error(p)
	}
	if l := c.Listener(); !l.Local || l.CertFile != "" {
		t.Errorf("%+v", l)
	}
}

func TestWarnings(t *testing.T) {
	c, err := Read("h.yaml", []byte("listen: 0.0.0.0:8700\ninsecure_listen: true\nenvironments:\n  QA:\n    fleet: {endpoint: http://fleet.example.com, allow_http: true, tls: {insecure_skip_verify: true}}\n"+
		"access:\n  anonymous: read\n  tokens:\n    - {name: a, file: f, grants: [{role: read}]}\n    - {name: b, file: f, expires: 2020-01-01, grants: [{role: read}]}\n  oidc:\n    - name: github\n"+
		"      issuer: https://token.actions.githubusercontent.com\n      audience: [a]\n      rules:\n        - {claims: {repository: octo/shop}, globs: {sub: 'repo:octo/*'}, grants: [{role: read}]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := `h.yaml:2:18: insecure_listen: tokens and answers travel in the open between whoever speaks TLS in front of the server and here
h.yaml:5:5: environments.QA.fleet: has no credentials: whoever reaches the fleet may change it
h.yaml:5:23: environments.QA.fleet.endpoint: is http to another machine: anybody on the way reads the credentials and changes answers
h.yaml:5:95: environments.QA.fleet.tls.insecure_skip_verify: takes any certificate: anybody on the way reads the credentials and changes answers
h.yaml:7:14: access.anonymous: read lets everybody who reaches the server see all rollouts and fleets
h.yaml:9:7: access.tokens[0].expires: is missing: the token a is good for ever
h.yaml:10:35: access.tokens[1].expires: 2020-01-01T00:00:00Z is over: the token b lets nobody in
h.yaml:16:21: access.oidc[0].rules[0].claims.repository: is a name, which somebody else may have after it was given up: use repository_id
h.yaml:16:53: access.oidc[0].rules[0].globs.sub: has names in it, in a form that changes (that of GitHub did in 2026): use repository_id`
	if got := c.Warnings(time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)).Error(); got != want {
		t.Errorf("%s\ninstead of\n%s", got, want)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(minimal)
	f.Add("environments: {a: {simulated: {scenario: b}}}\naccess: {oidc: [{rules: [{claims: {a: b}}]}]}\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Read("h.yaml", []byte(text))
		if err != nil {
			var ps Problems
			if !errors.As(err, &ps) {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		c.Warnings(time.Time{})
		if _, err := access.New(c.AccessSettings(), nil, time.Now); err != nil {
			t.Fatalf("what was read is refused: %v\n%s", err, text)
		}
	})
}

func TestHere(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("empty", "")
	put("two", "hunter2 hunter3")
	c, err := Read(filepath.Join(dir, "h.yaml"), []byte("tls: {cert_file: empty, key_file: empty}\nstore: {postgresql: {dsn_env: DSN}}\nenvironments:\n  QA: {simulated: {scenario: nowhere.yaml}}\n"+
		"access:\n  tokens:\n    - {name: a, file: two, grants: [{role: read}]}\n    - {name: b, file: ., grants: [{role: read}]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	said := ""
	getenv := func(string) string { return said }
	want := `D/h.yaml:2:31: store.postgresql.dsn_env: the environment variable DSN is empty, or is not set
D/h.yaml:4:30: environments.QA.simulated.scenario: stat D/nowhere.yaml: no such file or directory
D/h.yaml:7:23: access.tokens[0].file: D/two has more than one word, and a secret is one
D/h.yaml:8:23: access.tokens[1].file: D is a folder`
	if got := strings.ReplaceAll(fmt.Sprint(c.Here(getenv)), dir, "D"); got != want {
		t.Errorf("%s\ninstead of\n%s", got, want)
	}
	if dsn, err := c.DSN(getenv); dsn != "" || err == nil {
		t.Error(dsn, err)
	}
	said = "postgres://"
	if dsn, err := c.DSN(getenv); dsn != said || err != nil {
		t.Error(dsn, err)
	}
	put("two", "0123456789012345678901234")
	put("nowhere.yaml", "")
	c.Access.Tokens = c.Access.Tokens[:1]
	if got := fmt.Sprint(c.Here(getenv)); !strings.HasPrefix(got, filepath.Join(dir, "h.yaml")+":1:1: tls: failed to find any PEM data") {
		t.Error(got)
	}
}
