package prom

import (
	"context"
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Meter measures by following counters. It keeps what it has seen in memory, and asks again
// for what it has not: one that begins anew has the same answers. It may be used by several
// at once, which wait for one another.
type Meter struct {
	set     Settings
	src     source
	queries map[string]selector
	turn    chan struct{} // has an element while somebody measures

	scrape  time.Duration // the time between samples
	known   bool          // that was found out, or said
	fs      map[string]*follower
	scrapes scrapes
	bounds  map[string]*buckets
	starts  starts
}

var _ engine.Meter = (*Meter)(nil)

// New makes a meter of settings. It reaches nobody. The error is that of Settings.Check, or
// says which file cannot be read.
func New(s Settings) (*Meter, error) {
	if ps := s.Check(); len(ps) > 0 {
		return nil, ps
	}
	s = s.usual()
	client, err := connect.New(s.Settings)
	if err != nil {
		return nil, err
	}
	return newMeter(s, &api{client: client, params: s.Params, notes: s.Notes}), nil
}

func newMeter(s Settings, src source) *Meter {
	m := &Meter{set: s, src: src, turn: make(chan struct{}, 1), scrape: s.ScrapeInterval, known: s.ScrapeInterval > 0}
	m.queries, _ = s.selectors() // Check has said what is wrong with them
	m.forget()
	return m
}

// forget drops what was followed.
func (m *Meter) forget() {
	m.fs, m.scrapes, m.bounds = map[string]*follower{}, scrapes{}, map[string]*buckets{}
}

// Close gives up connections that nobody uses.
func (m *Meter) Close() { m.src.close() }

// live is for how long after its last sample something is taken to be there, in ms.
func (m *Meter) live() int64 { return (3*m.scrape + m.set.Delay).Milliseconds() }

// enter waits for its turn; leave ends it.
func (m *Meter) enter(ctx context.Context) error {
	select {
	case m.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *Meter) leave() { <-m.turn }

// Measure implements engine.Meter. The error names the query, and says what came instead of
// an answer: then nothing is known, and nothing counts as fine.
func (m *Meter) Measure(ctx context.Context, q engine.Question) (engine.Answer, error) {
	if err := m.enter(ctx); err != nil {
		return engine.Answer{}, err
	}
	defer m.leave()
	from, to := q.From.UnixMilli(), q.To.UnixMilli()
	if to <= from {
		return engine.Answer{}, nil
	}
	if err := m.pace(ctx, to); err != nil {
		return engine.Answer{}, err
	}
	w := &work{m: m, q: &q, from: from, to: to}
	if err := w.plan(ctx); err != nil {
		return engine.Answer{}, err
	}
	if err := m.advance(ctx, w.needs, from, to); err != nil {
		return engine.Answer{}, err
	}
	return w.answer()
}

// assumedScrape is the time between samples as long as there are none to read it off.
const assumedScrape = time.Minute

// pace finds out the time between samples.
func (m *Meter) pace(ctx context.Context, at int64) error {
	if m.known {
		return nil
	}
	every, err := m.src.interval(ctx, m.queries[queryRequests], at)
	if err != nil {
		return fmt.Errorf("%s.queries.%s: %w", m.set.Path, queryRequests, err)
	}
	if m.known = every > 0; !m.known {
		every = assumedScrape
	}
	if every != m.scrape {
		m.forget()
	}
	m.scrape = every
	return nil
}

// follower is the one that has a name; it is made where it is not there.
func (m *Meter) follower(name string, f family) *follower {
	of := m.fs[name]
	if of == nil || of.sel != f.sel {
		of = newFollower(m, f)
		m.fs[name] = of
	}
	return of
}

// advance brings followers up to a question. The last samples of all are asked for in the
// order that is given, and counted in the other one: what comes in between is seen by those
// that were asked later, so that no error is without its request.
func (m *Meter) advance(ctx context.Context, fs []*follower, from, to int64) error {
	var behind []*follower
	m.starts = starts{at: to}
	for i := len(fs) - 1; i >= 0; i-- {
		f := fs[i]
		if f.holds(from, to) {
			continue
		}
		if err := f.begin(ctx, from, to); err != nil {
			return err
		}
		if f.tiled {
			if err := f.tile(ctx, to); err != nil {
				return err
			}
			continue
		}
		if err := f.catchUp(ctx, to); err != nil {
			return err
		}
		behind = append([]*follower{f}, behind...)
	}
	batches := make([][]series, len(behind))
	for i, f := range behind {
		var err error
		if batches[i], err = f.fetch(ctx, min(f.to, to)-f.overlap(), to, m.scrape.Milliseconds()); err != nil {
			return err
		}
	}
	last := func(i int) int { return len(behind) - 1 - i }
	ordered, their := make([]*follower, len(behind)), make([][]series, len(behind))
	for i := range behind {
		ordered[i], their[i] = behind[last(i)], batches[last(i)]
	}
	if err := m.take(ctx, ordered, their); err != nil {
		return err
	}
	for _, f := range behind {
		f.to = max(f.to, to)
	}
	return nil
}
