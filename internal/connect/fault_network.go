package connect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"golang.org/x/oauth2"
)

// fault says what an error of the network means.
func (c *Client) fault(req *http.Request, err error) *Fault {
	f := c.asked(req)
	f.Err = bare(err)
	if ended := req.Context().Err(); ended != nil {
		f.Err, err = ended, ended
	}
	for _, know := range []func(*Fault, error) bool{
		c.stopped, secretOf, certificateOf, redirectOf, schemeOf, dialOf,
	} {
		if know(f, err) {
			return f
		}
	}
	f.Kind, f.Came = Broken, "the connection broke ("+plain(err)+")"
	f.Do = "Ask again; where it happens each time, look at the proxies on the way and at what listens there."
	return f
}

// bare is err without the address that net/http puts before it.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// stopped knows ends by time or by whoever asked.
func (c *Client) stopped(f *Fault, err error) bool {
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled):
		f.Kind, f.Came = GivenUp, "nobody waits for the answer any more"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		f.Kind, f.Came = TimedOut, fmt.Sprintf("no whole answer came within %s", c.timeout)
		f.Do = "Look whether it is up, and whether a firewall drops what is sent to it; where it is only slow, raise the timeout."
		var op *net.OpError
		f.Sent = !(errors.As(err, &op) && op.Op == "dial")
	default:
		return false
	}
	return true
}

// secretOf knows credentials that could not be had.
func secretOf(f *Fault, err error) bool {
	var token *noToken
	var file *fs.PathError
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &token) && errors.As(err, &refused):
		f.Came = fmt.Sprintf("no token was given for it: %s answered %s", token.from, refused.Response.Status)
		if refused.ErrorCode != "" {
			f.Came += fmt.Sprintf(" (%.80q)", refused.ErrorCode)
		}
		f.Do = "Check the client's id and secret, its scopes and the address for tokens."
	case errors.As(err, &token):
		f.Came, f.Do = token.Error(), "Check the address for tokens, and whether it can be reached from here."
	case errors.As(err, &file):
		f.Came, f.Do = "nothing was sent, since a file with credentials or certificates cannot be read ("+file.Error()+")", "Check its path and who may read it."
	default:
		return false
	}
	f.Kind, f.Sent = NoSecret, false
	return true
}

// certificateOf knows certificates that were refused, on either side.
func certificateOf(f *Fault, err error) bool {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var alert tls.AlertError
	text := err.Error()
	switch {
	case errors.As(err, &unknown) && unknown.Cert != nil && unknown.Cert.Issuer.String() == unknown.Cert.Subject.String():
		f.Came = fmt.Sprintf("its certificate, of %q, is signed by itself", unknown.Cert.Subject.String())
		f.Do = "Give this certificate as the CA, if it is the one you expect."
	case errors.As(err, &unknown):
		f.Came = "its certificate is signed by an authority that is not known here"
		if unknown.Cert != nil {
			f.Came += fmt.Sprintf(", %q", unknown.Cert.Issuer.String())
		}
		f.Do = "Give that authority's certificate as the CA."
	case errors.As(err, &host):
		f.Came = fmt.Sprintf("its certificate is for another name than %q", host.Host)
		f.Do = "Use the name that the certificate is for, or give that as the server name."
	case errors.As(err, &invalid):
		f.Came, f.Do = "its certificate is not valid: "+plain(invalid), "Have it renewed; where it says that it is not valid yet or any more, check the clocks."
	case errors.As(err, &alert), strings.Contains(text, "remote error: tls:"):
		f.Came, f.Do = "it refused to speak TLS with us ("+plain(err)+")", "Check the client certificate, its key, and the versions of TLS that are allowed."
	default:
		return false
	}
	f.Kind, f.Sent = Untrusted, false
	return true
}

// redirectOf knows redirects that are not followed.
func redirectOf(f *Fault, err error) bool {
	if !errors.Is(err, errElsewhere) {
		return false
	}
	f.Kind, f.Came = Elsewhere, "it answered with "+plainLong(err)
	f.Do = "Credentials go to the host that they are for and to no other: where the new address is the right one, configure it. A redirect to a page for logging in says that the credentials are missing or wrong."
	return true
}

// schemeOf knows plain HTTP where TLS is spoken, and the other way round.
func schemeOf(f *Fault, err error) bool {
	var record tls.RecordHeaderError
	text := err.Error()
	switch {
	case errors.As(err, &record), strings.Contains(text, "server gave HTTP response to HTTPS client"):
		f.Came, f.Do = "it speaks plain http where https was expected", "Use an address with http://, where that is wanted, or the port for https."
	case strings.Contains(text, `malformed HTTP response "\x15\x03`):
		f.Came, f.Do = "it speaks https where http was expected", "Use an address with https://."
	default:
		return false
	}
	f.Kind, f.Sent = WrongScheme, false
	return true
}

// dialOf knows connections that did not come about.
func dialOf(f *Fault, err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	var private *privateError
	dialed := errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
	switch {
	case errors.As(err, &private):
		f.Kind, f.Came, f.Do = Private, private.Error(), "Where that is meant, allow private addresses for it."
	case dialed && op.Op == "proxyconnect", strings.Contains(err.Error(), "proxyconnect"):
		f.Kind, f.Came, f.Do = Proxy, "the proxy on the way did not connect ("+plain(err)+")", "Check the proxy's address, and whether it lets this host through."
	case errors.As(err, &dns):
		f.Kind, f.Came, f.Do = NoSuchHost, fmt.Sprintf("the name %q cannot be resolved (%s)", dns.Name, dns.Err), "Check the address for a slip, and the resolver of this machine."
	case errors.Is(err, syscall.ECONNREFUSED):
		f.Kind, f.Came, f.Do = NobodyThere, "the connection was refused: nothing listens there", "Check the host and the port, and whether it runs."
	case dialed:
		f.Kind, f.Came, f.Do = NobodyThere, "no connection came about ("+plain(err)+")", "Check the address and the network on the way."
	default:
		return false
	}
	f.Sent = false
	return true
}

// plainLong is what an error says of its own, of any length.
func plainLong(err error) string { return bare(err).Error() }
