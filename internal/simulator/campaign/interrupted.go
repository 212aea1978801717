package campaign

import (
	"cmp"
	"fmt"
	"slices"
)

// Interruption says that a campaign was interrupted, and how much of it was played whole by then.
// Where it counts runs, they are the first ones: a campaign of so many has the same figures.
type Interruption struct {
	Played int    `json:"played"`
	Of     int    `json:"of"`
	Unit   string `json:"unit"` // of both: runs, pairs, cells, trials, settings or worlds
	// Command goes on where that can be said in one: it plays the cells from the first one on that
	// was not played.
	Command string `json:"command,omitempty"`
}

// String says it in the words that stand above what is told of a part.
func (x *Interruption) String() string {
	return fmt.Sprintf("interrupted after %d of %d %s: what follows is of those", x.Played, x.Of, x.Unit)
}

// Cut says whether the campaign was interrupted. Nothing is shown then of what was not played.
func (x *Interruption) Cut() bool { return x != nil }

// unproven takes back from a cell that was interrupted what its runs may show only when all of
// them were played: that a promise is kept.
func (c *Cell) unproven() {
	for i := range c.Pledges {
		if c.Pledges[i].Shown == Kept {
			c.Pledges[i].Shown = NotRefuted
		}
	}
	c.Promise = worstOf(c.Pledges)
}

// order is in which order lots are played: the dear ones first, so that none is waited for at the
// end, but among a few only, so that an interrupted lottery lacks few of those before the last.
func (l *Lottery) order(workers int) []int {
	order := make([]int, len(l.Lots))
	for i := range order {
		order[i] = i
	}
	for part := range slices.Chunk(order, max(8, 2*workers)) {
		slices.SortStableFunc(part, func(a, b int) int { return cmp.Compare(l.Lots[b].Tenants, l.Lots[a].Tenants) })
	}
	return order
}

// cut fills x with the runs that were played before it was interrupted.
func (x *Lot) cut(outcomes []outcome) {
	if len(outcomes) == 0 || unplayed(outcomes) != nil {
		return
	}
	x.count(outcomes)
	x.Stopped = cmp.Or(x.Stopped, "interrupted")
	for i := range x.Pledges {
		if x.Pledges[i].Shown == Kept {
			x.Pledges[i].Shown = NotRefuted
		}
	}
}

// interrupted leaves of l what was played, or of its only lot the first runs, and says whether
// there is any.
func (l *Lottery) interrupted(played []bool) bool {
	first := slices.Index(played, false)
	if first < 0 {
		return false
	}
	x, all := &Interruption{Of: len(l.Lots), Unit: "cells"}, l.Lots
	x.Command = l.goOn(all[first].Number, len(all)-first)
	l.Lots = nil
	for i := range all {
		if played[i] {
			l.Lots = append(l.Lots, all[i])
		}
	}
	x.Played = len(l.Lots)
	if only := &all[0]; len(all) == 1 && only.Runs > 0 {
		l.Lots, x.Played, x.Of, x.Unit = all, only.Runs, only.Planned, "runs"
	}
	l.Interrupted = x
	return len(l.Lots) > 0
}
