package connect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Unexpected says what came instead of what was asked for. start is the answer's body, or
// how it begins. who is whom the answer should have come from, as "a Prometheus".
func (c *Client) Unexpected(resp *http.Response, start []byte, who string) *Fault {
	f := c.asked(resp.Request)
	f.Status = resp.StatusCode
	switch page := isPage(resp, start); {
	case resp.StatusCode == http.StatusUnauthorized:
		f.Kind, f.Came = Login, "it answered 401, that it does not know who asks; "+c.sends
		f.Do = "Give it credentials that it knows; where they come from a file, look whether that is up to date."
	case resp.StatusCode == http.StatusForbidden:
		f.Kind, f.Came = Forbidden, "it answered 403, that whoever asks may not do this; "+c.sends
		f.Do = "Give these credentials the right to it, or use others."
	case resp.StatusCode == http.StatusProxyAuthRequired:
		f.Kind, f.Came, f.Do = Proxy, "the proxy on the way answered 407, that it wants credentials", "Give the proxy's credentials with its address or its headers."
	case resp.StatusCode == http.StatusBadRequest && speaksTLS(start):
		f.Kind, f.Came, f.Do, f.Sent = WrongScheme, "it speaks https where http was expected", "Use an address with https://.", false
	case isGrafana(start):
		return GrafanaInstead(f)
	case page && resp.StatusCode < 500: // a gateway tells of its own troubles in pages
		f.Kind, f.Came = Page, fmt.Sprintf("an HTML page came%s, with status %d", titled(start), resp.StatusCode)
		f.Do = fmt.Sprintf("That is a page for people, often one to log in on, and not %s: check the address and its path; where a gateway is before it, use what it has for programs.", who)
	case resp.StatusCode/100 == 3:
		f.Kind, f.Came, f.Do = Elsewhere, fmt.Sprintf("it answered %s, which is not followed%s", status(resp), location(resp)), "Configure the address that it leads to, if that is the right one."
	case resp.StatusCode/100 != 2:
		f.Kind, f.Came, f.Do = Status, "it answered "+status(resp)+said(start), advice(resp, who)
	default:
		f.Kind, f.Came = Unreadable, "it answered "+status(resp)+" with something else than was asked for"+said(start)
		f.Do = fmt.Sprintf("Check that the address is that of %s.", who)
	}
	return f
}

// GrafanaInstead is a fault of which it has turned out that a Grafana answered.
func GrafanaInstead(f *Fault) *Fault {
	g := *f
	g.Kind, g.Came = Grafana, fmt.Sprintf("a Grafana answered, with status %d", f.Status)
	g.Do = "It shows what others measure: use the address of the Prometheus that is behind it, or of that data source's proxy, <Grafana>/api/datasources/proxy/uid/<uid>."
	return &g
}

// Large says that an answer is larger than what is read of it.
func (c *Client) Large(resp *http.Response, err *TooLargeError) *Fault {
	f := c.asked(resp.Request)
	f.Status, f.Kind, f.Came, f.Err = resp.StatusCode, TooLarge, err.Error(), err
	return f
}

// status is that of an answer, by number and name.
func status(resp *http.Response) string {
	if name := http.StatusText(resp.StatusCode); name != "" {
		return fmt.Sprintf("%d %s", resp.StatusCode, name)
	}
	return fmt.Sprint(resp.StatusCode)
}

// advice is what to do about a status.
func advice(resp *http.Response, who string) string {
	switch {
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusMethodNotAllowed:
		return fmt.Sprintf("Check that the address is that of %s, with the path that it is under, and nothing after that.", who)
	case resp.StatusCode == http.StatusTooManyRequests:
		return "It is asked too often, by us or by others: lower the concurrency, or raise its limit."
	case resp.StatusCode/100 == 5:
		return "It, or what is before it, does not do well: its own logs say why; the header " + requestID + " of the request was " + engine.Shortened(resp.Request.Header.Get(requestID)) + "."
	default:
		return ""
	}
}

// location is where an answer leads, without user and query.
func location(resp *http.Response) string {
	if u, err := resp.Location(); err == nil {
		return ", to " + shown(u)
	}
	return ""
}

// isPage says whether an answer is HTML.
func isPage(resp *http.Response, start []byte) bool {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // "": not HTML
	return kind == "text/html" || kind == "application/xhtml+xml" || bytes.HasPrefix(bytes.ToLower(bytes.TrimSpace(start)), []byte("<!doctype html"))
}

var title = regexp.MustCompile(`(?is)<title[^>]*>([^<]{1,200})`)

// titled is the title of a page, in words.
func titled(start []byte) string {
	m := title.FindSubmatch(start)
	if m == nil {
		return ""
	}
	return fmt.Sprintf(", titled %q", engine.Shortened(strings.Join(strings.Fields(string(m[1])), " ")))
}

// speaksTLS knows what servers say to http on their port for https.
func speaksTLS(start []byte) bool {
	text := strings.ToLower(string(start))
	return strings.Contains(text, "http request to an https server") || strings.Contains(text, "plain http request was sent to https port")
}

// isGrafana knows the pages and errors of a Grafana.
func isGrafana(start []byte) bool {
	for _, mark := range []string{"grafanaBootData", "<title>Grafana", `"accessErrorId"`} {
		if bytes.Contains(start, []byte(mark)) {
			return true
		}
	}
	return false
}

// said is what an answer says of itself, as problem details, the errors of a Prometheus or
// plain text say it; "" where it does not.
func said(start []byte) string {
	var of struct {
		Detail, Title, Error, Message any
	}
	text := ""
	if json.Unmarshal(start, &of) == nil {
		for _, v := range []any{of.Detail, of.Error, of.Message, of.Title} {
			if s, ok := v.(string); ok && s != "" {
				text = s
				break
			}
		}
	} else if !bytes.ContainsAny(start, "<{[") {
		text = string(start)
	}
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return ""
	}
	return fmt.Sprintf(": %q", engine.Shortened(text))
}
