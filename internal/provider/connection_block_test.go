package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/prometheus/common/config"
)

// TestInvalidConnections says all that is wrong with how a fleet is reached, before
// anybody is.
func TestInvalidConnections(t *testing.T) {
	fleet := func(more settings) settings {
		block := settings{"endpoint": "https://fleet.example.com"}
		for name, value := range more {
			block[name] = value
		}
		return settings{"fleet": block}
	}
	for _, test := range []struct {
		name   string
		config settings
		says   []string
	}{
		{"no endpoint", settings{"fleet": settings{}}, []string{"endpoint: is missing"}},
		{"http elsewhere", fleet(settings{"endpoint": "http://fleet.example.com"}), []string{"endpoint: is http, over which anybody on the way reads credentials"}},
		{"a password in the address", fleet(settings{"endpoint": "https://me:secret@fleet.example.com"}), []string{"endpoint: has a user in it"}},
		{"two credentials", fleet(settings{"token": "secret", "token_file": "f"}), []string{"token: is given, and token_file too: give one of them"}},
		{"a timeout of a day", fleet(settings{"timeout": "24h"}), []string{"timeout: 24h0m0s is not in 0s..1h"}},
		{"a proxy that is none", fleet(settings{"proxy_url": "proxy"}), []string{"proxy_url: is not a URL"}},
		{"all at once", settings{
			"fleet": settings{"endpoint": "ftp://x"}, "prometheus": settings{"address": "http://prometheus.example.com", "max_series": 0}, "max_concurrency": 0,
			"allowed_environments": []any{"not a name!"},
		}, []string{"endpoint: is not a URL", "address: is http", "max_concurrency: 0 is not in 1..1000", "allowed_environments: \"not a name!\""}},
		{"two fleets", settings{"fleet": settings{"endpoint": "https://x"}, "simulated": settings{}}, []string{"deploys to one of them"}},
		{"a Prometheus for a simulated fleet", settings{"simulated": settings{}, "prometheus": settings{"address": "https://x"}, "journal": settings{"path": "j"}}, []string{"prometheus: is for a real fleet", "journal: is for a real fleet"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := errorsIn(validateProvider(t, test.config))
			for _, part := range test.says {
				if !strings.Contains(text, part) {
					t.Errorf("%q is not in:\n%s", part, text)
				}
			}
			if strings.Contains(text, "secret") {
				t.Errorf("a secret is told:\n%s", text)
			}
		})
	}
}

// TestVariables has every kind of setting come from the environment, and the block win.
func TestVariables(t *testing.T) {
	env := map[string]string{
		"X_ADDRESS": "https://one.example.com", "X_ALLOW_HTTP": "true", "X_TIMEOUT": "7s", "X_TOKEN_FILE": "/t", "X_TLS_CA_FILE": "/ca", "X_TLS_INSECURE_SKIP_VERIFY": "1",
		"X_HEADERS": `{"X-Scope-OrgID": "a"}`, "X_PROXY_URL": "http://proxy:3128",
	}
	var diags diag.Diagnostics
	read := func(block map[string]string) *reach {
		o := blockOf(types.ObjectNull(nil), "prometheus")
		if block != nil {
			o.attrs = map[string]attr.Value{}
			for name, value := range block {
				o.attrs[name] = types.StringValue(value)
			}
		}
		return &reach{block: o, variables: "X_", getenv: func(name string) string { return env[name] }, diags: &diags}
	}
	s := read(nil).settings("address", "agent")
	if diags.HasError() || s.Address != "https://one.example.com" || !s.AllowHTTP || s.Timeout.String() != "7s" || s.HTTP.Authorization.CredentialsFile != "/t" ||
		s.HTTP.TLSConfig.CAFile != "/ca" || !s.HTTP.TLSConfig.InsecureSkipVerify || s.HTTP.ProxyURL.Host != "proxy:3128" || s.HTTP.ProxyFromEnvironment ||
		s.HTTP.HTTPHeaders.Headers["X-Scope-OrgID"].Secrets[0] != config.Secret("a") {
		t.Errorf("%+v, %v", s, diags)
	}
	s = read(map[string]string{"address": "https://two.example.com", "token": "own"}).settings("address", "agent")
	if diags.HasError() || s.Address != "https://two.example.com" || s.HTTP.Authorization.Credentials != "own" || s.HTTP.Authorization.CredentialsFile != "" || s.HTTP.TLSConfig.CAFile != "/ca" {
		t.Errorf("%+v, %v", s, diags)
	}
	for name, value := range map[string]string{"X_ALLOW_HTTP": "perhaps", "X_TIMEOUT": "soon", "X_HEADERS": "[]"} {
		diags, env[name] = nil, value
		if read(nil).settings("address", "agent"); !diags.HasError() || !strings.Contains(diags.Errors()[0].Detail(), name) {
			t.Errorf("%s = %q: %v", name, value, diags)
		}
		delete(env, name)
	}
}
