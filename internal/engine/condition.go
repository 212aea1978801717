package engine

import "time"

// MostListed is how many targets of a kind a Condition lists: it counts all of them.
const MostListed = 100

// Watch says what to look at. Its targets are views of the plan.
type Watch struct {
	Rollout   string
	Candidate string
	// Instances, Named and Slot are the instances to watch: of the plan, those that joined
	// since, and those of a slot. None: only changes and exposure are looked at.
	Instances []PlanInstance
	Named     []string
	Slot      string
	Targets   Targets // what Instances is a view of
	// Except are instances that are not watched all the same.
	Except []string
	// Failures is from how many failed health probes in a row, or deaths since Since, an
	// instance counts as failing; 0: nobody asks.
	Failures int
	Since    time.Time
	// AnyVersion counts the probes of every version, not the candidate's alone: what is
	// brought back has no candidate.
	AnyVersion bool
}

// watches says whether w has instances to watch.
func (w *Watch) watches() bool { return len(w.Instances)+len(w.Named) > 0 || w.Slot != "" }

// Condition is how a fleet is, as far as a rollout asks. Its size does not grow with the
// fleet's: what it lists, it lists up to MostListed of, those that fail first.
type Condition struct {
	At time.Time `json:"at"`
	// Exposed is what the candidate reaches now.
	Exposed Exposure `json:"exposed"`
	// Pending is how many of the rollout's changes are not in effect yet.
	Pending int `json:"pending"`
	// BrokenCount is how many changes of the rollout the fleet took and could not carry
	// out; Broken lists them.
	BrokenCount int      `json:"brokenCount"`
	Broken      []Broken `json:"broken,omitempty"`
	// Watched and Ready count the instances of the watch that are there, and that take traffic.
	Watched int `json:"watched"`
	Ready   int `json:"ready"`
	// Unproven counts the ready ones on which no health probe of the candidate has been
	// good since it started: it was never seen to work. 0 where the fleet does not probe.
	Unproven int `json:"unproven"`
	// Failing counts those that failed at least Watch.Failures probes of the candidate in a
	// row, or died as often.
	Failing int `json:"failing"`
	// Ailing lists the watched instances that are not ready, unproven, failed their last
	// probe or died since Watch.Since.
	Ailing []Ailing   `json:"ailing,omitempty"`
	Smoke  SmokeTests `json:"smoke"`
}

// Broken is a change that failed after the fleet had taken it.
type Broken struct {
	Target string `json:"target"` // instance, slot or tenant
	Reason string `json:"reason"`
}

// Ailing is an instance that is not well.
type Ailing struct {
	Instance string `json:"instance"`
	Ready    bool   `json:"ready"`
	Failures int    `json:"failures"` // failed probes in a row, up to now
	// Version is the one whose probes failed, the candidate where that and another one do;
	// "": the fleet does not tell versions apart.
	Version string `json:"version,omitempty"`
	// Unproven says that no probe has been good since that version started.
	Unproven bool `json:"unproven,omitempty"`
	// Deaths is how often it died since Watch.Since, and since its newest version started:
	// an instance that comes back before its probes fail is no healthier for it.
	Deaths int    `json:"deaths,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// SmokeTests counts the smoke tests of the rollout's last smoke change.
type SmokeTests struct {
	Running  int      `json:"running"`
	Passed   int      `json:"passed"`
	Failed   int      `json:"failed"`
	Failures []string `json:"failures,omitempty"` // names of the failed ones, with the reason
}

// counts says whether the probes of version, on an instance of the watch, speak of what
// the rollout brings. What ran before is not on trial: the candidate may be its cure.
func (w *Watch) counts(version string) bool {
	return version == "" || version == w.Candidate || w.AnyVersion
}

// Fails says whether a is failing as the watch defines it.
func (w *Watch) Fails(a *Ailing) bool {
	return w.Failures > 0 && (a.Failures >= w.Failures && w.counts(a.Version) || a.Deaths >= w.Failures)
}

// Doubts says whether a is ready and its new version was never seen to work.
func (w *Watch) Doubts(a *Ailing) bool { return a.Ready && a.Unproven && w.counts(a.Version) }

// Add counts an instance that is not well, and lists it where there is room: those that
// fail push out those that do not. Whoever fills a Condition counts Watched, and Ready
// where it is, by itself.
func (c *Condition) Add(w *Watch, a Ailing) {
	fails := w.Fails(&a)
	if fails {
		c.Failing++
	}
	if w.Doubts(&a) {
		c.Unproven++
	}
	switch {
	case len(c.Ailing) < MostListed:
		c.Ailing = append(c.Ailing, a)
	case fails:
		for i := len(c.Ailing) - 1; i >= 0; i-- {
			if !w.Fails(&c.Ailing[i]) {
				c.Ailing = append(append(c.Ailing[:i], c.Ailing[i+1:]...), a)
				return
			}
		}
	}
}

// Break counts a change that could not be carried out, and lists it where there is room.
func (c *Condition) Break(target, reason string) {
	if c.BrokenCount++; len(c.Broken) < MostListed {
		c.Broken = append(c.Broken, Broken{target, reason})
	}
}

// unwell says whether more of the watched instances are not ready than may be.
func (c *Condition) unwell() bool { return c.Watched-c.Ready > healthBudget(c.Watched) }
