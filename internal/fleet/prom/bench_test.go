package prom

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// BenchmarkLook is a look after a minute of others, with all that comes over the network but
// the work of a Prometheus: the answers are there.
func BenchmarkLook(b *testing.B) {
	for _, n := range []int{200, 10_000} {
		b.Run(strconv.Itoa(n)+"_series", func(b *testing.B) {
			metrics := make([]string, n)
			for i := range metrics {
				metrics[i] = fmt.Sprintf(`,{"metric":{"__name__":%q,"environment":"Production","plugin":"stripe","version":"v%d","instance_id":"i%d","instance":"i%d:8080","job":"fleet","outcome":%q},"values":[`,
					MetricRequests, 1+i%2, i/6, i/6, []string{OutcomeSuccess, OutcomeError, OutcomeTimeout}[i/2%3])
			}
			metrics[0] = metrics[0][1:]
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				at, _ := strconv.ParseFloat(r.FormValue("time"), 64)
				if q := r.FormValue("query"); !strings.Contains(q, "[") {
					_, _ = fmt.Fprintf(w, `{"status":"success","data":{"result":[{"metric":{},"value":[1,"%d"]}]}}`, n)
					return
				}
				body := append(make([]byte, 0, 400*n), `{"status":"success","data":{"result":[`...)
				for i, metric := range metrics {
					body = append(body, metric...)
					for k := int64(4); k >= 0; k-- {
						t := int64(at)/15*15 - 15*k
						body = append(strconv.AppendInt(append(strconv.AppendInt(append(body, '['), t, 10), ',', '"'), t*int64(i), 10), '"', ']')
						if k > 0 {
							body = append(body, ',')
						}
					}
					body = append(body, `]}`...)
				}
				_, _ = w.Write(append(body, `]}}`...))
			}))
			defer s.Close()
			m := meter(b, s.URL, func(s *Settings) { s.ScrapeInterval = 15 * time.Second })
			to := start.Add(time.Minute)
			look := func() {
				a, err := m.Measure(b.Context(), engine.Question{Version: "v2", From: start, To: to, Candidate: engine.WantCounts, Baseline: engine.WantCounts})
				if err != nil || a.Candidate.Requests == 0 {
					b.Fatalf("%+v, %v", a, err)
				}
				to = to.Add(15 * time.Second)
			}
			look()
			b.ReportAllocs()
			for b.Loop() {
				look()
			}
		})
	}
}
