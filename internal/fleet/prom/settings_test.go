package prom

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

func TestSelectors(t *testing.T) {
	for text, want := range map[string]string{
		`up`:                                 `up`,
		` a:b_total {x="1", y=~"a|b"} `:      `a:b_total{x="1", y=~"a|b"}`,
		`a{}`:                                `a`,
		`a{x="}"}`:                           `a{x="}"}`,
		`a{x='"',}`:                          `a{x='"'}`,
		"a{x=`\\`}":                          "a{x=`\\`}",
		`a{p="{{.Plugin}}"}`:                 `a{p="str\"ipe"}`,
		`a{e="{{.Environment | lower}}"}`:    `a{e="production"}`,
		`rate(a[5m])`:                        "",
		`sum by (x) (a)`:                     "",
		`a[5m]`:                              "",
		`a offset 5m`:                        "",
		`a{x="1"} + b`:                       "",
		`a{x="1"`:                            "",
		`{__name__="a"}`:                     "",
		`1`:                                  "",
		`a{x="{{.Version}}"}`:                "",
		`a{x="{{.Plugin"}`:                   "",
		`a{x="{{.Plugin | nothing}}"}`:       "",
		`a{x="1"}{y="2"}`:                    "",
		`a{x="1"} # a remark`:                "",
		`a{x="\"}`:                           "",
		`hotswap{plugin="{{.Plugin}}"}[1h:]`: "",
	} {
		s := settings("https://p", func(s *Settings) { s.Plugin, s.Queries = `str"ipe`, map[string]string{queryRequests: text} })
		ps := s.Check()
		got, _ := s.selectors()
		switch {
		case want == "" && (len(ps) != 1 || !strings.HasPrefix(ps[0].Error(), "prometheus.queries.requests: ")):
			t.Errorf("%s: is not refused: %v", text, ps)
		case want != "" && (len(ps) > 0 || got[queryRequests].String() != want):
			t.Errorf("%s: want %s, got %s, %v", text, want, got[queryRequests], ps)
		}
	}
}

func TestSettingsAreCheckedAtOnce(t *testing.T) {
	s := settings("http://elsewhere", func(s *Settings) {
		s.ScrapeInterval, s.Delay, s.MaxSeries = -time.Second, 2*time.Hour, 2_000_000
		s.Params = map[string]string{"time": "1"}
		s.Queries = map[string]string{"nothing": "x", queryRequests: ""}
	})
	text := s.Check().Error()
	for _, want := range []string{
		"prometheus.address: is http", "prometheus.scrape_interval: -1s is not", "prometheus.delay: 2h0m0s is not", "prometheus.max_series: 2000000 is not",
		"prometheus.params.time: is asked by", "prometheus.queries.nothing: is not a query",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in:\n%s", want, text)
		}
	}
	s = settings("https://p", func(s *Settings) { s.Queries = map[string]string{queryRequests: ""} })
	if text := s.Check().Error(); text != "prometheus.queries.requests: is missing: without requests nothing is counted" {
		t.Errorf("got %q", text)
	}
}

func TestReadSettings(t *testing.T) {
	var s Settings
	if err := s.Read([]byte("queries: {cpu: x}\nlabels: {version: v, tenant: t}\nparams: {dedup: \"true\"}\nscrape_interval: 30s\ndelay: 1m\nduration_unit: ms\nmax_series: 7\n")); err != nil {
		t.Fatal(err)
	}
	if s.Queries["cpu"] != "x" || s.Labels != (Labels{Version: "v", Tenant: "t"}) || s.Params["dedup"] != "true" || s.ScrapeInterval != 30*time.Second ||
		s.Delay != time.Minute || s.DurationUnit != time.Millisecond || s.MaxSeries != 7 {
		t.Errorf("got %+v", s)
	}
	for text, says := range map[string]string{"delay: soon": `delay: "soon" is not a time`, "duration_unit: h": `duration_unit: "h" is neither`, "delays: 1s": "delays"} {
		if err := s.Read([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

// TestMerge: of the traffic the meter speaks, of everything else the fleet; the day before is known
// where one of them knows it.
func TestMerge(t *testing.T) {
	fleet := engine.Capabilities{Lacks: []engine.Capability{engine.CanSlots, engine.CanLatency, engine.CanHistory}, Resolution: time.Second, LatencyBounds: []float64{1}}
	meter := engine.Capabilities{Lacks: []engine.Capability{engine.CanCPU, engine.CanProbes}, Resolution: 15 * time.Second, Delay: time.Minute, LatencyBounds: []float64{500}}
	got := Merge(fleet, meter)
	if !slices.Equal(got.Lacks, []engine.Capability{engine.CanSlots, engine.CanCPU}) || got.Resolution != 15*time.Second || got.Delay != time.Minute || got.LatencyBounds[0] != 500 {
		t.Errorf("got %+v", got)
	}
	meter.Lacks = append(meter.Lacks, engine.CanHistory)
	if got := Merge(fleet, meter); got.Can(engine.CanHistory) {
		t.Errorf("neither knows the day before: %+v", got)
	}
	fleet.Lacks = nil
	if got := Merge(fleet, meter); !got.Can(engine.CanHistory) {
		t.Errorf("the fleet knows the day before: %+v", got)
	}
}
