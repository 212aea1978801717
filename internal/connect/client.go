package connect

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/common/config"
)

// Client reaches one other. It may be used by several at once.
type Client struct {
	path     string
	base     *url.URL
	http     *http.Client
	sends    string // which credentials go along, in words
	timeout  time.Duration
	underWay chan struct{} // has an element for each request
}

// New makes a client of s. It reads certificates and connects to nobody. The error is
// s.Check's, or says which file cannot be read.
func New(s Settings) (*Client, error) {
	if ps := s.Check(); len(ps) > 0 {
		return nil, ps
	}
	base, err := url.Parse(s.Address)
	if err != nil {
		return nil, err // Check has parsed it
	}
	c := &Client{path: s.Path, base: base, timeout: s.Timeout}
	if c.timeout == 0 {
		c.timeout = usualTimeout
	}
	concurrency := s.MaxConcurrency
	if concurrency == 0 {
		concurrency = usualConcurrency
	}
	c.underWay = make(chan struct{}, concurrency)
	own := s.ownHTTP()
	if err := own.Validate(); err != nil {
		return nil, err
	}
	c.sends = sends(&own)
	rt, err := c.transport(own, s.options())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Path, err)
	}
	c.http = &http.Client{Transport: rt, Timeout: c.timeout, CheckRedirect: c.redirect(own.FollowRedirects)}
	return c, nil
}

// transport is what sends requests. OAuth 2 is done by a round tripper of our own.
func (c *Client) transport(own config.HTTPClientConfig, opts []config.HTTPClientOption) (http.RoundTripper, error) {
	oauth := own.OAuth2
	own.OAuth2 = nil
	rt, err := config.NewRoundTripperFromConfig(own, c.path, opts...)
	if err != nil || oauth == nil {
		return rt, err
	}
	return newTokens(c.path, oauth, rt, c.timeout, opts)
}

// options are those of the transport that its configuration does not have.
func (s *Settings) options() []config.HTTPClientOption {
	var opts []config.HTTPClientOption
	if s.UserAgent != "" {
		opts = append(opts, config.WithUserAgent(s.UserAgent))
	}
	if p := &s.HTTP.ProxyConfig; s.PublicOnly && p.ProxyURL.URL == nil && !p.ProxyFromEnvironment {
		opts = append(opts, config.WithDialContextFunc(publicOnly))
	}
	return opts
}

// sends says which credentials a configuration has, in words.
func sends(own *config.HTTPClientConfig) string {
	switch {
	case own.BasicAuth != nil:
		return "a user name and a password were sent"
	case own.OAuth2 != nil:
		return "a token of OAuth 2 was sent"
	case own.Authorization != nil:
		return "credentials of the type " + own.Authorization.Type + " were sent"
	case own.TLSConfig.Cert != "" || own.TLSConfig.CertFile != "":
		return "a client certificate was shown where it was asked for"
	default:
		return "no credentials were sent"
	}
}

// URL is the one below the base that elems lead to. Each is one element of the path,
// whatever is in it.
func (c *Client) URL(elems ...string) *url.URL {
	u := *c.base
	plain, raw := strings.TrimSuffix(u.Path, "/"), strings.TrimSuffix(u.EscapedPath(), "/")
	for _, e := range elems {
		plain += "/" + e
		raw += "/" + escaped(e)
	}
	u.Path, u.RawPath = plain, raw
	return &u
}

// escaped is an element of a path that stays one: dots alone would lead elsewhere.
func escaped(elem string) string {
	if elem == "." || elem == ".." {
		return strings.ReplaceAll(elem, ".", "%2E")
	}
	return url.PathEscape(elem)
}

// errElsewhere is behind the fault of a redirect that is not followed.
var errElsewhere = errors.New("a redirect that is not followed")

// mostHops is how many redirects are followed.
const mostHops = 5

// redirect follows what stays with the host that was configured, and keeps what was asked.
func (c *Client) redirect(follow bool) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		first := via[0]
		to := shown(req.URL)
		switch {
		case !follow:
			return http.ErrUseLastResponse
		case first.URL.Scheme == "https" && req.URL.Scheme != "https":
			return fmt.Errorf("%w: from https to %s", errElsewhere, to)
		case req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme:
			return fmt.Errorf("%w: to %s", errElsewhere, to)
		case req.Method != first.Method:
			return fmt.Errorf("%w: to %s, which makes a %s of it", errElsewhere, to, req.Method)
		case len(via) > mostHops:
			return fmt.Errorf("%w: the %dth one, to %s", errElsewhere, len(via), to)
		}
		return nil
	}
}

// Do sends a request and gives the answer, whatever its status; its body has to be closed.
// At most so many requests as the settings allow are under way, each until its body is
// closed. The error is a *Fault. The request gets an X-Request-Id, unless it has one.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	select {
	case c.underWay <- struct{}{}:
	case <-req.Context().Done():
		return nil, c.unsent(req)
	}
	req = req.Clone(req.Context())
	if req.Header.Get(requestID) == "" {
		req.Header.Set(requestID, newID())
	}
	zipped := req.Header.Get("Accept-Encoding") == ""
	if zipped {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		<-c.underWay
		return nil, c.fault(req, err)
	}
	resp.Request = req
	resp.Body = newBody(c, req, resp, zipped)
	return resp, nil
}

// unsent is the fault of a request whose turn did not come.
func (c *Client) unsent(req *http.Request) *Fault {
	f := c.fault(req, req.Context().Err())
	f.Sent = false
	return f
}

// requestID is the header that finds a request again in the logs of who was asked.
const requestID = "X-Request-Id"

func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails, it says
	return hex.EncodeToString(id[:])
}

// Close gives up connections that nobody uses.
func (c *Client) Close() { c.http.CloseIdleConnections() }
