package prom

import (
	"context"
	"slices"
	"sort"
	"strings"
)

// identity is a series by all of its labels.
func identity(labels map[string]string) string {
	names := make([]string, 0, len(labels))
	for name := range labels {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		b.WriteString(name)
		b.WriteByte(0)
		b.WriteString(labels[name])
		b.WriteByte(0)
	}
	return b.String()
}

// targetOf is whose scrape a series came with: all that one scrape brings has one time, so
// that a series which another one of its target is older than was born in between.
func targetOf(labels map[string]string, instance string) string {
	if at := labels["instance"]; at != "" {
		return labels["job"] + "\x00" + at
	}
	return "\x00\x00" + instance
}

// instanceOf is the fleet's name of the instance that a series is of.
func (l *Labels) instanceOf(labels map[string]string) string {
	if id := labels[l.Instance]; id != "" {
		return id
	}
	at := labels["instance"]
	if i := strings.LastIndexByte(at, ':'); i > 0 {
		at = at[:i]
	}
	return at
}

// scrapes are when targets were scraped, as far as their samples show it.
type scrapes map[string][]int64

// mostScrapes is how many scrapes of a target are remembered, beyond those of one fetch.
const mostScrapes = 32

// learn notes the times of a batch.
func (s scrapes) learn(l *Labels, batch []series) {
	fresh := map[string]map[int64]bool{}
	for i := range batch {
		target := targetOf(batch[i].Metric, l.instanceOf(batch[i].Metric))
		of := fresh[target]
		if of == nil {
			of = map[int64]bool{}
			fresh[target] = of
		}
		for _, p := range batch[i].Values {
			of[p.at] = true
		}
	}
	for target, of := range fresh {
		times := s[target]
		times = times[max(0, len(times)-mostScrapes):]
		for _, at := range times {
			delete(of, at)
		}
		times = slices.Clone(times)
		for at := range of {
			times = append(times, at)
		}
		slices.Sort(times)
		s[target] = times
	}
}

// before is when a target was last scraped before at; 0: that is not known.
func (s scrapes) before(target string, at int64) int64 {
	times := s[target]
	i := sort.Search(len(times), func(i int) bool { return times[i] >= at })
	if i == 0 {
		return 0
	}
	return times[i-1]
}

// take counts what is new in the batches of followers, which were fetched together.
func (m *Meter) take(ctx context.Context, fs []*follower, batches [][]series) error {
	for i := range fs {
		m.scrapes.learn(&m.set.Labels, batches[i])
	}
	for i, f := range fs {
		if err := f.take(ctx, batches[i]); err != nil {
			return err
		}
	}
	return nil
}

// take counts what is new in a batch.
func (f *follower) take(ctx context.Context, batch []series) error {
	for i := range batch {
		s := &batch[i]
		if len(s.Values) == 0 {
			continue
		}
		id := identity(s.Metric)
		st := f.states[id]
		values := s.Values
		if st == nil {
			var err error
			if st, err = f.adopt(ctx, s); err != nil {
				return err
			}
			f.states[id] = st
			f.order = append(f.order, st)
			values = values[1:]
		}
		for _, p := range values {
			if p.at > st.last {
				f.add(st, p)
			}
		}
	}
	return nil
}

// add counts a sample that follows another one. A counter that is less than it was began
// anew in between, and what it has is new.
func (f *follower) add(st *state, p point) {
	switch {
	case f.gauge:
		f.value(st, p)
	case p.v < st.v:
		st.cell.add(entry{st.last, p.at, p.v})
	case p.v > st.v:
		st.cell.add(entry{st.last, p.at, p.v - st.v})
	}
	st.last, st.v = p.at, p.v
}

// value adds a number that is none that grows.
func (f *follower) value(st *state, p point) {
	st.cell.add(entry{p.at, p.at, p.v})
	f.cellOf(f.counts, st.at).add(entry{p.at, p.at, 1})
}

// grains are how many times of a scrape are told apart: with thousands of targets, each
// scraped at a moment of its own, all of them would be too many to keep.
const grains = 20

func (f *follower) cellOf(cells map[cellKey]*cell, at cellKey) *cell {
	c := cells[at]
	if c == nil {
		c = &cell{grain: f.m.scrape.Milliseconds() / grains}
		cells[at] = c
	}
	return c
}

// adopt begins to follow a series with its first sample. Where its target was scraped before
// without it, it was born since, and has counted from 0; where nothing is known of the
// target, but that it began to count while it was asked for, the same. Otherwise what it has
// is of another time.
func (f *follower) adopt(ctx context.Context, s *series) (*state, error) {
	l, p := &f.m.set.Labels, s.Values[0]
	st := &state{first: p.at, last: p.at, v: p.v, instance: l.instanceOf(s.Metric), slot: s.Metric[l.Slot]}
	st.target, st.named = targetOf(s.Metric, st.instance), s.Metric[l.Instance] != ""
	st.at = cellKey{version: s.Metric[l.Version]}
	switch {
	case f.natives != nil:
		st.at.part = s.Metric[labelNative]
	case f.by != "":
		st.at.part = s.Metric[f.by]
	}
	if f.tenant {
		st.at.tenant = s.Metric[l.Tenant]
	}
	st.cell = f.cellOf(f.cells, st.at)
	f.members[st.at]++
	if f.gauge {
		f.value(st, p)
		return st, nil
	}
	if p.v == 0 {
		return st, nil
	}
	born, err := f.born(ctx, st)
	if err != nil {
		return nil, err
	}
	if born > 0 {
		st.cell.add(entry{born, p.at, p.v})
	}
	return st, nil
}

// born is after when a series that is new has begun to count from 0; 0: that is not known.
func (f *follower) born(ctx context.Context, st *state) (int64, error) {
	if at := f.m.scrapes.before(st.target, st.first); at >= f.since && at > 0 {
		return at, nil
	}
	if st.first <= f.since+2*f.m.scrape.Milliseconds() {
		return 0, nil // it may well have been there before
	}
	began, err := f.m.began(ctx, st)
	if err != nil || began < f.since || began > st.first {
		return 0, err
	}
	return began, nil
}
