package campaign

import (
	"context"
	"fmt"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// RandomOptions say which cases of a lottery are played.
type RandomOptions struct {
	Options
	Cells      int               // how many, from First on
	First      int               // number of the first one
	Strategies []engine.Strategy // among which they are drawn; none: all
}

// Lot is a case of a lottery, and what came of it.
type Lot struct {
	Case
	Number  int    `json:"number"`
	Planned int    `json:"planned"` // how many runs it was to have
	Runs    int    `json:"runs"`    // how many it had, see Stopped
	Outside int    `json:"runs_outside,omitempty"`
	Stopped string `json:"stopped"` // why it had fewer; "": it had all
	// Pledges are what is promised, with the p-value of each and what follows for all lots
	// together.
	Pledges []LotPledge `json:"promises"`
	// Broken is how many runs broke a promise of the engine, and How the first of them.
	Broken  int    `json:"promises_broken"`
	How     string `json:"broken"`
	Command string `json:"command"` // plays it alone
}

// LotPledge is a promise of a lot. P is the exact probability of as many or more where the
// promise is just kept; 1 where the runs ended early because there were few. Refuted says
// that Holm's procedure over all promises of all lots rejects it.
type LotPledge struct {
	Pledge
	P       float64 `json:"p"`
	Refuted bool    `json:"refuted"`
}

// Lottery is what came of cases that were drawn.
type Lottery struct {
	Kind   string `json:"kind"`   // KindLottery
	Format int    `json:"format"` // see Format
	Seed   int64  `json:"seed"`
	Runs   int    `json:"runs"` // that each was to have, and fewer where tenants are many
	// Interrupted says that not all lots were played, or not all runs of the only one; nil: they were.
	Interrupted *Interruption `json:"interrupted,omitempty"`

	Level float64 `json:"level"` // the probability that any promise is called broken that is kept
	Lots  []Lot   `json:"cells"`
	// Broken is how many lots have a promise that is refuted.
	Broken int `json:"cells_broken"`

	among []string // strategies
}

// familyLevel is how probable it may be that a promise is called broken that is kept.
const familyLevel = 0.05

// surely is a p-value that is refuted among any [MostLots] lots: familyLevel by the number of
// their promises, of which none has more than six.
const surely = familyLevel / (6 * MostLots)

// MostLots is how many lots can be played at once.
const MostLots = 5000

// looks are how often the runs of a lot are looked at on the way.
const looks = 8

// manyTenants is from how many tenants on a lot gets fewer runs, down to an eighth. A/B tests,
// which last a day and count each tenant, always get an eighth.
const manyTenants = 2000

// runs is how many runs c gets of those that were asked for.
func (c *Case) runs(asked int) int {
	eighths := max(1, min(8, 8*manyTenants/max(1, c.Tenants)))
	if c.Strategy == engine.ABTesting {
		eighths = 1
	}
	return max(1, asked*eighths/8)
}

// PlayLottery draws cases and plays identical versions in each. The figures of a lot depend
// neither on the number of runs at once nor on what else is drawn, but for what is refuted. Where
// ctx is done before that, the lottery has the lots that were played whole by then, or the first
// runs of the only one, and comes with ctx's error; it is nil where there are none.
func PlayLottery(ctx context.Context, opt RandomOptions) (*Lottery, error) {
	l := &Lottery{Kind: KindLottery, Format: Format, Seed: opt.Seed, Runs: opt.Runs, Level: familyLevel, Lots: make([]Lot, opt.Cells)}
	for _, strategy := range opt.Strategies {
		l.among = append(l.among, string(strategy))
	}
	for i := range l.Lots {
		c := Draw(opt.Seed, opt.First+i, opt.Strategies)
		l.Lots[i] = Lot{Case: c, Number: opt.First + i, Planned: c.runs(opt.Runs)}
	}
	order := l.order(opt.workers())
	within := opt.Options
	within.Progress = nil
	if opt.Cells > 1 {
		within.Workers = 1
	}
	played := make([]bool, opt.Cells)
	err := Each(ctx, opt.Cells, opt.workers(), func(i int) error {
		err := l.Lots[order[i]].play(ctx, within)
		played[order[i]] = err == nil
		return err
	}, func(sofar int) {
		if opt.Progress != nil {
			opt.Progress(sofar, opt.Cells)
		}
	})
	if err != nil && !(ctx.Err() != nil && l.interrupted(played)) {
		return nil, err
	}
	l.judge()
	return l, err
}

// play plays a lot, an eighth of its runs at a time. It ends early in two cases, neither
// of which makes it more probable that a promise is called broken that is kept:
//
//   - so much has happened already that the promise is refuted whatever the rest brings, and
//     whatever becomes of the other lots; the p-value is that of all runs, had nothing more
//     happened;
//   - at most half as much has happened as is promised, where that is five or more: then
//     nothing is refuted, whatever the rest would have brought, and the p-value is 1.
func (x *Lot) play(ctx context.Context, opt Options) error {
	s, all := x.Scenario(), []outcome{}
	for look := 1; look <= looks; look++ {
		p := part{from: len(all), to: x.Planned * look / looks, most: x.mostOfFleets()}
		more, err := playSome(ctx, s, opt, p)
		if err != nil && ctx.Err() != nil {
			x.cut(append(all, more...))
			return err
		}
		if err != nil {
			return fmt.Errorf("cell %d: %w", x.Number, err)
		}
		all = append(all, more...)
		if x.count(all); x.Stopped != "" {
			return nil
		}
	}
	if err := unplayed(all); err != nil {
		return fmt.Errorf("cell %d: %w", x.Number, err)
	}
	return nil
}

// count fills x with the outcomes so far, and says whether they are enough.
func (x *Lot) count(outcomes []outcome) {
	x.heed(outcomes)
	x.Pledges = nil
	few, sure := true, false
	for _, pledge := range x.pledges() {
		p := LotPledge{Pledge: pledge}
		p.count(outcomes)
		k := int(p.Share.Count)
		p.P = atLeast(k, x.Planned-x.Outside, p.Most)
		expected := float64(float64(x.Runs-x.Outside) * p.Most)
		few = few && expected >= 5 && float64(k) <= expected/2
		sure = sure || p.P <= surely
		x.Pledges = append(x.Pledges, p)
	}
	switch {
	case x.Runs == x.Planned:
	case sure:
		x.Stopped = "broken"
	case few:
		x.Stopped = "few"
		for i := range x.Pledges {
			x.Pledges[i].P = 1
		}
	}
}

// heed counts the runs of outcomes, those of fleets of which nothing is promised, and those
// that broke a promise of the engine.
func (x *Lot) heed(outcomes []outcome) {
	x.Runs, x.Outside, x.Broken = len(outcomes), 0, 0
	for i := range outcomes {
		o := &outcomes[i]
		if o.outside {
			x.Outside++
		}
		if len(o.broken) > 0 {
			if x.Broken++; x.Broken == 1 {
				x.How = fmt.Sprintf("seed %d: %s", o.seed, o.broken[0])
			}
		}
	}
}

// judge says which promises are refuted, all taken together.
func (l *Lottery) judge() {
	var p []float64
	for _, x := range l.Lots {
		for _, pledge := range x.Pledges {
			p = append(p, pledge.P)
		}
	}
	rejected := holm(p, l.Level)
	for i := range l.Lots {
		x := &l.Lots[i]
		x.Command = l.command(x)
		for k := range x.Pledges {
			pledge := &x.Pledges[k]
			if pledge.Refuted, rejected = rejected[0], rejected[1:]; pledge.Refuted {
				pledge.Shown = Broken
			} else if pledge.Shown == Broken {
				pledge.Shown = NotRefuted
			}
		}
		if x.broken() {
			l.Broken++
		}
	}
}

// broken says whether anything that is promised of x is refuted.
func (x *Lot) broken() bool {
	return x.Broken > 0 || slices.ContainsFunc(x.Pledges, func(p LotPledge) bool { return p.Refuted })
}

// Holds says whether no promise was refuted.
func (l *Lottery) Holds() bool { return l.Broken == 0 }

// Checks are the promises of all lots, and what was shown of each.
func (l *Lottery) Checks() []Checked {
	var all []Checked
	for _, x := range l.Lots {
		for _, p := range x.Pledges {
			all = append(all, checkedOf(x.Name, []Pledge{p.Pledge})...)
		}
	}
	return all
}
