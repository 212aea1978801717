package prom

import (
	"context"
	"fmt"
	"math"
	"time"
)

// family is the series of one query, and what they are counted by.
type family struct {
	query  string // its name, as in the settings
	sel    selector
	by     string // the label that says what its numbers are; "": none does
	tenant bool   // they are counted by tenant, too
	gauge  bool   // its numbers rise and fall: they are added up, and how many there are is counted
	// natives are expressions that make numbers like those of a classic histogram's buckets
	// of native ones, by part; nil: the series themselves are followed.
	natives []native
}

// native is a number that grows, made of a native histogram.
type native struct{ part, expr string }

// state is a series that is followed.
type state struct {
	at          cellKey
	cell        *cell
	first, last int64   // times of its samples
	v           float64 // the last one
	target      string
	instance    string
	named       bool // by a label of its own
	slot        string
}

// follower keeps what the counters of a family have counted, sample by sample. What it has
// seen it does not ask for again, but for the last few scrapes, since samples come late.
type follower struct {
	m *Meter
	family
	states     map[string]*state
	order      []*state // in the order in which they were first seen
	cells      map[cellKey]*cell
	counts     map[cellKey]*cell // of a gauge: how many numbers there are
	members    map[cellKey]int   // how many series there are under a key
	sortedKeys []cellKey         // of cells
	held       bool
	since      int64 // samples from then on were asked for
	from       int64 // questions from then on can be answered
	to         int64 // and up to then
	series     int   // how many there were last
	tiled      bool  // they are too many to be followed, and added up by whoever is asked
	seen       seen  // of a tiled family: which instances there are
}

func newFollower(m *Meter, f family) *follower {
	return &follower{m: m, family: f, states: map[string]*state{}, cells: map[cellKey]*cell{}, counts: map[cellKey]*cell{}, members: map[cellKey]int{}}
}

// Bounds of what is fetched.
const (
	mostChunk   = 200_000   // samples of one request
	mostRaw     = 2_000_000 // samples of one question; above it, every so many of them are left out
	mostStepped = 500_000   // samples of one question where they are
	mostPoints  = 10_000    // of one series, in one request for a range
)

// holds says whether a question can be answered without asking anybody.
func (f *follower) holds(from, to int64) bool { return f.held && from >= f.from && to <= f.to }

// overlap is how far back a look asks again: samples that were late, or of series that
// stopped for a while, are no older.
func (f *follower) overlap() int64 { return f.m.live() + int64(f.m.scrape/time.Millisecond) }

// begin makes room for a question that goes further back than what is held.
func (f *follower) begin(ctx context.Context, from, to int64) error {
	if f.held && from >= f.from {
		return nil
	}
	n, err := f.m.src.count(ctx, f.sel, to)
	if err != nil {
		return f.named(err)
	}
	if n > f.m.set.MaxSeries {
		return f.named(tooMany(f.sel, n, f.m.set.MaxSeries))
	}
	*f = *newFollower(f.m, f.family)
	f.series, f.tiled = n, n > f.m.set.FollowSeries && f.natives == nil && f.m.src.sums()
	f.from, f.since = from, from-f.overlap()
	f.to, f.held = f.since, true
	return nil
}

func tooMany(sel selector, n, most int) error {
	return fmt.Errorf("%s selects %d series, more than max_series = %d: choose fewer, or have them added up by fewer labels before they are scraped", sel, n, most)
}

// named is err with the query that it is about.
func (f *follower) named(err error) error {
	return fmt.Errorf("%s.queries.%s: %w", f.m.set.Path, f.query, err)
}

// catchUp follows up to what a single look asks for.
func (f *follower) catchUp(ctx context.Context, to int64) error {
	if f.tiled {
		return nil
	}
	scrape := f.m.scrape.Milliseconds()
	total := int64(max(1, f.series)) * (to - f.to) / scrape
	step := scrape
	if total > mostRaw && f.m.src.sums() { // samples far apart are as good, but for resets in between
		step = max((to-f.to)*int64(max(1, f.series))/mostStepped, (to-f.to)/mostPoints, 2*scrape)
	}
	for end := to - f.overlap(); f.to < end; {
		chunk := min(max(mostChunk/int64(max(1, f.series)), 8), mostPoints-1) * step
		upTo := min(end, f.to+chunk)
		batch, err := f.fetch(ctx, f.to, upTo, step)
		if err != nil {
			return err
		}
		if err := f.m.take(ctx, []*follower{f}, [][]series{batch}); err != nil {
			return err
		}
		f.to = upTo
	}
	return nil
}

// fetch asks for the samples of (from, to], a step apart where that is more than a scrape.
func (f *follower) fetch(ctx context.Context, from, to int64, step int64) (batch []series, err error) {
	apart := time.Duration(step) * time.Millisecond
	switch {
	case f.natives != nil:
		batch, err = f.fetchNative(ctx, from, to, apart)
	case apart > f.m.scrape:
		batch, err = f.m.src.stepped(ctx, fmt.Sprintf("last_over_time(%s)", f.sel.over(apart)), from, to, apart)
	default:
		batch, err = f.m.src.raw(ctx, f.sel, from, to)
	}
	if err == nil {
		err = f.sound(batch)
	}
	if err != nil {
		return nil, f.named(err)
	}
	f.series = max(len(batch), 1)
	return batch, nil
}

// fetchNative asks for numbers that are made of native histograms.
func (f *follower) fetchNative(ctx context.Context, from, to int64, step time.Duration) ([]series, error) {
	var all []series
	for _, n := range f.natives {
		batch, err := f.m.src.stepped(ctx, n.expr, from, to, step)
		if err != nil {
			return nil, err
		}
		for i := range batch {
			batch[i].Metric[labelNative] = n.part
		}
		all = append(all, batch...)
	}
	return all, nil
}

// labelNative is where a number of a native histogram says what it is.
const labelNative = "__part__"

// sound says what in a batch cannot be.
func (f *follower) sound(batch []series) error {
	if len(batch) > f.m.set.MaxSeries {
		return tooMany(f.sel, len(batch), f.m.set.MaxSeries)
	}
	for i := range batch {
		for _, p := range batch[i].Values {
			if math.IsNaN(p.v) || math.IsInf(p.v, 0) {
				return fmt.Errorf("%s has the sample %v at %s, which counts nothing", f.sel, p.v, time.UnixMilli(p.at).UTC().Format(time.RFC3339))
			}
		}
	}
	return nil
}
