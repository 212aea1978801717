package campaign

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// shownLots is how many lots a table has.
const shownLots = 12

// command plays a lot alone.
func (l *Lottery) command(x *Lot) string { return l.goOn(x.Number, 1) }

// goOn plays lots from a number on.
func (l *Lottery) goOn(number, lots int) string {
	text := fmt.Sprintf("hotswap prove --random %d --seed %d --cell %d --runs %d", lots, l.Seed, number, l.Runs)
	if len(l.among) > 0 {
		text += " --strategy " + strings.Join(l.among, ",")
	}
	return text
}

// least is the p-value of the promise of x that fares worst, and that promise.
func (x *Lot) least() (p float64, of *LotPledge) {
	p = 2
	for i := range x.Pledges {
		if y := &x.Pledges[i]; y.P < p || y.P == p && y.Share.Share/y.Most > of.Share.Share/of.Most {
			p, of = y.P, y
		}
	}
	return p, of
}

// Worst are the lots from the one that fares worst on.
func (l *Lottery) Worst() []Lot {
	sorted := slices.Clone(l.Lots)
	slices.SortStableFunc(sorted, func(a, b Lot) int {
		pa, x := a.least()
		pb, y := b.least()
		if x == nil || y == nil {
			return cmp.Compare(pa, pb)
		}
		return cmp.Or(cmp.Compare(b.Broken, a.Broken), cmp.Compare(pa, pb), cmp.Compare(y.Share.Share/y.Most, x.Share.Share/x.Most))
	})
	return sorted
}

// Markdown is the worst of the lots as a table, and how to play those again that broke a
// promise.
func (l *Lottery) Markdown() string {
	var b strings.Builder
	runs, outside := 0, 0
	for _, x := range l.Lots {
		runs, outside = runs+x.Runs, outside+x.Outside
	}
	fmt.Fprintf(&b, "%d cells drawn with seed %d, %d rollouts of identical versions, of which %d were on fleets that err too often for a promise.\n", len(l.Lots), l.Seed, runs, outside)
	fmt.Fprintf(&b, "Broken by Holm's procedure over all promises, wrong with a probability of at most %s: %d cells.\n\n", percent(l.Level), l.Broken)
	b.WriteString("| cell | what | runs | promise that fares worst | seen | 95 % interval | p | shown |\n|---|---|---|---|---|---|---|---|\n")
	worst := l.Worst()
	for i := range worst {
		x := &worst[i]
		if i >= shownLots && !x.broken() {
			break
		}
		p, of := x.least()
		if of == nil {
			continue
		}
		fmt.Fprintf(&b, "| %d | %s | %d of %d | %s at most %s | %s | %s..%s | %.3g | %s |\n", x.Number, x.String(), x.Runs-x.Outside, x.Planned,
			of.Of, percent(of.Most), percent(of.Share.Share), percent(of.Share.Low), percent(of.Share.High), p, of.Shown)
	}
	for i := range worst {
		if x := &worst[i]; x.broken() {
			fmt.Fprintf(&b, "\n    %s", x.Command)
			if x.Broken > 0 {
				fmt.Fprintf(&b, "   # a promise of the engine was broken in %d runs, %s", x.Broken, x.How)
			}
		}
	}
	if l.Broken > 0 {
		b.WriteString("\n")
	}
	return b.String()
}
