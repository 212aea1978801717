package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// act is a rollout, and what it has to come to.
type act struct {
	version  string
	strategy engine.Strategy
	outcome  engine.Outcome
	tenants  int    // exposed at most; 0: any
	alone    string // tenant that the version fails, and nobody else; "": there is none
	none     bool   // no request may reach it
	during   func(ctx context.Context) error
}

// act plays one, and holds what is measured against the prediction.
func (d *demo) act(ctx context.Context, a act) error {
	id, err := d.roll(ctx, a.version, a.strategy)
	if err != nil {
		return err
	}
	d.tell("   %s of %s begins: %s", a.strategy, a.version, id)
	var wrong error
	if a.during != nil {
		wrong = a.during(ctx) // it is seen to its end: the next chapter would find it unfinished
	}
	r, err := d.ended(ctx, id)
	if err != nil {
		return errors.Join(wrong, err)
	}
	if r.Story != "" {
		d.tell("   %s", short(r.Story))
	}
	d.onRollouts += r.Failed
	if r.Outcome != string(a.outcome) {
		return errors.Join(wrong, fmt.Errorf("%s ended as %s, and not as %s: %s", id, r.Outcome, a.outcome, short(r.Story)))
	}
	most := 0
	if r.Most != nil {
		most = r.Most.Tenants
	}
	mark, expected := within, "" // a version that does not start is no behaviour that a simulation is told of
	if !a.none {
		mark, expected = held(r.Failed, &r.expectation)
	}
	if wrong = errors.Join(wrong, a.missed(r, most)); wrong != nil {
		mark = beyond
	}
	d.tell("   %s %s: %d requests failed on %s while it was rolled out, %d tenants had it at most", mark, r.Outcome, r.Failed, a.version, most)
	for _, line := range append(d.whose(r, a), expected) {
		if line != "" {
			d.tell("     %s", line)
		}
	}
	return wrong
}

// missed is what does not go as told; nil: all does.
func (a *act) missed(r *shown, most int) error {
	switch e := r.Expected; {
	case a.none && r.Failed > 0:
		return fmt.Errorf("%d requests failed on a version that never starts", r.Failed)
	case a.tenants > 0 && most > a.tenants:
		return fmt.Errorf("%d tenants were exposed, more than %d", most, a.tenants)
	case !a.none && e != nil && e.Failed.Beyond(float64(r.Failed)):
		return fmt.Errorf("%d requests failed, and the simulator expected %s, and in none of %d runs more than %.0f or fewer than %.0f", r.Failed, e.Failed, e.Runs, e.Failed.Most, e.Failed.Least)
	}
	return nil
}

// The marks of a rollout: all is as told, or its figure is outside of what was expected as one of
// twenty is by chance, or something is not as told.
const (
	within  = "✓"
	outside = "≈"
	beyond  = "✗"
)

// held holds what failed against what the simulator expected, and says that.
func held(failed int64, e *expectation) (mark, line string) {
	switch p := e.Expected; {
	case p == nil:
		return within, "there is no prediction: " + e.Unexpected
	case p.Failed.Has(float64(failed)):
		return within, fmt.Sprintf("the simulator expected %s failed requests, as in 95 of 100 of its runs", p.Failed)
	default:
		return outside, fmt.Sprintf("the simulator expected %s failed requests, in 95 of 100 of its runs: %d is outside of that, as one of twenty rollouts is by chance", p.Failed, failed)
	}
}

// whose says whose requests failed: those that a version is bad for, and those that any fails.
func (d *demo) whose(r *shown, a act) (lines []string) {
	if r.Answered > 0 {
		line := fmt.Sprintf("that is %s of the %d that it answered", share(r.Failed, r.Answered), r.Answered)
		if u := r.Usual; u.Answered > 0 {
			line += fmt.Sprintf("; %s failed %s of its own before, which would be %.0f", r.Baseline, share(u.Failed, u.Answered), float64(u.Failed)/float64(u.Answered)*float64(r.Answered))
		}
		lines = append(lines, line)
	}
	if a.alone == "" {
		return lines
	}
	failed, when := d.board.of(r, a.alone)
	if when.nth == 0 {
		return append(lines, fmt.Sprintf("%s never got it", a.alone))
	}
	return append(lines,
		fmt.Sprintf("%d of them are %s's, also those that it sent from the verdict until it was back; the other %d are of all other tenants, as with any version", failed, a.alone, r.Failed-failed),
		fmt.Sprintf("%s was the %s tenant to get it, after %.0f s: before that it failed nobody, and there was nothing to find", a.alone, ordinal(when.nth), when.after.Seconds()))
}

func share(n, of int64) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of)) }

// ordinal is 1st, 2nd, 3rd, 4th and so on.
func ordinal(n int) string {
	end := "th"
	if n%100 < 11 || n%100 > 13 {
		end = cmp.Or(map[int]string{1: "st", 2: "nd", 3: "rd"}[n%10], end)
	}
	return fmt.Sprintf("%d%s", n, end)
}

// short is the first line of a story, and what was measured that failed.
func short(story string) string {
	first, rest, _ := strings.Cut(strings.TrimSpace(story), "\n")
	for line := range strings.SplitSeq(rest, "\n") {
		if _, measured, ok := strings.Cut(line, "fail: "); ok {
			first += " " + strings.ToUpper(measured[:1]) + measured[1:] + "."
			break
		}
	}
	// The reason stands behind the names of the instances that it is about, and has paths in it.
	const most = 800
	if all := []rune(first); len(all) > most {
		first = string(all[:most]) + " …"
	}
	return first
}
