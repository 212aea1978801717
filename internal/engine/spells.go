package engine

import (
	"sort"
	"time"
)

// Spell is a time in which the candidate served a target, or could.
type Spell struct {
	ID   string
	From time.Time
	To   time.Time // zero: it still does
}

// Spells lists which tenants a rollout moved to the candidate and which instances could
// serve it, each from when to when, sorted by id. Where a strategy moves instances or
// routes, the fleet decides which tenants land where, and only the fleet can name them.
func Spells(p *Plan, events []Event) (tenants, instances []Spell, err error) {
	r := reached{plan: p, tenants: make([]Spell, len(p.Tenants)), instances: make([]Spell, len(p.Instances)), named: map[string]*Spell{}}
	s := NewState()
	for i := range events {
		e := &events[i]
		if changes := s.changes(p); e.Kind == Made && e.Change < len(changes) {
			r.made(&changes[e.Change], e.At, s.Phase == PhaseRollingBack)
		}
		if err := s.apply(p, e); err != nil {
			return nil, nil, err
		}
	}
	for _, spell := range r.named {
		r.instances = append(r.instances, *spell)
	}
	return happened(r.tenants), happened(r.instances), nil
}

// happened keeps the spells that began, by id.
func happened(all []Spell) []Spell {
	var out []Spell
	for _, s := range all {
		if !s.From.IsZero() {
			out = append(out, s)
		}
	}
	sort.Slice(out, func(a, b int) bool { return out[a].ID < out[b].ID })
	return out
}

// reached follows whom the candidate reaches.
type reached struct {
	plan               *Plan
	tenants, instances []Spell           // by position in the plan
	named              map[string]*Spell // those that joined, by id
}

// made notes what a change does, forward or on the way back.
func (r *reached) made(c *Change, at time.Time, back bool) {
	candidate := c.Version == r.plan.Candidate
	switch c.Kind {
	case Pin:
		r.tenantsOn(c.Tenants, at, candidate)
	case Unpin:
		if back { // forward they follow their instances, which serve the candidate by then
			r.tenantsOn(c.Tenants, at, false)
		}
	case Activate:
		r.followers(at, candidate)
		r.instancesOn(c, at, candidate || !back)
	case Install:
		if candidate {
			r.instancesOn(c, at, true)
		}
	case Replace:
		r.instancesOn(c, at, candidate)
	case Remove:
		if candidate {
			r.instancesOn(c, at, false)
		}
	}
}

// followers are the tenants that nobody pinned elsewhere: they go with the default.
func (r *reached) followers(at time.Time, on bool) {
	if on {
		r.tenantsOn(Range{0, r.plan.Movable}, at, true)
		return
	}
	for i := range r.plan.Movable {
		if t := &r.tenants[i]; t.To.IsZero() && !t.From.IsZero() && !r.pinnedByPlan(i) {
			t.To = at
		}
	}
}

// pinnedByPlan says whether a tenant is moved by a stage of its own: its pin, and not the
// default, says when its spell ends.
func (r *reached) pinnedByPlan(i int) bool {
	for _, s := range r.plan.Stages {
		for _, c := range s.Changes {
			if c.Kind == Pin && i >= c.Tenants.From && i < c.Tenants.To {
				return true
			}
		}
	}
	return false
}

func (r *reached) tenantsOn(in Range, at time.Time, on bool) {
	for i := in.From; i < min(in.To, len(r.tenants)); i++ {
		r.tenants[i].ID = r.plan.Tenants[i].ID
		r.tenants[i].turn(at, on)
	}
}

func (r *reached) instancesOn(c *Change, at time.Time, on bool) {
	for i := c.Instances.From; i < min(c.Instances.To, len(r.instances)); i++ {
		r.instances[i].ID = r.plan.Instances[i].ID
		r.instances[i].turn(at, on)
	}
	for _, id := range c.Named {
		if r.named[id] == nil {
			r.named[id] = &Spell{ID: id}
		}
		r.named[id].turn(at, on)
	}
}

// turn begins a spell, or ends it.
func (s *Spell) turn(at time.Time, on bool) {
	switch {
	case on && s.From.IsZero():
		s.From = at
	case on:
		s.To = time.Time{}
	case !s.From.IsZero() && s.To.IsZero():
		s.To = at
	}
}
