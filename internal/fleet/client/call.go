package client

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// mostAnswer is how many bytes of an answer are read: a list of a million targets has fewer.
const mostAnswer = 128 << 20

// worthZipping is from how many bytes on a body is compressed.
const worthZipping = 1 << 10

// ask is a request of the contract.
type ask struct {
	method string
	url    *url.URL
	header map[string]string
	body   any    // written as JSON; nil: there is none
	raw    []byte // or this, as it is, of the type below
	media  string
	again  bool // it may be sent again
	zipped bool // its body may be compressed
	tells  bool // a refusal says who may not do what where
}

func get(u *url.URL) *ask { return &ask{method: http.MethodGet, url: u, again: true} }

// call asks, and reads the answer into to; nil: it does not matter. The error is a *Problem
// of the fleet's, or a *connect.Fault.
func (c *Client) call(ctx context.Context, a *ask, to any) error {
	if err := a.encode(); err != nil {
		return err
	}
	if !a.again {
		return c.once(ctx, a, to)
	}
	return c.waits.again(ctx, func() error { return c.once(ctx, a, to) })
}

// encode writes the body down, once for all tries.
func (a *ask) encode() error {
	if a.body == nil {
		return nil
	}
	raw, err := json.Marshal(a.body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", a.method, a.url.Path, err)
	}
	a.raw, a.media = raw, contract.JSON
	return nil
}

func (c *Client) once(ctx context.Context, a *ask, to any) error {
	req, err := a.request(ctx)
	if err != nil {
		return err
	}
	resp, err := c.conn.Do(req) //nolint:bodyclose // ReadBody closes it
	if err != nil {
		return err
	}
	data, err := connect.ReadBody(resp, mostAnswer)
	if large := new(connect.TooLargeError); errors.As(err, &large) {
		return c.conn.Large(resp, large)
	}
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return c.problem(resp, data, a.tells)
	}
	if raw, ok := to.(*[]byte); ok {
		*raw = data
		return nil
	}
	return c.decode(resp, data, to)
}

func (a *ask) request(ctx context.Context) (*http.Request, error) {
	body, zipped := a.raw, a.zipped && len(a.raw) >= worthZipping
	if zipped {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(body) // a buffer takes all
		_ = z.Close()
		body = b.Bytes()
	}
	var from io.Reader
	if body != nil {
		from = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, a.method, a.url.String(), from)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", contract.JSON+", "+contract.ProblemJSON)
	if body != nil {
		req.Header.Set("Content-Type", a.media)
	}
	if zipped {
		req.Header.Set("Content-Encoding", "gzip")
	}
	for name, value := range a.header {
		req.Header.Set(name, value)
	}
	return req, nil
}

// decode reads an answer. What is no JSON, or has no time, is told as what it is: a page
// that comes with 200 is not a yes.
func (c *Client) decode(resp *http.Response, data []byte, to any) error {
	if media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); media != contract.JSON {
		return c.conn.Unexpected(resp, data, api)
	}
	if to == nil {
		to = &contract.Taken{}
	}
	err := json.Unmarshal(data, to)
	if err == nil && timeOf(to).IsZero() {
		err = errNoTime
	}
	if err != nil {
		f := c.conn.Unexpected(resp, data, api)
		f.Came, f.Err = "an answer that is not as the contract has it: "+err.Error(), err
		return f
	}
	return nil
}

var errNoTime = errors.New("it has no at, the time on the fleet's clock")

// timeOf is the fleet's time in an answer.
func timeOf(answer any) time.Time {
	if l, ok := answer.(*contract.Lease); ok {
		return l.Until
	}
	at, _ := reflect.ValueOf(answer).Elem().FieldByName("At").Interface().(time.Time)
	return at
}

// api is who is expected to answer, in the words of faults.
const api = "the API of a fleet"
