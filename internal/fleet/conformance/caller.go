package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// mostAnswer is how many bytes of an answer are read.
const mostAnswer = 64 << 20

// caller sends requests, as plainly as can be, and remembers what every answer has to be.
type caller struct {
	conn   *connect.Client
	ledger *ledger
	secret string // never shown; "": there is none

	mu   sync.Mutex
	last []*Exchange // of the clause that is tried
}

// ask is a request. Its path is below the sandbox's, or with top the fleet's.
type ask struct {
	method string
	top    bool
	path   []string
	query  url.Values
	header map[string]string
	body   any    // sent as JSON; nil: none
	raw    []byte // or this, of the type media
	media  string
}

// answer is what came.
type answer struct {
	status int
	header http.Header
	body   []byte
	reason contract.Reason // of a problem; "": it is none
	shown  *Exchange
}

// do sends a request. The error is one of the network.
func (c *caller) do(ctx context.Context, base []string, a ask) (*answer, error) {
	if a.body != nil {
		raw, err := json.Marshal(a.body)
		if err != nil {
			return nil, err
		}
		a.raw, a.media = raw, contract.JSON
	}
	if !a.top {
		a.path = append(append([]string{}, base...), a.path...)
	}
	u := c.conn.URL(a.path...)
	u.RawQuery = a.query.Encode()
	req, err := http.NewRequestWithContext(ctx, a.method, u.String(), bytes.NewReader(a.raw))
	if err != nil {
		return nil, err
	}
	if a.media != "" {
		req.Header.Set("Content-Type", a.media)
	}
	req.Header.Set("Accept", contract.JSON+", "+contract.ProblemJSON+", "+contract.NDJSON)
	req.Header.Set("Accept-Encoding", "identity")
	for name, value := range a.header {
		req.Header.Set(name, value)
	}
	shown := c.exchangeOf(req, a.raw)
	c.mu.Lock()
	c.last = append(c.last, shown)
	c.mu.Unlock()
	resp, err := c.conn.Do(req) //nolint:bodyclose // ReadBody closes it
	if err != nil {
		shown.Fault = c.masked(err.Error())
		return nil, err
	}
	data, err := connect.ReadBody(resp, mostAnswer)
	if err != nil {
		shown.Fault = c.masked(err.Error())
		return nil, err
	}
	got := &answer{status: resp.StatusCode, header: resp.Header, body: data, shown: shown}
	got.reason = reasonOf(got)
	c.came(shown, resp, data)
	c.ledger.note(&a, got)
	return got, nil
}

// reasonOf is the reason of a problem, whatever else is wrong with it.
func reasonOf(a *answer) contract.Reason {
	if a.status/100 == 2 {
		return ""
	}
	var p struct{ Reason contract.Reason }
	_ = json.Unmarshal(a.body, &p) // what is no problem has no reason
	return p.Reason
}

// media is the type of an answer.
func (a *answer) media() string {
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}

// in reads an answer, leniently: what is not of the form that it has to have is told by
// the clause about that.
func (a *answer) in(to any) error {
	if err := json.Unmarshal(a.body, to); err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	return nil
}

// told is what came, in words.
func (a *answer) told() string {
	text := fmt.Sprintf("%d", a.status)
	if a.reason != "" {
		text += " " + string(a.reason)
	}
	return text
}

// begin forgets the exchanges of the clause before.
func (c *caller) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = nil
}

// shown are the last exchanges, at most n.
func (c *caller) shown(n int) []Exchange {
	c.mu.Lock()
	defer c.mu.Unlock()
	var some []Exchange
	for _, x := range c.last[max(0, len(c.last)-n):] {
		some = append(some, *x)
	}
	return some
}
