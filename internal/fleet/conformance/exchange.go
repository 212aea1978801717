package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// Exchange is a request and its answer, as they are shown. Of the headers of a request it
// has those that the contract speaks of: credentials are in none of them.
type Exchange struct {
	Method string   `json:"method"`
	URL    string   `json:"url"`
	Header []string `json:"header,omitempty"`
	Body   string   `json:"body,omitempty"`
	Status int      `json:"status,omitempty"`
	// Fault is what came instead of an answer.
	Fault        string   `json:"fault,omitempty"`
	AnswerHeader []string `json:"answerHeader,omitempty"`
	Answer       string   `json:"answer,omitempty"`
}

// mostShown is how many bytes of a body are shown.
const mostShown = 600

// shownHeaders are those that the contract speaks of.
var shownHeaders = []string{"Content-Type", "Content-Encoding", "If-Match", "If-None-Match", "ETag", "Retry-After", "Location"}

func (c *caller) exchangeOf(r *http.Request, body []byte) *Exchange {
	return &Exchange{Method: r.Method, URL: c.masked(r.URL.RequestURI()), Header: headers(r.Header), Body: c.masked(shortened(body))}
}

// came puts an answer in.
func (c *caller) came(x *Exchange, r *http.Response, body []byte) {
	x.Status, x.AnswerHeader, x.Answer = r.StatusCode, headers(r.Header), c.masked(shortened(body))
}

// masked is text without the token, which a fleet may have put into its answer.
func (c *caller) masked(text string) string {
	if c.secret == "" {
		return text
	}
	return strings.ReplaceAll(text, c.secret, "<secret>")
}

func headers(h http.Header) (lines []string) {
	for _, name := range shownHeaders {
		if v := h.Get(name); v != "" {
			lines = append(lines, name+": "+v)
		}
	}
	slices.Sort(lines)
	return lines
}

// shortened is how a body begins.
func shortened(body []byte) string {
	if !utf8.Valid(body) {
		return fmt.Sprintf("(%d bytes that are no text)", len(body))
	}
	text := strings.TrimRight(string(body), "\n")
	if len(text) <= mostShown {
		return text
	}
	cut := mostShown
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%s … (%d bytes)", text[:cut], len(body))
}
