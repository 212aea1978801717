package postgresql

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Look implements [engine.Fleet].
func (f *Fleet) Look(ctx context.Context, w engine.Watch) (c engine.Condition, err error) {
	if err := f.ready(ctx); err != nil {
		return c, err
	}
	d, err := f.control.load(ctx)
	if err != nil {
		return c, err
	}
	c.At = f.clock.Now()
	for _, t := range sortedTargets(d) {
		a := d.Asked[t]
		if a.Rollout != w.Rollout {
			continue
		}
		if _, name := t.split(); a.Trouble != "" {
			c.Break(name, a.Trouble)
			continue
		}
		c.Pending++
	}
	if c.Pending > 0 {
		for _, s := range f.servers {
			s.wake()
		}
	}
	c.Exposed = f.exposed(d, w.Candidate)
	for _, s := range f.watched(&w) {
		ok, failures, why := s.well()
		if c.Watched++; ok {
			c.Ready++
			continue
		}
		c.Add(&w, engine.Ailing{Instance: s.Name, Failures: failures, Reason: why})
	}
	return c, nil
}

func sortedTargets(d *desired) []target {
	all := make([]target, 0, len(d.Asked))
	for t := range d.Asked {
		all = append(all, t)
	}
	slices.Sort(all)
	return all
}

// watched are the servers of a watch, by name, each once.
func (f *Fleet) watched(w *engine.Watch) (all []*server) {
	asked := map[string]bool{}
	for i := range w.Instances {
		asked[w.Instances[i].ID] = true
	}
	for _, name := range w.Named {
		asked[name] = true
	}
	for _, s := range f.servers {
		if (asked[s.Name] || w.Slot == slot) && !slices.Contains(w.Except, s.Name) {
			all = append(all, s)
		}
	}
	return all
}

// exposed is what a version reaches now: the databases that have it, and the servers that can.
func (f *Fleet) exposed(d *desired, version string) (e engine.Exposure) {
	if version == "" {
		return e
	}
	var part, whole float64
	for _, s := range f.servers {
		w := s.wanted(d)
		can := slices.Contains(w.Installed, version)
		if c := s.census(); c != nil {
			weights := s.weights()
			for database, v := range c.versions {
				weight := weights(database)
				if whole += weight; v == version {
					part += weight
					e.Tenants++
					can = true
				}
			}
		}
		if can {
			e.Instances++
		}
	}
	e.Share = engine.Percent(part, whole)
	return e
}

// oneWay are the updates from or to a version that some database has, which no update takes
// back.
func (f *Fleet) oneWay() []engine.OneWay {
	where := map[way][]string{}
	for _, s := range f.servers {
		c := s.census()
		if c == nil {
			continue
		}
		had := map[string]bool{}
		for _, v := range c.versions {
			had[v] = true
		}
		for w := range c.ways {
			if (had[w.from] || had[w.to]) && !c.ways[way{w.to, w.from}] {
				where[w] = append(where[w], s.Name)
			}
		}
	}
	all := make([]engine.OneWay, 0, len(where))
	for w, servers := range where {
		slices.Sort(servers)
		all = append(all, engine.OneWay{From: w.from, To: w.to, Where: servers})
	}
	slices.SortFunc(all, func(a, b engine.OneWay) int {
		return strings.Compare(a.From+"\x00"+a.To, b.From+"\x00"+b.To)
	})
	return all
}

// perSecond is the traffic of the last minute; 0: not known.
func (l *ledger) perSecond(now interface{ UnixMilli() int64 }) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	to := now.UnixMilli()
	if l.began.IsZero() || to-l.began.UnixMilli() < l.resolution {
		return 0
	}
	from := max(to-aMinute, l.began.UnixMilli())
	n := int64(0)
	for _, all := range l.cells {
		for _, e := range between(all, from+1, to+1) {
			n += e.requests
		}
	}
	return float64(n) * 1000 / float64(to-from)
}

// noWay says that a server cannot bring databases from one version to another.
func noWay(from, to, server, extension string) string {
	return fmt.Sprintf("there is no update path from %s to %s on server %s: install %s--%s--%s.sql there", from, to, server, extension, from, to)
}
