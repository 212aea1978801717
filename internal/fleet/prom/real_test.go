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

func meter(t *testing.T, address string, edit ...func(*Settings)) *Meter {
	t.Helper()
	m, err := New(settings(address, edit...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// counted asks for the counts of version v2 from a time on.
func counted(t *testing.T, m *Meter, from time.Time) engine.Answer {
	t.Helper()
	a, err := m.Measure(t.Context(), engine.Question{Version: "v2", From: from, To: time.Now(), Candidate: engine.WantCounts, Baseline: engine.WantCounts})
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

// TestRealNewborn: a newborn counter, first scraped at 3, then at 4: four errors, where
// increase says one.
func TestRealNewborn(t *testing.T) {
	e := newExposer(t)
	e.set(100, requests("v1", "i1", "success"))
	p := promtest.StartWith(t, promtest.Options{Targets: []string{e.target()}, Scrape: 200 * time.Millisecond})
	m := meter(t, p.Address)
	from := time.Now()
	until(t, "the installed version is seen", func() bool {
		a, err := m.Measure(t.Context(), engine.Question{Version: "v2", From: from, To: time.Now(), Baseline: engine.WantCounts})
		return err == nil && !a.Baseline.Newest.IsZero()
	})
	time.Sleep(time.Second)
	e.set(3, requests("v2", "i1", "error"))
	e.set(0, requests("v2", "i1", "success"))
	time.Sleep(time.Second)
	e.set(4, requests("v2", "i1", "error"))
	until(t, "four errors", func() bool { return counted(t, m, from).Candidate.Errors == 4 })
	if a := counted(t, m, from); a.Candidate.Requests != 4 || a.Baseline.Requests != 0 {
		t.Errorf("got %+v", a)
	}
	// A meter that begins anew says the same, from what the Prometheus has.
	if a := counted(t, meter(t, p.Address), from); a.Candidate.Errors != 4 || a.Candidate.Requests != 4 || a.Baseline.Requests != 0 {
		t.Errorf("anew: got %+v", a)
	}
}
