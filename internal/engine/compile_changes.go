package engine

import (
	"fmt"
	"time"
)

// groups splits r where key changes.
func (c *compiler) groups(r Range, key func(PlanInstance) string) []Range {
	var parts []Range
	for i := r.From; i < r.To; i++ {
		if i == r.From || key(c.plan.Instances[i]) != key(c.plan.Instances[i-1]) {
			parts = append(parts, Range{i, i})
		}
		parts[len(parts)-1].To = i + 1
	}
	return parts
}

// installs puts the candidate beside what the instances of r run, where it is not.
func (c *compiler) installs(r Range) (changes, undo []Change) {
	for _, g := range c.groups(r, c.hasCandidate) {
		if !c.plan.Instances[g.From].has(c.plan.Candidate) {
			changes = append(changes, Change{Kind: Install, Version: c.plan.Candidate, Instances: g})
			undo = append(undo, Change{Kind: Remove, Version: c.plan.Candidate, Instances: g})
		}
	}
	return changes, undo
}

func (c *compiler) hasCandidate(i PlanInstance) string { return fmt.Sprint(i.has(c.plan.Candidate)) }

// replaces makes version(i) the default of the instances of r, in place of what
// they run; undo gives each its own default back, and the candidate where it was
// installed beside it.
func (c *compiler) replaces(r Range, version func(PlanInstance) string) (changes, undo []Change) {
	for _, g := range c.groups(r, func(i PlanInstance) string { return version(i) + " " + i.Default }) {
		i := c.plan.Instances[g.From]
		changes = append(changes, replaceWith(version(i), i.Default, g))
		undo = append(undo, replaceWith(i.Default, version(i), g))
	}
	for _, g := range c.groups(r, func(i PlanInstance) string { return fmt.Sprint(version(i), i.has(version(i))) }) {
		if i := c.plan.Instances[g.From]; version(i) != "" && i.has(version(i)) {
			undo = append(undo, Change{Kind: Install, Version: version(i), Instances: g})
		}
	}
	return changes, undo
}

// replaceWith brings instances from one default to another; "" is no plugin at all.
func replaceWith(to, from string, r Range) Change {
	if to == "" {
		return Change{Kind: Remove, Version: from, Instances: r}
	}
	return Change{Kind: Replace, Version: to, Instances: r}
}

// candidate is the version function of every strategy but the restoring one.
func (c *compiler) candidate(PlanInstance) string { return c.plan.Candidate }

// adopts makes the candidate, installed already, the default everywhere and lets
// the first pinned tenants follow it.
func (c *compiler) adopts(pinned int) (changes, undo []Change) {
	tenants := Range{0, pinned}
	changes = []Change{{Kind: Activate, Version: c.plan.Candidate, Instances: c.all()}}
	if pinned > 0 {
		changes = append(changes, Change{Kind: Unpin, Tenants: tenants})
		undo = append(undo, Change{Kind: Pin, Version: c.plan.Candidate, Tenants: tenants})
	}
	for _, g := range c.groups(c.all(), func(i PlanInstance) string { return i.Default }) {
		undo = append(undo, Change{Kind: Activate, Version: c.plan.Instances[g.From].Default, Instances: g})
	}
	return changes, undo
}

// retires removes from each instance the version that it served before. There is
// nothing to retire where there was none.
func (c *compiler) retires() {
	var changes []Change
	for _, g := range c.groups(c.all(), func(i PlanInstance) string { return i.Default }) {
		if v := c.plan.Instances[g.From].Default; v != "" {
			changes = append(changes, Change{Kind: Remove, Version: v, Instances: g})
		}
	}
	if len(changes) > 0 {
		c.add(Stage{Name: "retire", Changes: changes, Settle: time.Minute, Final: true, Touched: c.all(), Exposure: c.everyone()})
	}
}
