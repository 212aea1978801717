package meter

import (
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// record is a sample of an instance, or, where it is whole, what that had counted in all when
// a file of the log begins.
type record struct {
	At                   int64 // Unix nanoseconds
	Instance, Slot, Boot string
	Versions             []string
	CPU, Memory          float64
	Series               []series
	Cells                []cell
	Whole                bool
	Raw                  []wire.Count
}

// log is a folder of files, each of some minutes. They are written without waiting for the
// disk: they outlive the process, and of a machine that fails the last seconds are lost.
type log struct {
	dir   string
	file  *os.File
	enc   *gob.Encoder
	until time.Time // when the next file begins
	wrong error     // why nothing is written any more
}

// perFile is how long a file is written to.
const perFile = 10 * time.Minute

// turn begins another file where it is time for one. It comes before a sample is taken.
func (l *log) turn(at time.Time, m *Meter) {
	if l.dir != "" && l.wrong == nil && (l.file == nil || at.After(l.until)) {
		l.wrong = l.next(at, m)
	}
}

// write appends a record.
func (l *log) write(r *record) {
	if l.dir != "" && l.wrong == nil {
		l.wrong = l.enc.Encode(r)
	}
}

// next begins a file, with what all instances have counted so far, and removes old ones.
func (l *log) next(at time.Time, m *Meter) error {
	if err := l.close(); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(l.dir, fmt.Sprintf("%020d.gob", at.UnixNano())), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	l.file, l.enc, l.until = f, gob.NewEncoder(f), at.Add(perFile)
	for id, last := range m.raw {
		r := record{At: last.at.UnixNano(), Instance: id, Slot: m.slots[id], Boot: last.boot, Whole: true}
		for _, c := range last.counts {
			r.Raw = append(r.Raw, c)
		}
		if err := l.enc.Encode(&r); err != nil {
			return err
		}
	}
	names, err := l.files()
	for i, name := range names {
		if i+1 < len(names) && names[i+1] < fmt.Sprintf("%020d", at.Add(-fineFor).UnixNano()) {
			err = errors.Join(err, os.Remove(filepath.Join(l.dir, name)))
		}
	}
	return err
}

func (l *log) close() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

// files are those of the log, the oldest first.
func (l *log) files() (names []string, err error) {
	entries, err := os.ReadDir(l.dir)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".gob") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, err
}

// Close ends the log. What is read after that is not in it.
func (m *Meter) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	wrong := m.log.wrong
	m.log.wrong = errors.New("the meter is closed")
	return errors.Join(wrong, m.log.close())
}

// restore reads the log. A file that was not written to its end is read as far as it goes.
func (m *Meter) restore(now time.Time) error {
	if m.log.dir == "" {
		return nil
	}
	if err := os.MkdirAll(m.log.dir, 0o700); err != nil {
		return err
	}
	names, err := m.log.files()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := m.replay(filepath.Join(m.log.dir, name), now); err != nil {
			return err
		}
	}
	return nil
}

func (m *Meter) replay(path string, now time.Time) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	dec := gob.NewDecoder(f)
	for {
		var r record
		if dec.Decode(&r) != nil {
			return nil
		}
		if r.At > now.UnixNano() { // of a clock that was set back
			continue
		}
		m.learn(&r)
	}
}

// learn takes a record of the log.
func (m *Meter) learn(r *record) {
	last := m.raw[r.Instance]
	if last == nil || last.boot != r.Boot || r.Whole {
		last = &reading{boot: r.Boot, counts: map[series]wire.Count{}}
		m.raw[r.Instance] = last
	}
	last.at = time.Unix(0, r.At)
	m.slots[r.Instance] = r.Slot
	for _, c := range r.Raw {
		last.counts[series{c.Version, c.Tenant}] = c
	}
	if r.Whole {
		return
	}
	for i, of := range r.Series {
		c := last.counts[of]
		c.Version, c.Tenant = of.Version, of.Tenant
		last.counts[of] = more(c, &r.Cells[i])
	}
	if m.began.After(last.at) {
		m.began = last.at
	}
	m.take(r)
}

// more is what counters are after they grew.
func more(c wire.Count, d *cell) wire.Count {
	c.Requests += int64(d.Requests)
	c.Errors += int64(d.Errors) + int64(d.Timeouts)
	c.Timeouts += int64(d.Timeouts)
	c.Conversions += int64(d.Conversions)
	within := make([]int64, nBounds)
	copy(within, c.Within)
	for i := range within {
		within[i] += int64(d.Within[i])
	}
	c.Within = within
	c.Seconds += float64(d.Seconds)
	c.PluginSeconds += float64(d.PluginSeconds)
	return c
}
