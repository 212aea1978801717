package campaign

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Rival is a rule that is tried beside the sequential judge.
type Rival struct {
	Name  string
	Judge engine.Judge
}

// ofOurs is the name of the sequential judge among rivals.
const ofOurs = string(engine.Sequential)

// Contest is how rules did on the same cells, each on the same worlds.
type Contest struct {
	Kind   string `json:"kind"`   // KindContest
	Format int    `json:"format"` // see Format
	Seed   int64  `json:"seed"`
	Runs   int    `json:"runs"` // of each cell with each rule
	// Interrupted says that not all cells were played with all rules; nil: they were.
	Interrupted *Interruption `json:"interrupted,omitempty"`

	Rules   []string     `json:"rules"` // the sequential judge first
	Cells   []RivalCells `json:"cells"`
	Broken  int          `json:"promises_broken"` // runs that broke a promise of the engine
	columns []Rival
}

// RivalCells are a case, and what came of it with each rule, in the order of Contest.Rules.
type RivalCells struct {
	Case
	Rules []RivalCell `json:"rules"`
}

// RivalCell is what came of a case with a rule, of the runs whose fleets do not err too often
// by themselves.
type RivalCell struct {
	Rule       string `json:"rule"`
	Runs       int    `json:"runs"`
	RolledBack Share  `json:"rolled_back"`
	Held       Share  `json:"held"`
	Through    Share  `json:"through"`
	Detected   Spread `json:"detected_seconds"` // of those in which a verdict failed
	Failed     Spread `json:"failed_requests"`  // on the candidate
}

// PlayContest plays the cases with the sequential judge and its guards, and with each rival,
// which has none. A/B tests are left out: rules that look at requests have no word for them. Where
// ctx is done before that, the contest has the cells that were played whole by then, and comes
// with ctx's error; it is nil where there are none.
func PlayContest(ctx context.Context, cases []Case, rivals []Rival, opt Options) (*Contest, error) {
	x := &Contest{Kind: KindContest, Format: Format, Seed: opt.Seed, Runs: opt.Runs, columns: append([]Rival{{Name: ofOurs}}, rivals...)}
	for _, rival := range x.columns {
		x.Rules = append(x.Rules, rival.Name)
	}
	cases = slices.DeleteFunc(slices.Clone(cases), func(c Case) bool { return c.Strategy == engine.ABTesting })
	done := 0
	for _, c := range cases {
		row := RivalCells{Case: c}
		for _, rival := range x.columns {
			own := opt
			own.Progress = func(n, runs int) {
				if opt.Progress != nil {
					opt.Progress(done*runs+n, len(cases)*len(x.columns)*runs)
				}
			}
			cell, broken, err := rival.play(ctx, c, own)
			if err != nil && (ctx.Err() == nil || len(x.Cells) == 0) {
				return nil, err
			}
			if err != nil {
				x.Interrupted = &Interruption{Played: len(x.Cells), Of: len(cases), Unit: "cells"}
				return x, ctx.Err()
			}
			done, x.Broken, row.Rules = done+1, x.Broken+broken, append(row.Rules, cell)
		}
		x.Cells = append(x.Cells, row)
	}
	return x, nil
}

// play plays c with a rule.
func (r *Rival) play(ctx context.Context, c Case, opt Options) (cell RivalCell, broken int, err error) {
	p := part{to: opt.Runs, judge: r.Judge, most: c.mostOfFleets()}
	if r.Judge != nil {
		c.Mode, c.Unguarded = engine.Threshold, true
	}
	outcomes, err := playSome(ctx, c.Scenario(), opt, p)
	if err != nil {
		return RivalCell{}, 0, err
	}
	for _, o := range outcomes {
		if r.Judge == nil { // others pass what our judge promises not to
			broken += min(1, len(o.broken))
		}
	}
	outcomes = slices.DeleteFunc(outcomes, func(o outcome) bool { return o.outside })
	of := Cell{Case: c}
	of.fill(outcomes)
	return RivalCell{Rule: r.Name, Runs: of.Runs, RolledBack: of.RolledBack, Held: of.Held, Through: of.Through, Detected: of.Detected, Failed: of.Failed}, broken, nil
}

// Holds says whether no promise of the engine was broken: of rules nothing is promised.
func (x *Contest) Holds() bool { return x.Broken == 0 }

// Markdown is the contest as two tables: identical versions that are rolled back or held, and
// worse ones that get through.
func (x *Contest) Markdown() string {
	var b strings.Builder
	head := func(title, first string) {
		fmt.Fprintf(&b, "### %s\n\n| %s | %s |\n|%s\n", title, first, strings.Join(x.Rules, " | "), strings.Repeat("---|", len(x.Rules)+1))
	}
	table := func(identical bool, say func(r *RivalCell) string) {
		for i := range x.Cells {
			if c := &x.Cells[i]; c.Identical() == identical {
				fmt.Fprintf(&b, "| %s: %s |", c.Name, c.world())
				for k := range c.Rules {
					fmt.Fprintf(&b, " %s |", say(&c.Rules[k]))
				}
				b.WriteString("\n")
			}
		}
	}
	head("Identical versions: how often they are rolled back, and held", "cell")
	table(true, func(r *RivalCell) string {
		return fmt.Sprintf("%s (%s..%s), held %s", percent(r.RolledBack.Share), percent(r.RolledBack.Low), percent(r.RolledBack.High), percent(r.Held.Share))
	})
	b.WriteString("\n")
	head("Worse versions: how often they get through, when they are found, and how many requests failed", "cell")
	table(false, func(r *RivalCell) string {
		at, _, _ := strings.Cut((&Cell{Detected: r.Detected}).found(), ",")
		return fmt.Sprintf("%s (%s..%s), found after %s, %.0f failed", percent(r.Through.Share), percent(r.Through.Low), percent(r.Through.High), at, r.Failed.P50)
	})
	return b.String()
}
