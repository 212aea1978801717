package prom

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// start is when the time of handmade answers begins.
var start = time.UnixMilli(1_700_000_000_000).UTC()

// vector is a query's answer with one series for each set of labels.
func vector(series ...string) string {
	return `{"status":"success","data":{"resultType":"vector","result":[` + strings.Join(series, ",") + `]}}`
}

// labels are those of a series as JSON.
func labels(version, outcome string) string {
	return fmt.Sprintf(`{"__name__":%q,"version":%q,"outcome":%q,"instance_id":"i1","instance":"h:1","job":"f"}`, MetricRequests, version, outcome)
}

// sampled is a series with samples every 15 s from start on.
func sampled(labels string, values ...float64) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprintf(`[%d,"%v"]`, start.Unix()+int64(15*i), v)
	}
	return fmt.Sprintf(`{"metric":%s,"values":[%s]}`, labels, strings.Join(texts, ","))
}

// prometheus answers what answer says to each question. An answer of "" is an empty one.
func prometheus(t *testing.T, answer func(how string, form url.Values) (status int, body string)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		status, body := answer(strings.TrimPrefix(r.URL.Path, "/api/v1/"), r.PostForm)
		if body == "" {
			body = vector()
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// usually answers the questions that come before samples, and body to that for samples.
func usually(body string) func(string, url.Values) (int, string) {
	return func(_ string, form url.Values) (int, string) {
		q := form.Get("query")
		if strings.Contains(q, "[") {
			return http.StatusOK, body
		}
		return http.StatusOK, ""
	}
}

// TestAnswers goes through what an answer may be, and what it then means.
func TestAnswers(t *testing.T) {
	good := vector(sampled(labels("v2", OutcomeSuccess), 0, 10, 20), sampled(labels("v2", OutcomeError), 0, 1, 2))
	with := func(what string) string { return strings.TrimSuffix(good, "}") + "," + what + "}" }
	for _, tc := range []struct {
		name   string
		status int
		body   string
		says   string // in the error; "": there are counts
	}{
		{"counts", 200, good, ""},
		{"a warning", 200, with(`"warnings":["PromQL warning: half of it is missing"]`), "comes with a warning, and so may not be whole: PromQL warning: half of it is missing"},
		{"cut off", 200, with(`"warnings":["results truncated due to limit"]`), "results truncated due to limit"},
		{"a note", 200, with(`"infos":["PromQL info: metric might not be a counter"]`), ""},
		{"buckets that contradict", 200, with(`"infos":["PromQL info: input to histogram_quantile needed to be fixed for monotonicity"]`), "buckets that contradict each other"},
		{"an error in a good answer", 200, `{"status":"error","errorType":"execution","error":"query processing would load too many samples"}`, `the error "execution": query processing would load too many samples`},
		{"a bad query", 400, `{"status":"error","errorType":"bad_data","error":"parse error"}`, `the error "bad_data": parse error`},
		{"too slow", 503, `{"status":"error","errorType":"timeout","error":"query timed out"}`, `the error "timeout"`},
		{"401", 401, `{"message":"no"}`, "does not know who asks"},
		{"502", 502, "bad gateway", `502 Bad Gateway: "bad gateway"`},
		{"HTML", 200, "<!DOCTYPE html><title>Sign in</title>", "an HTML page came"},
		{"no JSON", 200, "hello", "with something else than was asked for"},
		{"half", 200, good[:len(good)/2], "with something else than was asked for"},
		{"empty", 200, vector(), "no series has samples in the time"},
		{"NaN", 200, vector(sampled(labels("v2", OutcomeSuccess), 0, 1), strings.Replace(sampled(labels("v2", OutcomeError), 0, 2), `"2"`, `"NaN"`, 1)), "the sample NaN at 2023-11-14T22:13:35Z"},
		{"Inf", 200, vector(strings.Replace(sampled(labels("v2", OutcomeSuccess), 0, 2), `"2"`, `"+Inf"`, 1)), "the sample +Inf"},
		{"no outcome", 200, vector(sampled(`{"version":"v2"}`, 0, 10)), `without the label "outcome"`},
		{"another outcome", 200, vector(sampled(labels("v2", "failure"), 0, 10)), `the outcome "failure", which is none of`},
		{"native histograms", 200, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"histograms":[[1,{"count":"1"}]]}]}}`, "native histograms where numbers"},
		{"no samples", 200, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1]]}]}}`, "no samples that can be read"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := meter(t, prometheus(t, func(how string, form url.Values) (int, string) {
				status, body := usually(tc.body)(how, form)
				if body != "" {
					status = tc.status
				}
				return status, body
			}), func(s *Settings) { s.ScrapeInterval = 15 * time.Second })
			a, err := m.Measure(t.Context(), engine.Question{Version: "v2", From: start, To: start.Add(time.Minute), Candidate: engine.WantCounts})
			if tc.says == "" {
				if err != nil || a.Candidate.Requests != 22 || a.Candidate.Errors != 2 {
					t.Errorf("got %+v, %v", a.Candidate, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), "prometheus.queries.requests: ") || !strings.Contains(err.Error(), MetricRequests) {
				t.Errorf("want %q with the query, got %v", tc.says, err)
			}
			if a.Candidate.Requests != 0 || !a.Candidate.Newest.IsZero() {
				t.Errorf("there are counts beside the error: %+v", a)
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	address := prometheus(t, usually(""))
	m := meter(t, address)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Measure(ctx, engine.Question{From: start, To: start.Add(time.Minute), Candidate: engine.WantCounts}); err == nil {
		t.Error("a question that is given up has an answer")
	}
	m = meter(t, "http://127.0.0.1:1")
	_, err := m.Measure(t.Context(), engine.Question{From: start, To: start.Add(time.Minute), Candidate: engine.WantCounts})
	if err == nil || !strings.Contains(err.Error(), "connection was refused") || !strings.Contains(err.Error(), MetricRequests) {
		t.Errorf("got %v", err)
	}
}

func TestTooManySeries(t *testing.T) {
	for _, tc := range []struct {
		name  string
		count int // as the Prometheus says
		had   int // in the answer
	}{{"counted before", 11, 1}, {"more than were counted", 3, 11}} {
		var all []string
		for i := range tc.had {
			all = append(all, sampled(fmt.Sprintf(`{"outcome":"success","version":"v2","pod":"%d"}`, i), 1, 2))
		}
		m := meter(t, prometheus(t, func(how string, form url.Values) (int, string) {
			if strings.HasPrefix(form.Get("query"), "count(") {
				return 200, vector(fmt.Sprintf(`{"metric":{},"value":[1,"%d"]}`, tc.count))
			}
			return usually(vector(all...))(how, form)
		}), func(s *Settings) { s.MaxSeries, s.ScrapeInterval = 10, 15*time.Second })
		_, err := m.Measure(t.Context(), engine.Question{Version: "v2", From: start, To: start.Add(time.Minute), Candidate: engine.WantCounts})
		if err == nil || !strings.Contains(err.Error(), "selects 11 series, more than max_series = 10") {
			t.Errorf("%s: got %v", tc.name, err)
		}
	}
}

// TestParamsGoAlong sends what a Thanos or a Mimir wants with every question.
func TestParamsGoAlong(t *testing.T) {
	asked := 0
	m := meter(t, prometheus(t, func(how string, form url.Values) (int, string) {
		if asked++; form.Get("partial_response") != "false" || form.Get("dedup") != "true" || form.Get("time") == "" {
			t.Errorf("asked %v", form)
		}
		return usually(vector(sampled(labels("v2", OutcomeSuccess), 0, 1)))(how, form)
	}), func(s *Settings) { s.Params = map[string]string{"partial_response": "false", "dedup": "true"} })
	if _, err := m.Measure(t.Context(), engine.Question{Version: "v2", From: start, To: start.Add(time.Minute), Candidate: engine.WantCounts}); err != nil {
		t.Error(err)
	}
	if asked < 3 {
		t.Errorf("asked %d times", asked)
	}
}
