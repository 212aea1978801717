package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// configured are the diagnostics of a provider block, in words.
func configured(t *testing.T, block map[string]any) string {
	t.Helper()
	schema, err := schemas()
	if err != nil {
		t.Fatal(err)
	}
	typ := schema.Provider.ValueType()
	resp, err := providerserver.NewProtocol6(New("test")())().ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.4", Config: dynamic(t, typ, build(t, typ, block)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return spoken(append(validateProvider(t, block), resp.Diagnostics...))
}

// TestBadSettings has connections that cannot be, which are told before anything is asked.
func TestBadSettings(t *testing.T) {
	fleet := func(more settings) map[string]any {
		all := settings{"endpoint": "http://127.0.0.1:9"}
		for k, v := range more {
			all[k] = v
		}
		return map[string]any{"fleet": all}
	}
	for name, c := range map[string]struct {
		block map[string]any
		says  string
	}{
		"no endpoint":           {fleet(settings{"endpoint": nil}), "endpoint: is missing: it is a URL like https://"},
		"no URL":                {fleet(settings{"endpoint": "fleet.example.com"}), "endpoint: is not a URL like https://"},
		"http to elsewhere":     {fleet(settings{"endpoint": "http://fleet.example.com"}), "endpoint: is http, over which anybody on the way reads credentials and changes answers: use https"},
		"a password in it":      {fleet(settings{"endpoint": "https://anna:" + hush + "@fleet.example.com"}), "endpoint: has a user in it"},
		"a query in it":         {fleet(settings{"endpoint": "https://fleet.example.com/?token=" + hush}), "endpoint: has a query"},
		"two kinds of secrets":  {fleet(settings{"token": hush, "basic_auth": settings{"username": "anna", "password": hush}}), "token: is given beside basic_auth or oauth2: give one of the three"},
		"a token twice":         {fleet(settings{"token": hush, "token_file": "token"}), "token: is given, and token_file too: give one of them"},
		"no address for tokens": {fleet(settings{"oauth2": settings{"client_id": "anna", "client_secret": hush}}), "token_url: is missing: the tokens are got there"},
		"a password twice":      {fleet(settings{"basic_auth": settings{"username": "anna", "password": hush, "password_file": "file"}}), "fleet: at most one of basic_auth password, password_file"},
		"a proxy that is none":  {fleet(settings{"proxy_url": "proxy"}), "proxy_url: is not a URL like http://proxy"},
		"too long":              {fleet(settings{"timeout": "2h"}), "timeout: 2h0m0s is not in 0s..1h"},
		"no certificate":        {fleet(settings{"tls": settings{"ca": "none"}}), "fleet: "},
		"a file that is not":    {fleet(settings{"tls": settings{"ca_file": "nowhere.pem"}}), "nowhere.pem"},
		"both":                  {map[string]any{"fleet": settings{"endpoint": "http://127.0.0.1:9"}, "simulated": settings{}}, "Two fleets"},
		"nothing at once":       {map[string]any{"fleet": settings{"endpoint": "http://127.0.0.1:9"}, "max_concurrency": 0}, "max_concurrency: 0 is not in 1..1000"},
		"no environment":        {map[string]any{"fleet": settings{"endpoint": "http://127.0.0.1:9"}, "allowed_environments": []any{"../x"}}, "allowed_environments"},
		"a query that is none": {map[string]any{
			"fleet":      settings{"endpoint": "http://127.0.0.1:9"},
			"prometheus": settings{"address": "http://127.0.0.1:9", "queries": settings{"requests": "rate(x[5m])"}},
		}, "requests: is not a selector"},
	} {
		t.Run(name, func(t *testing.T) {
			wantTold(t, configured(t, c.block), "http://127.0.0.1:9", hush, []string{c.says})
		})
	}
}

// TestSettingsByVariables has environment variables of which some cannot be.
func TestSettingsByVariables(t *testing.T) {
	t.Setenv(endpointVariable, "http://127.0.0.1:9")
	if text := strings.TrimSpace(configured(t, map[string]any{})); text != "" {
		t.Error(text)
	}
	for name, value := range map[string]string{
		concurrencyVariable: "many", environmentsVariable: "../x", "HOTSWAP_TIMEOUT": "soon", "HOTSWAP_ALLOW_HTTP": "perhaps", "HOTSWAP_HEADERS": hush,
		"HOTSWAP_OAUTH2_SCOPES": "all", "HOTSWAP_PROMETHEUS_MAX_SERIES": "many",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			t.Setenv("HOTSWAP_PROMETHEUS_ADDRESS", "http://127.0.0.1:9")
			t.Setenv("HOTSWAP_OAUTH2_CLIENT_ID", "anna")
			t.Setenv("HOTSWAP_OAUTH2_TOKEN_URL", "http://127.0.0.1:9")
			text := configured(t, map[string]any{})
			wantTold(t, text, "http://127.0.0.1:9", hush, []string{name})
			if strings.Count(text, "ERROR") == 0 {
				t.Error("it is no error")
			}
		})
	}
}
