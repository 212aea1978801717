package simulator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// A/B tests of a day on the default fleet, which knows each tenant's day before, with
// tenants that are alike and tenants that are not: a B that is clearly better is
// adopted, one that is the same or worse is not, and harm ends a test early.
func TestABAcceptance(t *testing.T) {
	for _, c := range []struct {
		name  string
		b     func(*Behaviour)
		adopt bool
		// soon says that the test ends long before its day does, and reason what it says.
		soon   bool
		reason string
	}{
		{"better", func(b *Behaviour) { b.ErrorRate, b.LatencyP99Ms, b.ConversionRate = 0.005, 150, 0.05 }, true, false, "B wins: "},
		{"identical", func(*Behaviour) {}, false, false, "A stays: "},
		{"worse", func(b *Behaviour) { b.ErrorRate, b.LatencyP99Ms, b.ConversionRate = 0.02, 250, 0.02 }, false, true, "on the baseline"},
		{"worse in conversions only", func(b *Behaviour) { b.ConversionRate = 0.02 }, false, false, "A stays: B is worse: conversion rate"},
		{"harmful, and converting better", func(b *Behaviour) { b.ErrorRate, b.ConversionRate = 0.02, 0.045 }, false, true, "on the baseline"},
	} {
		for _, spread := range []float64{0, 1.06} {
			t.Run(fmt.Sprintf("%s, spread %g", c.name, spread), func(t *testing.T) {
				for seed := range int64(6) {
					cfg := behaves(installed(DefaultConfig()), c.b)
					cfg.Seed, cfg.TenantErrorSpread, cfg.TenantConversionSpread = seed+1, spread, spread
					r := begin(t, cfg, to(engine.ABTesting))
					s := r.ends(map[bool]engine.Outcome{true: engine.Succeeded, false: engine.Retained}[c.adopt])
					reason := r.verdict().Reason
					if !strings.Contains(reason, c.reason) {
						t.Errorf("seed %d: %s", seed+1, reason)
					}
					if took := s.Ended.Sub(epoch); took < 4*time.Hour != c.soon {
						t.Errorf("seed %d: it took %s: %s", seed+1, took, reason)
					}
				}
			})
		}
	}
}

// verdict is the last one that tells a winner, or harm.
func (r *run) verdict() engine.Verdict {
	var last engine.Verdict
	for _, e := range r.runner.Events() {
		if e.Verdict != nil && (e.Verdict.Winner != "" || e.Verdict.Harm) {
			last = *e.Verdict
		}
	}
	return last
}
