package engine

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Compile turns a spec and a snapshot into a plan. It is pure: the same three give
// the same plan. An error is Problems, all of them at once.
//
// The rollout's id takes part because tenants are exposed in the order of a hash
// of (rollout, tenant): the same tenants are not the first in every rollout. Names,
// counts and durations of the stages do not depend on it.
func Compile(rollout string, spec Spec, fleet Snapshot) (Plan, error) {
	if ps := spec.Validate(); len(ps) > 0 {
		return Plan{}, ps
	}
	c := &compiler{asked: spec, spec: spec.Resolve(), fleet: fleet, active: fleet.Active()}
	c.plan = Plan{
		Format: PlanFormat, Rollout: rollout, Spec: c.spec,
		Baseline: fleet.Baseline(), Candidate: c.spec.Version, Slot: fleet.ActiveSlot(), Pace: fleet.Capabilities.pace(),
	}
	if ps := c.checkFleet(); len(ps) > 0 {
		return Plan{}, ps
	}
	if ps := append(c.check(), c.checkCapabilities()...); len(ps) > 0 {
		return Plan{}, ps
	}
	c.leaveComing()
	c.orderInstances()
	c.orderTenants()
	var ways Problems
	if c.checkWay(&ways, "version", c.candidate); len(ways) > 0 {
		return Plan{}, ways
	}
	if c.spec.Strategy == ABTesting {
		if ps := c.untestable(); len(ps) > 0 {
			return Plan{}, ps
		}
	}
	switch {
	case len(c.plan.Instances) == 0: // the candidate serves everywhere: nothing to do
	case c.plan.Baseline == c.plan.Candidate:
		c.repair()
	default:
		c.strategy()()
		if c.plan.NewSlot == "" {
			c.retireKept()
		}
	}
	if ps := c.checkLength(); len(ps) > 0 {
		return Plan{}, ps
	}
	c.spendAlpha()
	c.plan.Guards = c.guards()
	c.markOneWay()
	c.warn()
	c.plan.Digest = c.plan.digest()
	return c.plan, nil
}

// compiler holds what the strategies share while a plan is made.
type compiler struct {
	asked  Spec // without defaults
	spec   Spec
	fleet  Snapshot
	active []Instance
	left   []leftOut // see checkCapabilities
	plan   Plan
}

// strategy is the function that adds the spec's stages.
func (c *compiler) strategy() func() {
	switch c.spec.Strategy {
	case Canary:
		if c.byRoutes() {
			return c.canaryByRoutes
		}
		return c.canary
	case BlueGreen:
		return c.blueGreen
	case Rolling:
		return c.rolling
	case ABTesting:
		return c.abTesting
	default:
		return c.direct
	}
}

// check finds what only the fleet shows to be wrong.
func (c *compiler) check() Problems {
	var ps Problems
	if len(c.active) == 0 {
		ps.add("fleet", nil, "has no instances for %s in %s", c.spec.PluginID, c.spec.Environment)
		return ps
	}
	movable := 0
	for _, t := range c.fleet.Tenants {
		if t.Pin == "" {
			movable++
		}
	}
	if c.spec.Strategy == Canary && movable == 0 && !c.byRoutes() {
		ps.add("strategy", Canary, "moves tenants, and the fleet has none that are not pinned")
	}
	if c.spec.Strategy == ABTesting && c.can(CanTenants) {
		c.checkABTesting(&ps, movable)
	}
	return ps
}

// leaveComing leaves out the instances that are coming up: nobody knows yet what they
// will serve, so there is nothing to bring them back to. They are brought along with
// those that join later.
func (c *compiler) leaveComing() {
	if b := c.plan.Baseline; b != "" && b != c.plan.Candidate {
		c.active = slices.DeleteFunc(c.active, func(i Instance) bool { return i.Default == "" && !i.Ready })
	}
}

// orderInstances lists the instances that do not serve the candidate yet, so that
// those with the same way back stand together.
func (c *compiler) orderInstances() {
	for _, i := range c.active {
		c.plan.Had = append(c.plan.Had, i.ID)
		if i.Default != c.plan.Candidate {
			c.plan.Instances = append(c.plan.Instances, PlanInstance{
				ID: i.ID, Default: i.Default, Installed: slices.Clone(i.Installed), Ready: i.Ready,
			})
		}
	}
	slices.SortStableFunc(c.plan.Instances, func(a, b PlanInstance) int {
		return cmp.Or(cmp.Compare(a.Default, b.Default), compareBool(a.has(c.plan.Candidate), b.has(c.plan.Candidate)), cmp.Compare(a.ID, b.ID))
	})
}

func (i PlanInstance) has(version string) bool { return slices.Contains(i.Installed, version) }

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

func (c *compiler) guards() Guards {
	t := c.spec.Triggers
	g := Guards{
		ConsecutiveHealthFailures: *t.ConsecutiveHealthFailures,
		MaxErrorRate:              *t.MaxErrorRate,
		ErrorRateWindow:           time.Duration(*t.ErrorRateWindow),
		MaxLatencyP99Ratio:        *t.MaxLatencyP99Ratio,
		LatencyWindow:             time.Duration(*t.LatencyWindow),
		OnTrip:                    c.onTrip(),
	}
	if !c.can(CanProbes) {
		g.ConsecutiveHealthFailures = 0
	}
	if !c.can(CanTraffic) {
		g.MaxErrorRate = 0
	}
	if c.lacks(LatencyP99) != "" {
		g.MaxLatencyP99Ratio = 0
	}
	return g
}

// onTrip is what a guard leads to.
func (c *compiler) onTrip() Policy {
	if g := c.spec.Guards; g != nil && *g == GuardsRollback {
		return Rollback
	}
	return c.onFail()
}

// onFail is what a failing gate leads to.
func (c *compiler) onFail() Policy {
	if c.spec.Strategy == Canary && !*c.spec.Canary.AutoRollback {
		return Hold
	}
	return Rollback
}

// gate is the gate of thresholds t for a stage that reaches tenants tenants; 0
// where the stage is one of instances, which need no tenants of their own.
func (c *compiler) gate(t *Thresholds, tenants int) Gate {
	a := c.spec.Analysis
	if !c.can(CanTenantsSeen) {
		tenants = 0
	}
	g := Gate{
		Checks: c.checks(t), MinRequests: *a.MinRequests, MinTenants: min(*a.MinTenants, tenants),
		OnFail: c.onFail(), OnInconclusive: *a.OnInconclusive, MaxExtension: *a.MaxExtension,
	}
	if *a.Mode == string(Sequential) {
		g.Mode, g.MinEffect, g.Margin = Sequential, *a.MinEffect, *a.Margin
	}
	return g
}

// checks are those of t that the fleet can be measured by, on its own bounds.
func (c *compiler) checks(t *Thresholds) []Check {
	var checks []Check
	for _, k := range t.checks() {
		ok := c.lacks(k.Metric) == ""
		if ok && k.Metric == LatencyP99 {
			k.Bound, ok = boundAbove(c.fleet.Capabilities.LatencyBounds, k.Bound)
		}
		if ok {
			checks = append(checks, k)
		}
	}
	return checks
}

// spendAlpha shares the rollout's error out over its gates: 1/2 for the first, 1/6,
// 1/12, … for the next ones, which sum to less than 1 however many there are. Most
// regressions are there from the start, and the first gate has the least data.
func (c *compiler) spendAlpha() {
	k := 0
	for i := range c.plan.Stages {
		if g := &c.plan.Stages[i].Gate; g.Mode == Sequential {
			k++
			g.Alpha = *c.spec.Analysis.Alpha / float64(k*(k+1))
		}
	}
}

// all is the range of every instance of the plan.
func (c *compiler) all() Range { return Range{0, len(c.plan.Instances)} }

// share is the percent of the expected traffic that the first n tenants send.
func (c *compiler) share(n int) float64 {
	var part, whole float64
	for i, t := range c.plan.Tenants {
		if i < n {
			part += t.Weight
		}
		whole += t.Weight
	}
	return Percent(part, whole)
}

// Percent is 100 part/whole, to a thousandth; 0 where there is no whole.
func Percent(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return math.Round(part/whole*1e5) / 1e3
}

// everyone is the exposure at the end of a rollout.
func (c *compiler) everyone() Exposure {
	e := Exposure{Tenants: c.plan.Movable, Instances: len(c.plan.Instances), Share: c.share(c.plan.Movable)}
	if len(c.plan.Tenants) == 0 { // nobody knows them, and they are all there
		e.Share = 100
	}
	return e
}

func (c *compiler) add(s Stage) { c.plan.Stages = append(c.plan.Stages, s) }
