package provider

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// reach reads how another one is reached, out of a block and, where that says nothing, out
// of environment variables.
type reach struct {
	block     block
	variables string // how they begin
	getenv    func(string) string
	diags     *diag.Diagnostics
}

// variable is the environment variable of a setting.
func (r *reach) variable(names ...string) string {
	return r.variables + strings.ToUpper(strings.Join(names, "_"))
}

// value is the setting at a path, nil where the block does not say.
func (r *reach) value(names ...string) attr.Value {
	b := r.block
	for _, name := range names[:len(names)-1] {
		inner, ok := b.block(name)
		if !ok {
			return nil
		}
		b = inner
	}
	return b.get(names[len(names)-1])
}

// text is a setting; "": nobody says.
func (r *reach) text(names ...string) string {
	if v, ok := r.value(names...).(types.String); ok {
		return v.ValueString()
	}
	return r.getenv(r.variable(names...))
}

// wrong notes what is wrong with a setting.
func (r *reach) wrong(rule string, names ...string) {
	at := path.Root(r.block.path)
	for _, name := range names {
		at = at.AtName(name)
	}
	r.diags.AddAttributeError(at, invalidConnection, fmt.Sprintf("%s: %s (it may come from the environment variable %s).", names[len(names)-1], rule, r.variable(names...)))
}

const invalidConnection = "Invalid connection"

func (r *reach) flag(names ...string) bool {
	if v, ok := r.value(names...).(types.Bool); ok {
		return v.ValueBool()
	}
	said := r.getenv(r.variable(names...))
	on, err := strconv.ParseBool(said)
	if said != "" && err != nil {
		r.wrong("is neither true nor false", names...)
	}
	return on
}

func (r *reach) duration(name string) time.Duration {
	if d := r.block.duration(name); d != nil {
		return time.Duration(*d)
	}
	said := r.getenv(r.variable(name))
	if said == "" {
		return 0
	}
	d, err := engine.ParseDuration(said)
	if err != nil {
		r.wrong(err.Error(), name)
	}
	return d
}

// texts are those of a map.
func (r *reach) texts(names ...string) map[string]string {
	m := map[string]string{}
	if v, ok := r.value(names...).(types.Map); ok {
		for key, value := range v.Elements() {
			if s, ok := value.(types.String); ok && !s.IsNull() && !s.IsUnknown() {
				m[key] = s.ValueString()
			}
		}
		return m
	}
	if said := r.getenv(r.variable(names...)); said != "" && json.Unmarshal([]byte(said), &m) != nil {
		r.wrong("is not a JSON object of texts", names...)
	}
	return m
}

// list are the texts of a list.
func (r *reach) list(names ...string) (l []string) {
	if v, ok := r.value(names...).(types.List); ok {
		for _, value := range v.Elements() {
			if s, ok := value.(types.String); ok && !s.IsNull() && !s.IsUnknown() {
				l = append(l, s.ValueString())
			}
		}
		return l
	}
	if said := r.getenv(r.variable(names...)); said != "" && json.Unmarshal([]byte(said), &l) != nil {
		r.wrong("is not a JSON list of texts", names...)
	}
	return l
}

// settings are how the one at an address is reached. address is the setting's name.
func (r *reach) settings(address, agent string) connect.Settings {
	s := connect.Settings{
		Path: r.block.path, Address: r.text(address), AllowHTTP: r.flag("allow_http"), Timeout: r.duration("timeout"), UserAgent: agent, HTTP: config.DefaultHTTPClientConfig,
	}
	r.credentials(&s.HTTP)
	s.HTTP.TLSConfig = config.TLSConfig{
		CA: r.text("tls", "ca"), CAFile: r.text("tls", "ca_file"), Cert: r.text("tls", "cert"), CertFile: r.text("tls", "cert_file"),
		Key: config.Secret(r.text("tls", "key")), KeyFile: r.text("tls", "key_file"), ServerName: r.text("tls", "server_name"),
		InsecureSkipVerify: r.flag("tls", "insecure_skip_verify"),
	}
	s.HTTP.ProxyFromEnvironment = true
	if proxy := r.text("proxy_url"); proxy != "" {
		u, err := url.Parse(proxy)
		if err != nil || u.Host == "" {
			r.wrong("is not a URL like http://proxy.example.com:3128", "proxy_url")
		} else {
			s.HTTP.ProxyURL, s.HTTP.ProxyFromEnvironment = config.URL{URL: u}, false
		}
	}
	if headers := r.texts("headers"); len(headers) > 0 {
		s.HTTP.HTTPHeaders = &config.Headers{Headers: map[string]config.Header{}}
		for name, value := range headers {
			s.HTTP.HTTPHeaders.Headers[name] = config.Header{Secrets: []config.Secret{config.Secret(value)}}
		}
	}
	return s
}

// credentials are those of the block or, where it names none, those of the environment.
func (r *reach) credentials(h *config.HTTPClientConfig) {
	own := *r
	if slices.ContainsFunc([]string{"token", "token_file", "basic_auth", "oauth2"}, func(name string) bool { return r.block.get(name) != nil }) {
		own.getenv = func(string) string { return "" }
	}
	token, file, user, id := own.text("token"), own.text("token_file"), own.text("basic_auth", "username"), own.text("oauth2", "client_id")
	if rule, at := clash(token, file, user, id); rule != "" {
		own.wrong(rule, at...)
		return
	}
	switch {
	case token+file != "":
		h.Authorization = &config.Authorization{Credentials: config.Secret(token), CredentialsFile: file}
	case user != "":
		h.BasicAuth = &config.BasicAuth{Username: user, Password: config.Secret(own.text("basic_auth", "password")), PasswordFile: own.text("basic_auth", "password_file")}
	case id != "":
		if h.OAuth2 = own.tokens(id); h.OAuth2.TokenURL == "" {
			own.wrong("is missing: the tokens are got there", "oauth2", "token_url")
			h.OAuth2 = nil
		}
	}
}

// clash is what is wrong with credentials of several kinds, and with which of them.
func clash(token, file, user, id string) (rule string, at []string) {
	switch {
	case token != "" && file != "":
		return "is given, and token_file too: give one of them", []string{"token"}
	case token != "" && user+id != "":
		return "is given beside basic_auth or oauth2: give one of the three", []string{"token"}
	case file != "" && user+id != "":
		return "is given beside basic_auth or oauth2: give one of the three", []string{"token_file"}
	case user != "" && id != "":
		return "is given beside oauth2: give one of them", []string{"basic_auth"}
	}
	return "", nil
}

// tokens are how a client gets tokens of OAuth 2.
func (r *reach) tokens(client string) *config.OAuth2 {
	return &config.OAuth2{
		ClientID: client, ClientSecret: config.Secret(r.text("oauth2", "client_secret")), ClientSecretFile: r.text("oauth2", "client_secret_file"),
		TokenURL: r.text("oauth2", "token_url"), Scopes: r.list("oauth2", "scopes"), EndpointParams: r.texts("oauth2", "endpoint_params"),
	}
}
