package client

import (
	"context"
	"net/url"
)

// Ask is a request to what a server answers beside the contract of a fleet, in its style:
// JSON with the time, problems with a reason.
type Ask struct {
	Method string
	Path   []string // the elements below the base
	Query  url.Values
	Header map[string]string
	Body   any  // written as JSON; nil: there is none
	Again  bool // it may be sent again where a reply is lost or the server is busy
}

// Ask asks, and reads the answer into to, which has a field At; nil: it does not matter. The
// error is a *Problem, or a *connect.Fault.
func (c *Client) Ask(ctx context.Context, a Ask, to any) error {
	u := c.conn.URL(a.Path...)
	u.RawQuery = a.Query.Encode()
	return c.call(ctx, &ask{method: a.Method, url: u, header: a.Header, body: a.Body, again: a.Again, tells: true}, to)
}
