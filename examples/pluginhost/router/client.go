package router

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// Client asks a router at an address. It may be used by several at once.
type Client struct {
	Address string // host:port
	Token   string
}

var caller = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second}}

// Apply puts a table in force. The error of one that is refused is what the router says.
func (c *Client) Apply(ctx context.Context, t wire.Table) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return c.call(ctx, http.MethodPut, text, nil)
}

// Routing is the table in force, and how many requests each instance has.
func (c *Client) Routing(ctx context.Context) (r wire.Routing, err error) {
	return r, c.call(ctx, http.MethodGet, nil, &r)
}

func (c *Client) call(ctx context.Context, method string, body []byte, answer any) error {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+c.Address+"/admin/table", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	res, err := caller.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // which was read
	text, err := io.ReadAll(io.LimitReader(res.Body, mostTable))
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the router at %s answered %d: %s", c.Address, res.StatusCode, strings.TrimSpace(string(text)))
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}
