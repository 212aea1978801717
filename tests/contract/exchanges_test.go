// Package contract holds what our servers say and are told, in every exchange of their own
// tests, to docs/fleet-api.yaml and docs/server-api.yaml. It is a module of its own, so that
// the validator, and all that it needs, never reach the provider.
package contract

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	invalid "github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi-validator/paths"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// exchanged is a request and its answer, as the server's tests write it down.
type exchanged struct {
	Method       string      `json:"method"`
	URL          string      `json:"url"`
	Header       http.Header `json:"header"`
	Body         []byte      `json:"body"`
	Status       int         `json:"status"`
	AnswerHeader http.Header `json:"answerHeader"`
	Answer       []byte      `json:"answer"`
}

// exchanges runs the tests of a package, and gives what they asked and were answered.
func exchanges(t *testing.T, tests string) []exchanged {
	t.Helper()
	path := filepath.Join(t.TempDir(), "exchanges")
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-timeout=5m", tests)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "HOTSWAP_EXCHANGES="+path)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var all []exchanged
	for d := json.NewDecoder(bufio.NewReader(f)); ; {
		var e exchanged
		err := d.Decode(&e)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
}

// request is the request of e.
func (e *exchanged) request() *http.Request {
	r := httptest.NewRequest(e.Method, e.URL, bytes.NewReader(e.Body))
	r.Header = e.Header.Clone()
	return r
}

// readable is the request as the validator reads it: without gzip, and a list of targets
// line by line.
func (e *exchanged) readable() (all []*http.Request) {
	body, err := plain(e.Header, e.Body)
	if err != nil {
		return nil
	}
	parts := [][]byte{body}
	if e.Header.Get("Content-Type") == contract.NDJSON {
		parts = bytes.SplitAfter(bytes.TrimSuffix(body, []byte("\n")), []byte("\n"))
		parts = append(parts[:1:1], parts[len(parts)-1]) // the first is an instance, the last a tenant
	}
	for _, part := range parts {
		r := httptest.NewRequest(e.Method, e.URL, bytes.NewReader(part))
		r.Header = e.Header.Clone()
		r.Header.Del("Content-Encoding")
		all = append(all, r)
	}
	return all
}

// plain is a body without its encoding.
func plain(h http.Header, body []byte) ([]byte, error) {
	if h.Get("Content-Encoding") != "gzip" {
		return body, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// answer is the answer of e.
func (e *exchanged) answer(r *http.Request) (*http.Response, error) {
	body, err := plain(e.AnswerHeader, e.Answer)
	h := e.AnswerHeader.Clone()
	h.Del("Content-Encoding")
	return &http.Response{StatusCode: e.Status, Header: h, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, err
}

// said puts what was found into lines.
func said(found []*invalid.ValidationError) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "\n\t%s: %s", f.Message, f.Reason)
		for _, s := range f.SchemaValidationErrors {
			fmt.Fprintf(&b, "\n\t\t%s %s", s.FieldPath, s.Reason)
		}
	}
	return b.String()
}

// suite is the contract, and what of it was seen.
type suite struct {
	held
	model             *v3.Document
	requests, answers validator.Validator
	seen              map[string]int // successes, by operation
	said              map[contract.Reason]int
}

// described are places whose schema is a reference with a description beside it, which the
// validator takes for an empty object where it looks for properties that are not declared; and
// settings of strategies, which the guide describes.
var described = []string{
	"$.body.lease.*", "$.body.deployment.*.*", "$.body.**.latency.*", "$.body.**.satisfaction.*", "$.body.**.execution.*", "$.body.**.cpu.*", "$.body.**.memory.*", "$.body.**.worst.*",
}

func open(t *testing.T, api held) *suite {
	t.Helper()
	document, err := libopenapi.NewDocument(api.document)
	if err != nil {
		t.Fatal(err)
	}
	model, err := document.BuildV3Model()
	if err != nil {
		t.Fatal(err)
	}
	s := &suite{held: api, model: &model.Model, seen: map[string]int{}, said: map[contract.Reason]int{}}
	// Requests may say more than this contract knows; what the server answers is in it.
	s.requests = validator.NewValidatorFromV3Model(s.model, config.WithFormatAssertions())
	s.answers = validator.NewValidatorFromV3Model(s.model, config.WithFormatAssertions(), config.WithStrictMode(),
		config.WithStrictIgnoredHeadersExtra("Cache-Control", "Vary", "X-Content-Type-Options", "X-Request-Id", "Www-Authenticate", "Allow"),
		config.WithStrictIgnorePaths(described...))
	return s
}

// TestDocument has each document be one that the validator takes.
func TestDocument(t *testing.T) {
	for _, api := range apis {
		document, err := libopenapi.NewDocument(api.document)
		if err != nil {
			t.Fatal(err)
		}
		v, errs := validator.NewValidator(document)
		if len(errs) > 0 {
			t.Fatal(errors.Join(errs...))
		}
		if ok, found := v.ValidateDocument(); !ok {
			t.Error(api.name, said(found))
		}
	}
}

// TestExchanges holds every exchange of the servers' tests to their documents, and finds every
// operation and every reason among them.
func TestExchanges(t *testing.T) {
	for _, api := range apis {
		t.Run(api.name, func(t *testing.T) { open(t, api).exchanges(t) })
	}
}

func (s *suite) exchanges(t *testing.T) {
	all := exchanges(t, s.tests)
	for i := range all {
		s.check(t, &all[i])
	}
	for path, item := range s.model.Paths.PathItems.FromOldest() {
		for method, op := range item.GetOperations().FromOldest() {
			if s.seen[op.OperationId] == 0 {
				t.Errorf("%s %s, %s: no exchange of the tests succeeds", strings.ToUpper(method), path, op.OperationId)
			}
		}
	}
	for _, row := range s.reasons {
		if !slices.Contains(s.unseen, row.Reason) && s.said[row.Reason] == 0 {
			t.Errorf("%s: no exchange of the tests has it", row.Reason)
		}
	}
	for reason := range s.said {
		if !slices.ContainsFunc(s.reasons, func(r contract.Row) bool { return r.Reason == reason }) {
			t.Errorf("%s: it is answered, and none of the list", reason)
		}
	}
	t.Logf("%d exchanges: %v, %v", len(all), sorted(s.seen), sorted(s.said))
}

func sorted[K ~string](counts map[K]int) (lines []string) {
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		lines = append(lines, fmt.Sprintf("%s %d", k, counts[k]))
	}
	return lines
}

// texts are the types of answers that are not JSON.
var texts = []string{contract.NDJSON, "text/event-stream", "text/plain"}

// answerOf is the body of an answer without its encoding.
func answerOf(e *exchanged) io.Reader {
	body, _ := plain(e.AnswerHeader, e.Answer) // what cannot be read is no problem either
	return bytes.NewReader(body)
}

// check holds an exchange to the contract.
func (s *suite) check(t *testing.T, e *exchanged) {
	t.Helper()
	r := e.request()
	answer, err := e.answer(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	fails := func(found []*invalid.ValidationError) {
		t.Helper()
		body, _ := plain(e.AnswerHeader, e.Answer)
		t.Errorf("%s %s %.300s\n%d %.500s%s", e.Method, e.URL, e.Body, e.Status, body, said(found))
	}
	if answer.Header.Get("X-Request-Id") == "" {
		fails(nil)
	}
	item, found, _ := paths.FindPath(r, s.model, nil)
	if len(found) > 0 || item == nil || e.Method == http.MethodHead { // a path or a method that there is not
		if e.Status < 400 && e.Method != http.MethodHead && !slices.Contains(s.beside, e.URL) {
			fails(found)
		}
		return
	}
	if e.Status < 400 {
		for _, r := range e.readable() {
			if ok, found := s.requests.ValidateHttpRequest(r); !ok {
				fails(found)
			}
		}
		s.seen[item.GetOperations().GetOrZero(strings.ToLower(e.Method)).OperationId]++
	} else {
		var p contract.Problem
		if err := json.NewDecoder(answerOf(e)).Decode(&p); err != nil {
			fails(nil)
		}
		s.said[p.Reason]++
	}
	if kind := answer.Header.Get("Content-Type"); slices.ContainsFunc(texts, func(text string) bool { return strings.HasPrefix(kind, text) }) {
		return // it is not one JSON value
	}
	if ok, found := s.answers.ValidateHttpResponse(e.request(), answer); !ok {
		fails(found)
	}
}
