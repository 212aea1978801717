// Package meter counts the traffic of a fleet by what its instances counted.
//
// The counters of an instance only grow, and it is asked for them once a second. What they
// grew by since the last time is kept by second for an hour, and by minute for a day. An
// instance that was started anew has another boot, and counts from 0. What was read is
// written to a log, so that a meter that was killed goes on where it was: the counters tell
// it then what it has missed.
package meter

import (
	"slices"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// How long counts are kept.
const (
	fineFor   = time.Hour
	coarseFor = 25 * time.Hour
)

// bounds are those of latencies, which the arrays of counts are made for.
var bounds = wire.Bounds()

const nBounds = 11

// cell is what a version did for a tenant in a time.
type cell struct {
	Requests, Errors, Timeouts, Conversions uint32 // Errors without Timeouts
	Within                                  [nBounds]uint32
	Seconds, PluginSeconds                  float32
}

func (c *cell) add(o *cell) {
	c.Requests += o.Requests
	c.Errors += o.Errors
	c.Timeouts += o.Timeouts
	c.Conversions += o.Conversions
	for i := range c.Within {
		c.Within[i] += o.Within[i]
	}
	c.Seconds += o.Seconds
	c.PluginSeconds += o.PluginSeconds
}

// series is a version and a tenant.
type series struct{ Version, Tenant string }

// entry is a cell of a series.
type entry struct {
	of int32 // place in Meter.series
	cell
}

// use is how much of their limits the instances used that held a version.
type use struct {
	version     string
	cpu, memory float64
	n           int64
}

// span is a second or a minute.
type span struct {
	at      int64 // Unix seconds of its begin
	entries []entry
	where   map[int32]int // place in entries, while it is the newest one
	uses    []use
	heard   []string // instances that gave a sample
}

// loss is a time of which an instance's counters were lost with it.
type loss struct {
	instance string
	from, to time.Time
}

// Meter answers what was counted. It may be used by several at once.
type Meter struct {
	mu      sync.Mutex
	began   time.Time
	names   map[series]int32
	series  []series
	raw     map[string]*reading // by instance
	slots   map[string]string   // by instance
	seconds []*span
	minutes []*span
	lost    []loss
	log     log
	sent    cached
	prior   cached
}

// reading is what an instance said last.
type reading struct {
	boot   string
	at     time.Time
	counts map[series]wire.Count
}

// Open reads the log in dir, and goes on with it; "": nothing outlives the meter.
func Open(dir string, now time.Time) (*Meter, error) {
	m := &Meter{began: now, names: map[series]int32{}, raw: map[string]*reading{}, slots: map[string]string{}, log: log{dir: dir}}
	if err := m.restore(now); err != nil {
		return nil, err
	}
	return m, nil
}

// Read takes what an instance said of itself at now.
func (m *Meter) Read(now time.Time, instance, slot string, n *wire.Counts, h *wire.Holding) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.log.turn(now, m)
	last := m.raw[instance]
	if last == nil || last.boot != n.Boot {
		last = &reading{boot: n.Boot, counts: map[series]wire.Count{}}
		m.raw[instance] = last
	}
	r := record{At: now.UnixNano(), Instance: instance, Slot: slot, Boot: n.Boot, CPU: h.CPU, Memory: h.Memory}
	for _, p := range h.Plugins {
		r.Versions = append(r.Versions, p.Version)
	}
	for i := range n.Counts {
		c := &n.Counts[i]
		of := series{c.Version, c.Tenant}
		before := last.counts[of]
		if c.Requests < before.Requests { // which cannot be while the boot is the same
			before = wire.Count{}
		}
		if d := since(c, &before); d.Requests > 0 {
			r.Series, r.Cells = append(r.Series, of), append(r.Cells, d)
		}
		last.counts[of] = *c
	}
	last.at = now
	m.take(&r)
	m.log.write(&r)
}

// since is what counters grew by.
func since(c, before *wire.Count) cell {
	d := cell{
		Requests: grown(c.Requests, before.Requests), Timeouts: grown(c.Timeouts, before.Timeouts), Conversions: grown(c.Conversions, before.Conversions),
		Seconds: float32(max(0, c.Seconds-before.Seconds)), PluginSeconds: float32(max(0, c.PluginSeconds-before.PluginSeconds)),
	}
	errors := grown(c.Errors, before.Errors)
	d.Errors = errors - min(errors, d.Timeouts)
	for i := range min(nBounds, len(c.Within)) {
		was := int64(0)
		if i < len(before.Within) {
			was = before.Within[i]
		}
		d.Within[i] = min(grown(c.Within[i], was), d.Requests)
	}
	return d
}

func grown(now, before int64) uint32 { return uint32(min(max(0, now-before), 1<<32-1)) }

// take adds a record to the sums.
func (m *Meter) take(r *record) {
	at := time.Unix(0, r.At)
	m.slots[r.Instance] = r.Slot
	m.seconds = grow(m.seconds, at.Unix(), at.Add(-fineFor).Truncate(time.Minute).Unix())
	m.minutes = grow(m.minutes, at.Truncate(time.Minute).Unix(), at.Add(-coarseFor).Unix())
	for _, s := range []*span{m.seconds[len(m.seconds)-1], m.minutes[len(m.minutes)-1]} {
		for i := range r.Cells {
			s.add(m.name(r.Series[i]), &r.Cells[i])
		}
		for _, v := range r.Versions {
			s.used(v, r.CPU, r.Memory)
		}
		if !slices.Contains(s.heard, r.Instance) {
			s.heard = append(s.heard, r.Instance)
		}
	}
}

// grow has a span of a begin at the end, and none from before oldest.
func grow(all []*span, at, oldest int64) []*span {
	if n := len(all); n == 0 || all[n-1].at < at {
		if n > 0 {
			all[n-1].where = nil
		}
		all = append(all, &span{at: at, where: map[int32]int{}})
	}
	for len(all) > 1 && all[0].at < oldest {
		all = all[1:]
	}
	return all
}

func (m *Meter) name(of series) int32 {
	at, ok := m.names[of]
	if !ok {
		at = int32(len(m.series))
		m.names[of] = at
		m.series = append(m.series, of)
	}
	return at
}

func (s *span) add(of int32, c *cell) {
	if s.where == nil { // a clock that was set back: it goes on with the newest one
		s.where = map[int32]int{}
		for i := range s.entries {
			s.where[s.entries[i].of] = i
		}
	}
	at, ok := s.where[of]
	if !ok {
		at = len(s.entries)
		s.where[of] = at
		s.entries = append(s.entries, entry{of: of})
	}
	s.entries[at].add(c)
}

func (s *span) used(version string, cpu, memory float64) {
	at := slices.IndexFunc(s.uses, func(u use) bool { return u.version == version })
	if at < 0 {
		at = len(s.uses)
		s.uses = append(s.uses, use{version: version})
	}
	u := &s.uses[at]
	u.cpu, u.memory, u.n = u.cpu+cpu, u.memory+memory, u.n+1
}

// Lost notes that an instance died: what it counted after its last sample is not known.
func (m *Meter) Lost(now time.Time, instance string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	from := now
	if last := m.raw[instance]; last != nil {
		from = last.at
	}
	m.lost = append(m.lost, loss{instance, from, now})
	if len(m.lost) > 10_000 {
		m.lost = m.lost[1:]
	}
}
