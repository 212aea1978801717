package client

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// Problem is what a fleet answered instead of doing it.
type Problem struct {
	contract.Problem
	After  time.Duration // when to come again; 0: it does not say
	Method string
	URL    string // without its query
	// Text is the answer as it came, for those who know more of it than a fleet's contract does.
	Text []byte
}

// Error says what was asked and what came, and what to do about a slip.
func (p *Problem) Error() string {
	text := fmt.Sprintf("%s %s: %d %s", p.Method, p.URL, p.Status, p.Problem.Error())
	if do := slips[p.Reason]; do != "" {
		text = strings.TrimSuffix(text, ".") + ". " + do
	}
	return engine.Visible(text)
}

// slips are what to do about reasons that come of a setting that is not right.
var slips = map[contract.Reason]string{
	contract.NotFound:      "Check the endpoint: it is what comes before /v1",
	contract.UnknownPlugin: "Check the plugin's id and the environment for a slip; a fleet has to know a plugin before it is deployed to it",
}

// problem is what an answer that is no success says: the contract's problem, or what else
// it is. What stands before a fleet has no reasons; its refusals of credentials are known
// by their status.
func (c *Client) problem(resp *http.Response, data []byte, tells bool) error {
	f := c.conn.Unexpected(resp, data, api)
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	p := &Problem{Method: f.Method, URL: f.URL, Text: data}
	if media != contract.ProblemJSON || json.Unmarshal(data, &p.Problem) != nil || p.Reason == "" {
		return f
	}
	p.Status = resp.StatusCode
	p.Detail = engine.Told(p.Detail)
	if p.Reason == contract.Unauthenticated || p.Reason == contract.Forbidden && !tells { // which are told with what to do
		return f
	}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		p.After = time.Duration(min(s, 24*3600)) * time.Second
	}
	return p
}

// reasonOf is the reason of a problem; "": it is none.
func reasonOf(err error) contract.Reason {
	if p, ok := asProblem(err); ok {
		return p.Reason
	}
	return ""
}
