package manager

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// caller asks instances by their admin API.
type caller struct {
	token  string
	client *http.Client
}

func newCaller(token string) *caller {
	return &caller{token, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: 20 * time.Second}}}
}

// How long calls may take.
const (
	quickCall = 2 * time.Second // of what is done in memory
	drainCall = 10 * time.Second
)

// answered is an answer that is no success.
type answered struct {
	status int
	text   string
}

func (a *answered) Error() string { return fmt.Sprintf("%d: %s", a.status, a.text) }

func (c *caller) call(ctx context.Context, limit time.Duration, method, address, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if body == nil {
		text = nil
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+address+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := c.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // which was read
	text, err = io.ReadAll(io.LimitReader(res.Body, 64<<20))
	switch {
	case err != nil:
		return err
	case res.StatusCode >= 300:
		said := strings.TrimSpace(string(text))
		return &answered{res.StatusCode, said[:min(len(said), 500)]}
	case answer == nil:
		return nil
	}
	return json.Unmarshal(text, answer)
}

func (c *caller) state(ctx context.Context, at string) (h wire.Holding, err error) {
	return h, c.call(ctx, quickCall, http.MethodGet, at, "/admin/state", nil, &h)
}

func (c *caller) counts(ctx context.Context, at string) (n wire.Counts, err error) {
	return n, c.call(ctx, quickCall, http.MethodGet, at, "/admin/counts", nil, &n)
}

// probe asks for readiness as a load balancer does, without a token.
func (c *caller) probe(ctx context.Context, at string) error {
	return (&caller{client: c.client}).call(ctx, quickCall, http.MethodGet, at, "/readyz", nil, nil)
}

func (c *caller) load(ctx context.Context, at, version string) error {
	return c.call(ctx, quickCall, http.MethodPut, at, "/admin/plugins/"+url.PathEscape(version), nil, nil)
}

func (c *caller) unload(ctx context.Context, at, version string) error {
	return c.call(ctx, quickCall, http.MethodDelete, at, "/admin/plugins/"+url.PathEscape(version), nil, nil)
}

func (c *caller) serve(ctx context.Context, at, version string) error {
	return c.call(ctx, quickCall, http.MethodPut, at, "/admin/default", wire.Served{Version: version}, nil)
}

func (c *caller) faults(ctx context.Context, at string, f wire.Faults) error {
	if f.Faults == nil {
		f.Faults = []wire.Fault{}
	}
	return c.call(ctx, quickCall, http.MethodPut, at, "/admin/faults", f, nil)
}

func (c *caller) drain(ctx context.Context, at string) error {
	return c.call(ctx, drainCall+quickCall, http.MethodPost, at, "/admin/drain?within="+drainCall.String(), nil, nil)
}
