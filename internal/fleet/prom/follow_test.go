package prom

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// counter is a fake Prometheus with one series of each version, which get a request a second,
// sampled every 15 s; it keeps what was asked.
type counter struct {
	series int // how many it says there are
	asked  []string
	ranges []int64 // ms
}

var ranged = regexp.MustCompile(`\[(\d+)ms\]`)

func (c *counter) answer(how string, form url.Values) (int, string) {
	q := form.Get("query")
	c.asked = append(c.asked, how+" "+q)
	if strings.HasPrefix(q, "count(") {
		return 200, vector(fmt.Sprintf(`{"metric":{},"value":[1,"%d"]}`, c.series))
	}
	m := ranged.FindStringSubmatch(q)
	if m == nil {
		return 200, ""
	}
	width, _ := strconv.ParseInt(m[1], 10, 64)
	last := seconds(form.Get("time"))
	first, step := (last-width/1000+15)/15*15, int64(15)
	if how == "query_range" {
		first, last, step = seconds(form.Get("start")), seconds(form.Get("end")), seconds(form.Get("step"))
	} else {
		c.ranges = append(c.ranges, width)
	}
	var all []string
	for _, version := range []string{"v1", "v2"} {
		var values []string
		for at := first; at <= last; at += step {
			values = append(values, fmt.Sprintf(`[%d,"%d"]`, at, at))
		}
		all = append(all, fmt.Sprintf(`{"metric":%s,"values":[%s]}`, labels(version, OutcomeSuccess), strings.Join(values, ",")))
	}
	return 200, vector(all...)
}

func seconds(text string) int64 {
	v, _ := strconv.ParseFloat(text, 64)
	return int64(v)
}

// TestLooksAskForWhatIsNew has a bake of an hour: a look costs what came since the last
// one, and a question that is held costs nothing.
func TestLooksAskForWhatIsNew(t *testing.T) {
	c := &counter{series: 2}
	m := meter(t, prometheus(t, c.answer), func(s *Settings) { s.ScrapeInterval = 15 * time.Second })
	look := func(from, to time.Duration) engine.Answer {
		a, err := m.Measure(t.Context(), engine.Question{Version: "v2", From: start.Add(from), To: start.Add(to), Candidate: engine.WantCounts})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for minute := 1; minute <= 60; minute++ {
		to := time.Duration(minute) * time.Minute
		if a := look(0, to); a.Candidate.Requests < int64(60*minute-15) || a.Candidate.Requests > int64(60*minute+15) {
			t.Fatalf("minute %d: %d requests", minute, a.Candidate.Requests)
		}
		asked := len(c.asked)
		look(max(0, to-5*time.Minute), to)
		look(0, to/2)
		if len(c.asked) != asked {
			t.Fatalf("minute %d: what is held was asked for: %s", minute, c.asked[asked:])
		}
	}
	if n := len(c.asked); n > 65 {
		t.Errorf("60 looks asked %d questions", n)
	}
	for i, ms := range c.ranges {
		if ms > (3 * time.Minute).Milliseconds() {
			t.Errorf("question %d asked for %d ms", i, ms)
		}
	}
	// Further back: once more, as a whole.
	if a := look(-time.Hour, time.Hour); a.Candidate.Requests < 7185 || a.Candidate.Requests > 7215 {
		t.Errorf("two hours: %d requests", a.Candidate.Requests)
	}
}

// TestLongTimesAreThinnedOut asks for a day of many series: every so many samples are as
// good.
func TestLongTimesAreThinnedOut(t *testing.T) {
	c := &counter{series: 5000}
	m := meter(t, prometheus(t, c.answer), func(s *Settings) { s.ScrapeInterval = 15 * time.Second })
	a, err := m.Measure(t.Context(), engine.Question{Version: "v2", From: start.Add(-24 * time.Hour), To: start, Candidate: engine.WantCounts, Baseline: engine.WantCounts})
	if err != nil {
		t.Fatal(err)
	}
	thinned := strings.Count(strings.Join(c.asked, "\n"), "query_range last_over_time(")
	if thinned == 0 || len(c.asked) > 10 {
		t.Errorf("asked %d questions, of which %d for a range", len(c.asked), thinned)
	}
	if n := a.Candidate.Requests; n < 86_400-900 || n > 86_400+900 || a.Extrapolated {
		t.Errorf("%d requests in a day, extrapolated %v", n, a.Extrapolated)
	}
}

// FuzzAnswers: whatever comes, there is no panic, and no count beside an error.
func FuzzAnswers(f *testing.F) {
	f.Add(vector(sampled(labels("v2", OutcomeSuccess), 1, 2), sampled(labels("v1", OutcomeError), 5, 3)))
	f.Add(`{"status":"success","data":{"result":[{"metric":null,"values":[[1e300,"1e300"],[-1,"-1"]]}]}}`)
	f.Fuzz(func(t *testing.T, body string) {
		m := meter(t, prometheus(t, usually(body)), func(s *Settings) { s.ScrapeInterval = 15 * time.Second })
		a, err := m.Measure(t.Context(), engine.Question{
			Version: "v2", From: start, To: start.Add(time.Minute), Candidate: 255 &^ engine.WantHistogram, Baseline: engine.WantCounts,
		})
		c := &a.Candidate
		if err != nil && (c.Requests != 0 || !c.Newest.IsZero()) || c.Errors > c.Requests || c.Timeouts > c.Requests-c.Errors || c.Requests < 0 {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

// TestApart reads the time between samples off few of them, also where some were lost.
func TestApart(t *testing.T) {
	for _, c := range []struct {
		at   []int64
		want time.Duration
	}{
		{nil, 0},
		{[]int64{0, 1000}, 0},
		{[]int64{0, 1000, 2000}, time.Second},
		{[]int64{0, 66_000, 67_000}, time.Second},
		{[]int64{0, 1000, 67_000}, time.Second},
		{[]int64{0, 15_000, 30_000, 45_100}, 15 * time.Second},
	} {
		var values []point
		for _, at := range c.at {
			values = append(values, point{at: at})
		}
		if got := apart(values); got != c.want {
			t.Errorf("%v: %s, want %s", c.at, got, c.want)
		}
	}
}
