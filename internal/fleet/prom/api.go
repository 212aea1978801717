package prom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// mostAnswer is how many bytes of an answer are read.
const mostAnswer = 64 << 20

// whom is who is expected to answer.
const whom = "a Prometheus"

// api is what a Prometheus is asked by.
type api struct {
	client *connect.Client
	params map[string]string // go along with every question
	notes  func(string)      // what the answers add; nil: nobody listens
}

// series is one of an answer.
type series struct {
	Metric map[string]string `json:"metric"`
	Values []point           `json:"values"`
	Value  *point            `json:"value"`
	// Histogram and Histograms are samples that are native histograms.
	Histogram  json.RawMessage `json:"histogram"`
	Histograms json.RawMessage `json:"histograms"`
}

// point is a sample.
type point struct {
	at int64 // Unix ms
	v  float64
}

// UnmarshalJSON reads [1700000000.123,"5"].
func (p *point) UnmarshalJSON(data []byte) error {
	at, v, ok := strings.Cut(strings.Trim(string(data), "[]"), ",")
	seconds, err := strconv.ParseFloat(strings.TrimSpace(at), 64)
	if !ok || err != nil {
		return &badSample{string(data)}
	}
	p.at = int64(seconds*1000 + 0.5)
	if p.v, err = strconv.ParseFloat(strings.Trim(strings.TrimSpace(v), `"`), 64); err != nil {
		return &badSample{string(data)}
	}
	return nil
}

// badSample is what stands where a sample should.
type badSample struct{ text string }

func (e *badSample) Error() string { return fmt.Sprintf("%.40q is not a sample", e.text) }

// envelope is around every answer.
type envelope struct {
	Status string `json:"status"`
	Data   struct {
		Result []series `json:"result"`
	} `json:"data"`
	ErrorType string   `json:"errorType"`
	Error     string   `json:"error"`
	Warnings  []string `json:"warnings"`
	Infos     []string `json:"infos"`
}

// query asks for the value of an expression at a time.
func (a *api) query(ctx context.Context, expr string, at int64) ([]series, error) {
	return a.samples(ctx, "query", expr, url.Values{"query": {expr}, "time": {stamp(at)}})
}

// queryRange asks for its values at times from..to, a step apart.
func (a *api) queryRange(ctx context.Context, expr string, from, to int64, step time.Duration) ([]series, error) {
	return a.samples(ctx, "query_range", expr, url.Values{
		"query": {expr}, "start": {stamp(from)}, "end": {stamp(to)}, "step": {strconv.FormatFloat(step.Seconds(), 'f', -1, 64)},
	})
}

// stamp is a time as the API takes it.
func stamp(at int64) string { return strconv.FormatFloat(float64(at)/1000, 'f', 3, 64) }

// samples asks for samples. The error has the expression in it.
func (a *api) samples(ctx context.Context, how, expr string, form url.Values) ([]series, error) {
	got, err := a.ask(ctx, how, form)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", engine.Visible(expr), err)
	}
	for i := range got {
		if s := &got[i]; s.Histogram != nil || s.Histograms != nil {
			return nil, fmt.Errorf("%s: the answer has native histograms where numbers were asked for", engine.Visible(expr))
		}
	}
	return got, nil
}

// ask asks one question. What is not a whole and certain answer is an error.
func (a *api) ask(ctx context.Context, how string, form url.Values) ([]series, error) {
	for k, v := range a.params {
		form.Set(k, v)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.client.URL("api", "v1", how).String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	return a.send(req)
}

// send sends a request and opens the envelope of its answer.
func (a *api) send(req *http.Request) ([]series, error) {
	answer, err := a.client.Fetch(req, mostAnswer)
	if err != nil {
		return nil, err
	}
	var e envelope
	wrong := json.Unmarshal(answer.Body, &e)
	var sample *badSample
	readable := wrong == nil
	switch {
	case readable && e.Status == "error":
		return nil, fmt.Errorf("it answered with the error %q: %s", e.ErrorType, engine.Told(engine.Visible(e.Error)))
	case errors.As(wrong, &sample):
		return nil, fmt.Errorf("the answer has no samples that can be read: %w", wrong)
	case !readable || e.Status != "success" || answer.Response.StatusCode != http.StatusOK:
		return nil, a.client.Unexpected(answer.Response, answer.Body, whom)
	}
	return e.Data.Result, a.certain(&e)
}

// certain says why an answer is not to be believed. Warnings come with answers of which
// something is missing, or was cut off.
func (a *api) certain(e *envelope) error {
	if len(e.Warnings) > 0 {
		return fmt.Errorf("the answer comes with a warning, and so may not be whole: %s", engine.Told(engine.Visible(e.Warnings[0])))
	}
	for _, info := range e.Infos {
		if strings.Contains(info, "fixed for monotonicity") {
			return fmt.Errorf("the answer was made of buckets that contradict each other: %s", engine.Told(engine.Visible(info)))
		}
		if a.notes != nil {
			a.notes(engine.Visible(info))
		}
	}
	return nil
}

// single is the only number of an answer; 0 where it is empty.
func single(s []series) float64 {
	if len(s) == 0 || s[0].Value == nil {
		return 0
	}
	return s[0].Value.v
}
