package connect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/prometheus/common/config"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// tokens gives each request a token of OAuth 2. It is not the round tripper of the
// configuration's own package, whose requests for tokens have no timeout, outlast those
// that they are for, and follow redirects with the secret in their bodies.
type tokens struct {
	path   string
	of     *config.OAuth2
	secret config.SecretReader
	client *http.Client // for the tokens themselves
	next   http.RoundTripper
	turn   chan struct{} // has an element while somebody looks at what follows
	token  *oauth2.Token
	had    string // the secret that it was got with
}

func newTokens(path string, of *config.OAuth2, next http.RoundTripper, timeout time.Duration, opts []config.HTTPClientOption) (*tokens, error) {
	rt, err := config.NewRoundTripperFromConfig(config.HTTPClientConfig{TLSConfig: of.TLSConfig, ProxyConfig: of.ProxyConfig, EnableHTTP2: true}, path, opts...)
	if err != nil {
		return nil, fmt.Errorf("oauth2: %w", err)
	}
	t := &tokens{path: path, of: of, next: next, turn: make(chan struct{}, 1)}
	t.client = &http.Client{Transport: rt, Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // no token is got elsewhere
	}}
	text, file := of.ClientSecret, of.ClientSecretFile
	if of.GrantType == jwtBearer {
		text, file = of.ClientCertificateKey, of.ClientCertificateKeyFile
	}
	t.secret = config.NewInlineSecret(string(text))
	if file != "" {
		t.secret = config.NewFileSecret(file)
	}
	return t, nil
}

const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// noToken is why there is none.
type noToken struct {
	from string
	err  error
}

func (e *noToken) Error() string { return "no token from " + e.from + ": " + plain(e.err) }

func (e *noToken) Unwrap() error { return e.err }

// RoundTrip implements http.RoundTripper.
func (t *tokens) RoundTrip(req *http.Request) (*http.Response, error) {
	token, err := t.get(req.Context())
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // as a round tripper has to
		}
		from, _ := url.Parse(t.of.TokenURL) // Settings.Check has parsed it
		return nil, &noToken{shown(from), err}
	}
	req = req.Clone(req.Context())
	token.SetAuthHeader(req)
	return t.next.RoundTrip(req)
}

// CloseIdleConnections is what http.Client asks of its transport.
func (t *tokens) CloseIdleConnections() {
	t.client.CloseIdleConnections()
	if c, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// get is a token that is good still, got with the secret as it is now.
func (t *tokens) get(ctx context.Context) (*oauth2.Token, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	secret, err := t.secret.Fetch(ctx)
	if err != nil {
		return nil, err
	}
	if t.token.Valid() && t.had == secret {
		return t.token, nil
	}
	token, err := t.source(context.WithValue(ctx, oauth2.HTTPClient, t.client), secret).Token()
	if err != nil {
		return nil, err
	}
	if token.AccessToken == "" {
		return nil, errors.New("the answer has no access_token")
	}
	t.token, t.had = token, secret
	return token, nil
}

// source asks for tokens with a secret.
func (t *tokens) source(ctx context.Context, secret string) oauth2.TokenSource {
	params := url.Values{}
	for k, v := range t.of.EndpointParams {
		params.Set(k, v)
	}
	if t.of.GrantType != jwtBearer {
		of := clientcredentials.Config{ClientID: t.of.ClientID, ClientSecret: secret, Scopes: t.of.Scopes, TokenURL: t.of.TokenURL, EndpointParams: params}
		return of.TokenSource(ctx)
	}
	iss := t.of.Iss
	if iss == "" {
		iss = t.of.ClientID
	}
	of := config.JwtGrantTypeConfig{
		PrivateKey: []byte(secret), PrivateKeyID: t.of.ClientCertificateKeyID, Scopes: t.of.Scopes, TokenURL: t.of.TokenURL,
		SigningAlgorithm: signing(t.of.SignatureAlgorithm), Iss: iss, Subject: t.of.ClientID, Audience: t.of.Audience,
		PrivateClaims: t.of.Claims, EndpointParams: params,
	}
	return of.TokenSource(ctx)
}

// signing is an algorithm by its name; RS256 where none is given.
func signing(name string) *jwt.SigningMethodRSA {
	switch name {
	case jwt.SigningMethodRS384.Name:
		return jwt.SigningMethodRS384
	case jwt.SigningMethodRS512.Name:
		return jwt.SigningMethodRS512
	default:
		return jwt.SigningMethodRS256
	}
}
