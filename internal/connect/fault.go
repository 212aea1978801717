package connect

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Kind is what sort of thing came instead of an answer.
type Kind string

// The kinds.
const (
	NobodyThere Kind = "nobody there"   // the connection was refused
	NoSuchHost  Kind = "no such host"   // the name is not known
	TimedOut    Kind = "timed out"      // there was no whole answer in time
	Untrusted   Kind = "untrusted"      // the certificate is not one to trust
	WrongScheme Kind = "wrong scheme"   // http to a port of https, or the other way round
	Elsewhere   Kind = "elsewhere"      // a redirect that is not followed
	NoSecret    Kind = "no secret"      // a file with credentials cannot be read, or no token was got
	Proxy       Kind = "proxy"          // the proxy on the way does not do it
	Private     Kind = "private"        // it is at an address that is not public, and must not be
	Broken      Kind = "broken"         // the connection broke
	GivenUp     Kind = "given up"       // whoever asked wants no answer any more
	Login       Kind = "unauthorized"   // 401
	Forbidden   Kind = "forbidden"      // 403
	Page        Kind = "a page"         // HTML
	Grafana     Kind = "a Grafana"      // and not what is behind it
	Status      Kind = "status"         // another status than was expected
	Unreadable  Kind = "cannot be read" // an answer of another form
	TooLarge    Kind = "too large"      // an answer of more bytes than are read
)

// Fault is a request without an answer that can be used: what was asked, what came, and
// what to do. None of it has a user, a query, a header or a body of the request in it.
type Fault struct {
	Path   string // the attribute that the settings came from
	Method string
	URL    string // without its user and query
	Kind   Kind
	Status int    // of the answer; 0: there was none
	Came   string // what came, as a clause without its full stop
	Do     string // what to do, as sentences; "": there is nothing
	// Sent says that the request may have reached whom it was for. Where it is false it
	// did not, and may be sent again whatever it does.
	Sent bool
	Err  error // nil: an answer came
}

// Error is one line.
func (f *Fault) Error() string {
	text := f.Path + ": " + f.Method + " " + f.URL + ": " + f.Came
	if f.Do != "" {
		text += ". " + f.Do
	}
	return engine.Visible(text)
}

// Unwrap is what the network said.
func (f *Fault) Unwrap() error { return f.Err }

// shown is an address without what may be secret.
func shown(u *url.URL) string {
	if u == nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}

// asked is a fault of a request that has nothing else in it yet.
func (c *Client) asked(req *http.Request) *Fault {
	return &Fault{Path: c.path, Method: req.Method, URL: shown(req.URL), Sent: true}
}

// plain is what an error says, without the addresses that net/http puts before it, whose
// queries may be secret.
func plain(err error) string {
	for {
		var u *url.Error
		if !errors.As(err, &u) {
			break
		}
		err = u.Err
	}
	text := strings.Join(strings.Fields(err.Error()), " ")
	return engine.Told(text)
}
