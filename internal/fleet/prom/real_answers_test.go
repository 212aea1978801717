package prom

import (
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom/promtest"
)

// TestRealAnswers: what a real Prometheus says when it cannot answer is no data, with the
// query in the text.
func TestRealAnswers(t *testing.T) {
	t.Parallel()
	e := newExposer(t)
	both(e, "i1", 100)
	e.set(1, `odd{version="v2",outcome="success"}`)
	plain := func(*Settings) {}
	for _, tc := range []struct {
		name string
		args []string
		more string // to the configuration
		edit func(*Settings)
		do   func(*promtest.Prometheus)
		says string
	}{
		{"too many samples", []string{"--query.max-samples=1"}, "", plain, nil, `the error "execution": query processing would load too many samples`},
		{"out of time", nil, "", func(s *Settings) { s.Params = map[string]string{"timeout": "0.000000001"} }, nil, `the error "timeout"`},
		{"a bad query", nil, "", func(s *Settings) { s.Queries = map[string]string{queryRequests: `odd{version=~"("}`} }, nil, `the error "bad_data"`},
		{"nothing", nil, "", func(s *Settings) { s.Plugin = "another" }, nil, "no series has samples"},
		{"no number", nil, "", func(s *Settings) { s.Queries = map[string]string{queryRequests: "odd_nan"} }, nil, "the sample NaN"},
		{"too many series", nil, "", func(s *Settings) { s.MaxSeries = 5 }, nil, "selects 6 series, more than max_series = 5"},
		{"away", nil, "", plain, (*promtest.Prometheus).Stop, "connection was refused"},
		{"half of it", nil, "remote_read: [{url: 'http://127.0.0.1:1/read', read_recent: true}]\n", plain, nil, "comes with a warning, and so may not be whole: remote_read"},
		{"another path", nil, "", func(s *Settings) { s.Address += "/graph" }, nil, "404 Not Found"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			e := e
			if tc.name == "no number" {
				e = newExposer(t)
				e.set(nan(), `odd_nan{version="v2",outcome="success"}`)
			}
			p := promtest.StartWith(t, promtest.Options{Targets: []string{e.target()}, Scrape: often, Args: tc.args, More: tc.more})
			if tc.do != nil {
				tc.do(p)
			}
			m, from := meter(t, p.Address, func(s *Settings) { s.ScrapeInterval = often; tc.edit(s) }), time.Now().Add(-time.Second)
			var err error
			until(t, "an answer", func() bool { // samples come after a moment
				a, wrong := ask(t, m, from)
				if wrong == nil {
					t.Fatalf("it has an answer: %+v", a)
				}
				err = wrong
				return strings.Contains(err.Error(), tc.says)
			})
			if !strings.HasPrefix(err.Error(), "prometheus.queries.requests: ") {
				t.Errorf("the query is not named: %v", err)
			}
		})
	}
}
