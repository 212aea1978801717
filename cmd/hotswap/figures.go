package main

import (
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// figures prints what came of a campaign.
func (c *console) figures(f *campaign.Figures) {
	kind := "good"
	if f.Bad {
		kind = "bad"
	}
	c.print("%s\n", c.paint.bold(f.Scenario))
	c.cut(f.Interrupted)
	c.print("%d runs of a %s version, seed %d, scenario %s\n\n", f.Runs, kind, f.Seed, f.ScenarioHash)

	c.print("%s\n", c.paint.faint("OUTCOME                RUNS    SHARE  95 % INTERVAL"))
	for _, o := range f.Outcomes {
		if o.Count > 0 {
			c.share(o)
		}
	}
	c.print("\n%s\n", c.paint.faint("FIGURE                 RUNS      P50      P95      P99     MOST"))
	c.times("duration", f.TookSeconds)
	c.times("time to detect", f.DetectedSeconds)
	c.times("way back", f.RollbackSeconds)
	c.counts("tenants exposed", f.Tenants)
	c.counts("requests", f.Requests)
	c.counts("failed requests", f.FailedRequests)

	c.print("\n%s\n", c.paint.faint("RISK                   RUNS    SHARE  95 % INTERVAL"))
	for _, s := range append(f.Risks(), f.Expected) {
		c.share(s)
	}
	c.effects(f.TookEffect)

	c.print("\n")
	broken := c.paint.green("all kept")
	if f.Interrupted.Cut() {
		broken = "none broken in those"
	}
	if f.Violations > 0 {
		broken = c.paint.red(fmt.Sprintf("broken in %d runs", f.Violations))
	}
	c.row("promises", "%d checked in each run, %s", f.Promises, broken)
	for _, b := range f.Broken {
		c.row("", "%s", b)
	}
	c.row("trace", "%s", f.Trace)
	if len(f.Worst) > 0 {
		c.print("\n%s\n", c.paint.faint("WORST RUNS, and how to see each"))
	}
	for _, w := range f.Worst {
		c.print("%s\n    %s\n", w.Why, w.Command)
	}
	if !f.Holds() && !f.Interrupted.Cut() {
		c.print("\n%s as expected in %.2f %% of the runs, needed are %.2f %%\n", c.paint.red("no:"), 100*f.Expected.Share, 100*f.Needed)
	}
}

// cut says that a campaign was interrupted, where it was.
func (c *console) cut(x *campaign.Interruption) {
	if x.Cut() {
		c.print("%s\n", c.paint.amber(x.String()))
	}
}

// effects prints how often each part of the scenario took effect.
func (c *console) effects(effects []campaign.Effect) {
	if len(effects) == 0 {
		return
	}
	c.print("\n%s\n", c.paint.faint("TOOK EFFECT            RUNS    SHARE  95 % INTERVAL"))
	for _, e := range effects {
		s := e.Share
		s.Of = e.Path
		c.share(s)
		if never := e.Never(); never != "" {
			c.print("%s\n", c.paint.amber("    "+never+": what it should show is not shown"))
		}
	}
}

func (c *console) share(s campaign.Share) {
	c.print("%-20s %6d  %6.2f %%  %.2f .. %.2f %%\n", s.Of, s.Count, 100*s.Share, 100*s.Low, 100*s.High)
}

func (c *console) times(name string, s campaign.Spread) {
	if s.Count == 0 {
		return
	}
	at := func(seconds float64) string { return span(time.Duration(seconds * float64(time.Second))) }
	c.print("%-18s %8d %8s %8s %8s %8s\n", name, s.Count, at(s.P50), at(s.P95), at(s.P99), at(s.Most))
}

func (c *console) counts(name string, s campaign.Spread) {
	c.print("%-18s %8d %8.0f %8.0f %8.0f %8.0f\n", name, s.Count, s.P50, s.P95, s.P99, s.Most)
}
