package manager

import (
	"context"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// inst is an instance as it is. The world's lock is that of all of it.
type inst struct {
	id     string
	proc   *process      // nil: there is none
	wake   chan struct{} // of who keeps it
	forget context.CancelFunc

	address string
	seen    *wire.Holding // what it said last; nil: nothing yet
	heard   time.Time     // when
	missed  time.Time     // when it did not answer for the first time since; zero: it did each time
	out     bool          // it is to get no requests: its process is about to end

	trouble string // why what was asked for is not in effect; "": it is, or may come to be
	tried   int64  // attempt of the order that trouble is about

	version string    // that it served by default when it was heard last
	since   time.Time // since when

	faults string // those that the process knows, as they were sent
	probes probes
	deaths []time.Time // of the last day
	quick  int         // deaths one after the other, each soon after the start
	next   time.Time   // when it may be started again
}

// probes are what was answered on /readyz of the version that an instance serves by default.
type probes struct {
	boot, version string
	failures      int  // in a row
	proven        bool // one was good
}

func newInst(id string, p *process) *inst {
	return &inst{id: id, proc: p, wake: make(chan struct{}, 1)}
}

func (in *inst) wakeUp() { nudge(in.wake) }

// unheard is how long an instance may say nothing before it is taken for unready.
const unheard = 3 * time.Second

// runs says whether there is a process that says how it is.
func (in *inst) runs() bool {
	return in.proc != nil && in.proc.alive() && in.seen != nil && !in.silent()
}

// silent says whether it has been asked for a while and says nothing. A manager that was too
// slow to ask concludes nothing from that.
func (in *inst) silent() bool { return !in.missed.IsZero() && time.Since(in.missed) >= unheard }

// ready says whether it takes traffic. One that is to serve nothing by default, and does so,
// does what it should.
func (in *inst) ready(w *wanted) bool {
	if !in.runs() || in.out || in.seen.Draining {
		return false
	}
	return in.seen.Ready || w.Default == "" && in.seen.Default == ""
}

// installed are the versions that it holds and that did start.
func (in *inst) installed() []string {
	versions := []string{}
	if in.seen == nil || in.proc == nil || !in.proc.alive() {
		return versions
	}
	for i := range in.seen.Plugins {
		if p := &in.seen.Plugins[i]; works(p) {
			versions = append(versions, p.Version)
		}
	}
	slices.Sort(versions)
	return versions
}

// works says whether a version has started: it may have died since, and be started again.
func works(p *wire.Plugin) bool {
	return p.State == wire.Ready || p.State == wire.Broken && p.Restarts > 0
}

// serves is its default version; "": there is none.
func (in *inst) serves() string {
	if in.seen == nil || in.proc == nil || !in.proc.alive() {
		return ""
	}
	return in.seen.Default
}

// as says whether it is as it was last asked to be.
func (in *inst) as(w *wanted) bool {
	if w.Leaves || in.out || in.proc == nil || !in.proc.alive() || in.seen == nil {
		return false
	}
	return in.seen.Default == w.Default && len(in.seen.Plugins) == len(w.Hold) && slices.Equal(in.installed(), w.Hold)
}

// fails says why it does not come to be as it was asked; "": it may.
func (in *inst) fails(w *wanted) string {
	if in.as(w) {
		return ""
	}
	if in.tried == w.Attempt && in.trouble != "" {
		return in.trouble
	}
	return ""
}

// died notes a death.
func (in *inst) died(at time.Time) {
	in.deaths = append(slices.DeleteFunc(in.deaths, func(d time.Time) bool { return at.Sub(d) > 24*time.Hour }), at)
}

// deathsSince counts those since a time, and since the version that it serves came: what it
// served before is not on trial any more.
func (in *inst) deathsSince(at time.Time) (n int) {
	if at.IsZero() {
		return 0
	}
	if in.since.After(at) {
		at = in.since
	}
	for _, d := range in.deaths {
		if d.After(at) {
			n++
		}
	}
	return n
}
