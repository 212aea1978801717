package report

import (
	"fmt"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// verdict is the sentence on top of a page: what it shows, and what that means for the
// kind of version that was tried.
type verdict struct{ Class, Text string }

func (p *Page) verdict(v verdict) {
	if p.Verdict.Text == "" {
		p.Verdict = v
	}
}

// enough is how often the wrong thing may happen in a policy that is called good where
// nothing else is expected.
const enough = 0.05

// verdictOf is the sentence of a campaign.
func verdictOf(f *campaign.Figures) verdict {
	wrong, right := f.GoodStopped, "gets through"
	kind := "good"
	if f.Bad {
		wrong, right, kind = f.Missed, "is kept from getting through", "bad"
	}
	text := fmt.Sprintf("A %s version %s in %s of rollouts (95 %% interval: %s to %s; %d runs).",
		kind, right, percent(1-wrong.Share), percent(1-wrong.High), percent(1-wrong.Low), f.Runs)
	if f.Test {
		wrong, text = verdictOfTest(f)
	}
	switch {
	case f.Violations > 0:
		return verdict{"bad", fmt.Sprintf("A promise of the engine was broken in %d runs. %s", f.Violations, text)}
	case f.Expected.Share < f.Needed:
		return verdict{"bad", fmt.Sprintf("Not as expected: %s of the runs were (%s to %s), needed are %s. %s",
			percent(f.Expected.Share), percent(f.Expected.Low), percent(f.Expected.High), percent(f.Needed), text)}
	case wrong.Absent || wrong.High <= enough:
		return verdict{"good", text}
	case wrong.Low > enough:
		return verdict{"bad", text}
	default:
		return verdict{"warn", text + " More runs would tell whether that is enough."}
	}
}

// verdictOfTest is the sentence of a campaign of A/B tests, and how often the wrong variant
// was taken.
func verdictOfTest(f *campaign.Figures) (wrong campaign.Share, text string) {
	kept := endedAs(f, scenario.Retained)
	switch {
	case !f.KeptThoughBetter.Absent:
		wrong = f.KeptThoughBetter
		text = fmt.Sprintf("B is better, and A was kept in %s of the tests", percent(wrong.Share))
	case !f.AdoptedThoughWorse.Absent:
		wrong = f.AdoptedThoughWorse
		text = fmt.Sprintf("B is no better than A, and was adopted in %s of the tests", percent(wrong.Share))
	default:
		return campaign.Share{Absent: true}, fmt.Sprintf("B is better by less than the test asks for, so that either is right: A was kept in %s of the tests (%d runs).", percent(kept.Share), f.Runs)
	}
	return wrong, fmt.Sprintf("%s (95 %% interval: %s; %d runs).", text, between(wrong), f.Runs)
}

// endedAs is how often a campaign ended in a way.
func endedAs(f *campaign.Figures, e scenario.Ending) campaign.Share {
	for _, o := range f.Outcomes {
		if o.Of == string(e) {
			return o
		}
	}
	return campaign.Share{}
}

// verdictOn is the sentence of a run.
func verdictOn(r *scenario.Result) verdict {
	bad := r.Scenario.Bad()
	kind := map[bool]string{true: "bad", false: "good"}[bad]
	ended := strings.ReplaceAll(string(r.Ending), "_", " ")
	text := fmt.Sprintf("A %s version: %s.", kind, ended)
	if r.Plan != nil {
		text = fmt.Sprintf("A %s version: %s after %s, with at most %d tenants exposed.", kind, ended, clock(r.Took().Seconds()), r.Summary.Most.Tenants)
	}
	if failures := r.Failures(); len(failures) > 0 {
		return verdict{"bad", "Not as expected: " + failures[0] + ". " + text}
	}
	class := colour(string(r.Ending), bad)
	if class == "muted" {
		class = "warn"
	}
	if !bad && r.Ending == scenario.Retained && r.Stopped() {
		class = "bad"
	}
	if x := r.Scenario.Expect; x.Outcome != "" {
		text += " That is what was expected."
	}
	return verdict{class, text}
}

// verdictOfTuned is the sentence of a search.
func verdictOfTuned(t *campaign.Tuned) verdict {
	within := 0
	for _, p := range t.Points {
		if p.Within {
			within++
		}
	}
	front := t.Front()
	if len(front) == 0 {
		text := fmt.Sprintf("None of %d settings is within the limits.", len(t.Points))
		if t.Runs < t.LeastRuns {
			text += fmt.Sprintf(" %d runs cannot show it: that takes %d.", t.Runs, t.LeastRuns)
		}
		return verdict{"bad", text}
	}
	fast := front[0]
	return verdict{"good", fmt.Sprintf("%d of %d settings are within the limits. The fastest, %s, takes %s and lets %.1f requests of a bad version fail; "+
		"it stops %s of good versions and misses %s of bad ones.", within, len(t.Points), fast.Name, clock(fast.Duration.P50), fast.Failed.Mean, upTo(fast.GoodStopped), upTo(fast.Missed))}
}
