package prom

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Tiles are times of so many scrapes, end to end, over which increases are added up by
// whoever is asked.
const tileScrapes = 4

// tile counts the tiles that ended and are known up to a time, and notes which instances
// there are.
func (f *follower) tile(ctx context.Context, to int64) error {
	width := tileScrapes * f.m.scrape.Milliseconds()
	done := f.to + (to-f.m.set.Delay.Milliseconds()-f.to)/width*width
	by := f.grouping()
	expr := fmt.Sprintf("sum by (%s) (increase(%s))", by, f.sel.over(time.Duration(width)*time.Millisecond))
	if f.gauge {
		expr = fmt.Sprintf("sum by (%s) (avg_over_time(%s))", by, f.sel.over(time.Duration(width)*time.Millisecond))
	}
	for f.to < done {
		upTo := min(done, f.to+mostPoints*width)
		got, err := f.m.src.stepped(ctx, expr, f.to+width, upTo, time.Duration(width)*time.Millisecond)
		if err == nil {
			err = f.sound(got)
		}
		if err != nil {
			return f.named(err)
		}
		f.tally(got, width)
		f.to = upTo
	}
	return f.see(ctx, to)
}

// grouping are the labels that tell what is counted apart.
func (f *follower) grouping() string {
	labels := []string{f.m.set.Labels.Version}
	if f.by != "" {
		labels = append(labels, f.by)
	}
	if f.tenant {
		labels = append(labels, f.m.set.Labels.Tenant)
	}
	return strings.Join(labels, ", ")
}

// tally adds what tiles have.
func (f *follower) tally(got []series, width int64) {
	if f.seen.versions == nil {
		f.seen.versions = map[string]int64{}
	}
	for i := range got {
		s := &got[i]
		k := cellKey{version: s.Metric[f.m.set.Labels.Version]}
		if f.by != "" {
			k.part = s.Metric[f.by]
		}
		if f.tenant {
			k.tenant = s.Metric[f.m.set.Labels.Tenant]
		}
		c := f.cellOf(f.cells, k)
		f.members[k] = 1
		for _, p := range s.Values {
			c.add(entry{p.at - width, p.at, p.v})
			f.seen.versions[k.version] = max(f.seen.versions[k.version], p.at)
		}
	}
}

// see notes the instances that have samples now.
func (f *follower) see(ctx context.Context, to int64) error {
	l := &f.m.set.Labels
	got, err := f.m.src.groups(ctx, f.sel, []string{l.Instance, "instance", l.Slot}, to, 0)
	if err != nil {
		return f.named(err)
	}
	f.seen.instances = make(map[string]string, len(got))
	for i := range got {
		f.seen.instances[l.instanceOf(got[i].Metric)] = got[i].Metric[l.Slot]
	}
	return nil
}
