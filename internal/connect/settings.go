package connect

import (
	"cmp"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// What Settings that say nothing mean.
const (
	usualTimeout     = 30 * time.Second
	usualConcurrency = 8
)

// The most that Settings take.
const (
	mostTimeout     = time.Hour
	mostConcurrency = 1000
)

// Settings say whom to reach, and how.
type Settings struct {
	// Path is the attribute that these came from, as "fleet": it begins every error.
	Path string
	// AddressName is what the attribute of Address is called; "": address.
	AddressName string
	// Address is the base URL, with https. With http it may be this machine, and others only
	// where AllowHTTP says so. It has no user, query or fragment: addresses end up in logs.
	Address   string
	AllowHTTP bool
	// HTTP has the credentials, TLS, proxy and headers. It is best made from
	// config.DefaultHTTPClientConfig, which follows redirects and speaks HTTP/2.
	HTTP config.HTTPClientConfig
	// Timeout is that of one request and its answer, up to 1 h; 0: 30 s.
	Timeout time.Duration
	// MaxConcurrency is how many requests are under way at a time, 1..1000; 0: 8.
	MaxConcurrency int
	// UserAgent says who asks; "": Go's own.
	UserAgent string
	// PublicOnly refuses to connect to addresses that are not public: those of this machine,
	// of private networks and of clouds' metadata. It is what a name resolves to that counts.
	// Where there is a proxy, that is what connects, and what has to refuse.
	PublicOnly bool
}

// Check says all that is wrong with s. It reads no files and reaches nobody.
func (s Settings) Check() engine.Problems {
	var ps engine.Problems
	ps = append(ps, checkURL(s.Path+"."+cmp.Or(s.AddressName, "address"), s.Address, s.AllowHTTP)...)
	if s.Timeout < 0 || s.Timeout > mostTimeout {
		ps = append(ps, engine.Problem{Path: s.Path + ".timeout", Value: s.Timeout.String(), Rule: "is not in 0s..1h"})
	}
	if s.MaxConcurrency < 0 || s.MaxConcurrency > mostConcurrency {
		ps = append(ps, engine.Problem{Path: s.Path + ".max_concurrency", Rule: "is not in 0..1000"})
	}
	own := s.ownHTTP()
	if err := own.Validate(); err != nil {
		ps = append(ps, engine.Problem{Path: s.Path, Rule: err.Error()})
	}
	if o := s.HTTP.OAuth2; o != nil && o.TokenURL != "" {
		ps = append(ps, checkURL(s.Path+".oauth2.token_url", o.TokenURL, s.AllowHTTP)...)
	}
	return ps
}

// ownHTTP is s.HTTP as far as validating it changes it, so that s stays as it is.
func (s Settings) ownHTTP() config.HTTPClientConfig {
	own := s.HTTP
	if own.Authorization != nil {
		a := *own.Authorization
		own.Authorization = &a
	}
	return own
}

// checkURL says what is wrong with an address that credentials are sent to. What it says
// has no user or query of it.
func checkURL(path, address string, allowHTTP bool) engine.Problems {
	u, err := url.Parse(address)
	wrong := func(rule string) engine.Problems { return engine.Problems{{Path: path, Rule: rule}} }
	switch {
	case address == "":
		return wrong("is missing: it is a URL like https://hotswap.example.com")
	case err != nil: // which may have a password in it
		return wrong("is not a URL like https://hotswap.example.com")
	case u.User != nil:
		return wrong("has a user in it, which would end up in logs: give the credentials on their own")
	case !addressed(u):
		return wrong("is not a URL like https://hotswap.example.com: it begins with https:// and names a host")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return wrong("has a query or a fragment: only the part before it is an address")
	case u.Scheme == "http" && !allowHTTP && !loopback(u.Hostname()):
		return wrong("is http, over which anybody on the way reads credentials and changes answers: use https, or allow http for it")
	}
	return nil
}

// addressed says whether u names a host to speak HTTP with.
func addressed(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// loopback says whether host is this machine, without asking anybody.
func loopback(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
