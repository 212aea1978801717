package config

import (
	"net/url"
	"time"

	prometheus "github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Connection is how another one is reached. Secrets are in files, which are read anew, or in
// environment variables.
type Connection struct {
	AllowHTTP bool            `yaml:"allow_http"` // take http to other machines too, where anybody on the way reads the credentials; default false
	Timeout   engine.Duration `yaml:"timeout"`    // longest wait for one answer, up to 1h; default 30s
	TokenFile Path            `yaml:"token_file"` // file with the bearer token, read anew for each request
	TokenEnv  Variable        `yaml:"token_env"`  // environment variable with the bearer token
	BasicAuth *BasicAuth      `yaml:"basic_auth"` // user name and password
	OAuth2    *OAuth2         `yaml:"oauth2"`     // tokens by OAuth 2 with client credentials
	TLS       *ClientTLS      `yaml:"tls"`        // certificates
	ProxyURL  string          `yaml:"proxy_url"`  // proxy on the way; default: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say
	// Headers of each request, such as X-Scope-OrgID. They are no secrets.
	Headers     map[string]string `yaml:"headers"`
	HeaderFiles map[string]Path   `yaml:"header_files"` // files with the values of headers that are secrets
	// How many requests are under way at a time, 1 to 1000; default 8.
	MaxConcurrency int `yaml:"max_concurrency"`
}

// BasicAuth is a user name and a password:
//
//	basic_auth: {username: hotswap, password_file: password}
type BasicAuth struct {
	Username     string   `yaml:"username"`      // user name
	PasswordFile Path     `yaml:"password_file"` // file with the password, read anew for each request
	PasswordEnv  Variable `yaml:"password_env"`  // environment variable with the password
}

// OAuth2 is how tokens of OAuth 2 are got:
//
//	oauth2: {client_id: hotswap, client_secret_file: secret, token_url: https://login.example.com/token}
type OAuth2 struct {
	ClientID         string            `yaml:"client_id"`          // client id
	ClientSecretFile Path              `yaml:"client_secret_file"` // file with the client secret, read anew
	ClientSecretEnv  Variable          `yaml:"client_secret_env"`  // environment variable with the client secret
	TokenURL         string            `yaml:"token_url"`          // address that gives the tokens
	Scopes           []string          `yaml:"scopes"`             // scopes to ask for
	EndpointParams   map[string]string `yaml:"endpoint_params"`    // parameters of the request for a token, such as audience; they are no secrets
}

// ClientTLS are the certificates on the way to another one.
type ClientTLS struct {
	CAFile             Path   `yaml:"ca_file"`              // certificates to trust, in PEM, beside none of the system's; read again when they change
	CertFile           Path   `yaml:"cert_file"`            // client certificate, in PEM; read again when it changes
	KeyFile            Path   `yaml:"key_file"`             // its key, in PEM
	ServerName         string `yaml:"server_name"`          // name that the certificate has to be for; default: the address's
	InsecureSkipVerify bool   `yaml:"insecure_skip_verify"` // take any certificate: anybody on the way reads the credentials; default false
}

// settings are those of a connection. lookup tells environment variables.
func (n *Connection) settings(path, name, address, agent string, lookup func(string) string) connect.Settings {
	s := connect.Settings{
		Path: path, AddressName: name, Address: address, AllowHTTP: n.AllowHTTP, Timeout: time.Duration(n.Timeout), MaxConcurrency: n.MaxConcurrency,
		UserAgent: agent, HTTP: prometheus.DefaultHTTPClientConfig,
	}
	n.credentials(&s.HTTP, lookup)
	s.HTTP.TLSConfig = n.TLS.config()
	proxy(&s.HTTP, n.ProxyURL)
	if len(n.Headers)+len(n.HeaderFiles) > 0 {
		headers := map[string]prometheus.Header{}
		for name, value := range n.Headers {
			headers[name] = prometheus.Header{Values: []string{value}}
		}
		for name, file := range n.HeaderFiles {
			headers[name] = prometheus.Header{Files: []string{string(file)}}
		}
		s.HTTP.HTTPHeaders = &prometheus.Headers{Headers: headers}
	}
	return s
}

func (n *Connection) credentials(h *prometheus.HTTPClientConfig, lookup func(string) string) {
	secret := func(v Variable) prometheus.Secret {
		if v == "" {
			return ""
		}
		return prometheus.Secret(lookup(string(v)))
	}
	switch {
	case n.TokenFile != "":
		h.Authorization = &prometheus.Authorization{CredentialsFile: string(n.TokenFile)}
	case n.TokenEnv != "":
		h.Authorization = &prometheus.Authorization{Credentials: secret(n.TokenEnv)}
	case n.BasicAuth != nil:
		h.BasicAuth = &prometheus.BasicAuth{Username: n.BasicAuth.Username, PasswordFile: string(n.BasicAuth.PasswordFile), Password: secret(n.BasicAuth.PasswordEnv)}
	case n.OAuth2 != nil:
		h.OAuth2 = &prometheus.OAuth2{
			ClientID: n.OAuth2.ClientID, ClientSecretFile: string(n.OAuth2.ClientSecretFile), ClientSecret: secret(n.OAuth2.ClientSecretEnv),
			TokenURL: n.OAuth2.TokenURL, Scopes: n.OAuth2.Scopes, EndpointParams: n.OAuth2.EndpointParams,
		}
	}
}

// config is how certificates are checked; nil: as usual.
func (t *ClientTLS) config() prometheus.TLSConfig {
	if t == nil {
		return prometheus.TLSConfig{}
	}
	return prometheus.TLSConfig{
		CAFile: string(t.CAFile), CertFile: string(t.CertFile), KeyFile: string(t.KeyFile), ServerName: t.ServerName, InsecureSkipVerify: t.InsecureSkipVerify,
	}
}

// proxy puts a proxy on the way, or whatever the environment says.
func proxy(h *prometheus.HTTPClientConfig, address string) {
	if u, err := url.Parse(address); address != "" && err == nil {
		h.ProxyURL = prometheus.URL{URL: u}
		return
	}
	h.ProxyFromEnvironment = true
}
