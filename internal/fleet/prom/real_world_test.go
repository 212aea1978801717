package prom

import (
	"testing"
	"time"

	"github.com/prometheus/common/config"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/prom/promtest"
)

// settings are those of a Prometheus of this machine.
func settings(address string, edit ...func(*Settings)) Settings {
	s := Settings{
		Settings:    connect.Settings{Path: "prometheus", Address: address, HTTP: config.DefaultHTTPClientConfig, Timeout: 10 * time.Second},
		Environment: "Production", Plugin: "stripe",
	}
	for _, e := range edit {
		e(&s)
	}
	return s
}

func meter(t testing.TB, address string, edit ...func(*Settings)) *Meter {
	t.Helper()
	m, err := New(settings(address, edit...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// often is the time between scrapes in tests with a real Prometheus.
const often = 200 * time.Millisecond

// real starts a Prometheus that scrapes some instances.
func real(t *testing.T, es ...*exposer) *promtest.Prometheus {
	t.Helper()
	o := promtest.Options{Scrape: often}
	for _, e := range es {
		o.Targets = append(o.Targets, e.target())
	}
	return promtest.StartWith(t, o)
}

// ask asks for the counts of version v2 beside others, from a time on.
func ask(t *testing.T, m *Meter, from time.Time, edit ...func(*engine.Question)) (engine.Answer, error) {
	t.Helper()
	q := engine.Question{Version: "v2", From: from, To: time.Now(), Candidate: engine.WantCounts, Baseline: engine.WantCounts}
	for _, e := range edit {
		e(&q)
	}
	return m.Measure(t.Context(), q)
}

// counted is an answer that has to be one.
func counted(t *testing.T, m *Meter, from time.Time, edit ...func(*engine.Question)) engine.Answer {
	t.Helper()
	a, err := ask(t, m, from, edit...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// until waits for something to come true.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("this did not come true in 20 s: %s", what)
}

// seenAfter waits until both arms have samples after a time, and says when the last came.
func seenAfter(t *testing.T, m *Meter, from, at time.Time) {
	t.Helper()
	until(t, "samples of both versions", func() bool {
		a, err := ask(t, m, from)
		return err == nil && a.Candidate.Newest.After(at) && a.Baseline.Newest.After(at)
	})
}

// settledMeter is a meter that has followed both versions for a while, and since when.
func settledMeter(t *testing.T, p *promtest.Prometheus, edit ...func(*Settings)) (*Meter, time.Time) {
	t.Helper()
	m := meter(t, p.Address, append(edit, func(s *Settings) { s.ScrapeInterval, s.Delay = often, time.Second })...)
	from := time.Now()
	seenAfter(t, m, from, from.Add(2*often))
	return m, time.Now()
}

// both sets both versions to a number of requests, as one of an instance.
func both(e *exposer, instance string, v float64) {
	for _, version := range []string{"v1", "v2"} {
		e.set(v, requests(version, instance, OutcomeSuccess))
		e.set(0, requests(version, instance, OutcomeError), requests(version, instance, OutcomeTimeout))
	}
}

// again is what a meter says that begins anew.
func again(t *testing.T, p *promtest.Prometheus, from time.Time, edit ...func(*engine.Question)) engine.Answer {
	t.Helper()
	return counted(t, meter(t, p.Address, func(s *Settings) { s.ScrapeInterval, s.Delay = often, time.Second }), from, edit...)
}
