package report

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// TestColours: what an ending means depends on the kind of version.
func TestColours(t *testing.T) {
	for _, c := range []struct {
		ending    scenario.Ending
		good, bad string
	}{
		{scenario.Succeeded, "good", "bad"},
		{scenario.RolledBack, "bad", "good"},
		{scenario.Retained, "good", "good"},
		{scenario.Held, "warn", "warn"},
		{scenario.Paused, "warn", "warn"},
		{scenario.Stuck, "bad", "bad"},
		{scenario.Refused, "muted", "muted"},
	} {
		if good, bad := colour(string(c.ending), false), colour(string(c.ending), true); good != c.good || bad != c.bad {
			t.Errorf("%s: %s for a good version, %s for a bad one", c.ending, good, bad)
		}
	}
}

// TestVerdicts has the sentence on top of campaigns, searches and runs.
func TestVerdicts(t *testing.T) {
	share := func(share, low, high float64) campaign.Share {
		return campaign.Share{Share: share, Low: low, High: high}
	}
	all, none := share(1, 0.9, 1), campaign.Share{Absent: true}
	for _, c := range []struct {
		f           campaign.Figures
		class, says string
	}{
		{campaign.Figures{GoodStopped: share(0, 0, 0.02), Expected: all, Runs: 9}, "good", "A good version gets through in 100 % of rollouts (95 % interval: 98 % to 100 %; 9 runs)."},
		{
			campaign.Figures{Test: true, KeptThoughBetter: share(0.5, 0.4, 0.6), AdoptedThoughWorse: none, Expected: all, Runs: 9},
			"bad",
			"B is better, and A was kept in 50 % of the tests (95 % interval: 40 to 60 %; 9 runs).",
		},
		{
			campaign.Figures{Test: true, KeptThoughBetter: none, AdoptedThoughWorse: share(0, 0, 0.02), Expected: all, Runs: 9},
			"good",
			"B is no better than A, and was adopted in 0 % of the tests (95 % interval: 0 to 2 %; 9 runs).",
		},
		{
			campaign.Figures{Test: true, KeptThoughBetter: none, AdoptedThoughWorse: none, Expected: all, Runs: 9, Outcomes: campaign.Outcomes{{Of: "retained", Count: 8, Share: 0.96}}},
			"good",
			"either is right: A was kept in 96 % of the tests (9 runs).",
		},
		{campaign.Figures{GoodStopped: share(0, 0, 0.2), Expected: all}, "warn", "More runs would tell"},
		{campaign.Figures{GoodStopped: share(1, 0.9, 1), Expected: all}, "bad", "A good version gets through in 0 % of rollouts"},
		{campaign.Figures{Bad: true, Missed: share(0, 0, 0.02), Expected: all}, "good", "A bad version is kept from getting through in 100 % of rollouts"},
		{campaign.Figures{Bad: true, Missed: share(0.5, 0.4, 0.6), Expected: all}, "bad", "in 50 % of rollouts (95 % interval: 40 % to 60 %"},
		{campaign.Figures{GoodStopped: share(0, 0, 0.02), Expected: share(0.4, 0.3, 0.5), Needed: 0.9}, "bad", "Not as expected: 40 % of the runs were (30 % to 50 %), needed are 90 %."},
		{campaign.Figures{GoodStopped: share(0, 0, 0.02), Expected: all, Violations: 2}, "bad", "A promise of the engine was broken in 2 runs."},
	} {
		if v := verdictOf(&c.f); v.Class != c.class || !strings.Contains(v.Text, c.says) {
			t.Errorf("%+v, want %s: %s", v, c.class, c.says)
		}
	}
	for name, want := range map[string]verdict{
		"guide-canary":            {"good", "A good version: succeeded after 40m2s, with at most 150 tenants exposed. That is what was expected."},
		"guide-canary-regression": {"good", "A bad version: rolled back after"},
		"ab-identical":            {"good", "A good version: retained after"},
		"lesson-28-freeze":        {"warn", "A bad version: held after"},
		"behaviour-cold":          {"bad", "A good version: rolled back after"},
	} {
		s := read(t, "../../../examples/scenarios/"+name+".yaml")
		r, err := scenario.Run(t.Context(), s, s.Seed, scenario.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if v := verdictOn(r); v.Class != want.Class || !strings.HasPrefix(v.Text, want.Text) {
			t.Errorf("%s: %+v, want %+v", name, v, want)
		}
	}
	if v := verdictOfTuned(&campaign.Tuned{Points: make([]campaign.Point, 3), Runs: 5, LeastRuns: 73}); v.Class != "bad" || v.Text != "None of 3 settings is within the limits. 5 runs cannot show it: that takes 73." {
		t.Errorf("%+v", v)
	}
}

// TestEvidence: a page says what it is evidence for, and no day that nobody said.
func TestEvidence(t *testing.T) {
	s := read(t, "../../../examples/scenarios/lesson-30-metrics-backend-down.yaml")
	for _, date := range []string{"", "2026-02-03"} {
		p := New(s.Name, "")
		p.Evidence(Of{Scenario: s, Seed: 7, Runs: 30, Version: "v1.2.3", Date: date})
		page := written(t, p)
		for _, want := range []string{
			"v1.2.3", s.Hash(), "30, seed 7", "10 instances, 150 tenants, 150 requests/s", "Canary of payment-processor-stripe in Production: 1.5.0 to 1.6.0",
			"measure_fails, metrics_gap", "sequential", "kind: metrics_gap", "counts as",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("there is no %q", want)
			}
		}
		if strings.Contains(page, "<td>date</td>") != (date != "") || !strings.Contains(page, date) {
			t.Errorf("the date %q", date)
		}
	}
}

// TestPicturesFitAPhone: on a phone, every text of a picture is inside it, and ticks do
// not run into each other.
func TestPicturesFitAPhone(t *testing.T) {
	var pages []string
	for _, name := range []string{"fault-instance-crash", "guide-ab-testing", "behaviour-leak"} {
		s := read(t, "../../../examples/scenarios/"+name+".yaml")
		r, err := scenario.Run(t.Context(), s, s.Seed, scenario.Options{Record: true})
		if err != nil {
			t.Fatal(err)
		}
		p := New(s.Name, "")
		p.Run(r)
		pages = append(pages, written(t, p))
	}
	f, err := campaign.Run(t.Context(), read(t, "../../../examples/scenarios/behaviour-install-fails.yaml"), campaign.Options{Runs: 30, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	p := New("", "")
	p.Campaign(f)
	pages = append(pages, written(t, p))
	text := regexp.MustCompile(`<text x="([0-9.]+)" y="([0-9.]+)" text-anchor="(\w+)" class="([^"]*)">([^<]*)<`)
	for _, page := range pages {
		for _, svg := range regexp.MustCompile(`(?s)<svg viewBox="0 0 352.*?</svg>`).FindAllString(page, -1) {
			ends := map[string]float64{} // of the last tick in a row
			for _, m := range text.FindAllStringSubmatch(svg, -1) {
				x, _ := strconv.ParseFloat(m[1], 64)
				long := 5.4 * float64(len([]rune(m[5])))
				from := map[string]float64{"start": x, "middle": x - long/2, "end": x - long}[m[3]]
				if from < -4 || from+long > 352+8 {
					t.Errorf("%q reaches from %.0f to %.0f of 352", m[5], from, from+long)
				}
				if m[4] == "m s" && m[3] == "middle" {
					if last, ok := ends[m[2]]; ok && from < last {
						t.Errorf("%q begins at %.0f, and the tick before ends at %.0f", m[5], from, last)
					}
					ends[m[2]] = from + long
				}
			}
		}
	}
}

// TestEmptyPictures: where there is nothing to see, a sentence says so.
func TestEmptyPictures(t *testing.T) {
	f, err := campaign.Run(t.Context(), read(t, "../../../examples/scenarios/guide-direct.yaml"), campaign.Options{Runs: 20, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	p := New("", "")
	p.Campaign(f)
	page := written(t, p)
	for _, want := range []string{"All 20 runs ended as succeeded: of all such rollouts 83.89 % to 100 % do", "How long the rollouts took. 8s in each of 20 runs"} {
		if !strings.Contains(page, want) {
			t.Errorf("there is no %q", want)
		}
	}
	if strings.Contains(page, "Shares of the outcomes") || strings.Contains(page, `aria-label="Duration"`) {
		t.Error("there is a picture of nothing")
	}
}
