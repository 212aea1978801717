// Package enginetest holds what tests of the engine and of its ports share: a
// fleet without chance, conformance suites for the ports, and the commands of the
// transcripts.
package enginetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Fleet is a fleet without chance: every count is the rate times the time, every
// change takes effect after Delay. What it was asked is in Orders.
type Fleet struct {
	Now   time.Time
	State engine.Snapshot
	// Delay is how long a change of a kind takes to be in effect.
	Delay map[engine.ChangeKind]time.Duration
	// Behave is what versions do; one that is not listed does Normal.
	Behave map[string]Behaviour
	// Refuse makes that many next calls of Make fail before they do anything.
	Refuse int
	// RefuseWith is the error that they fail with; nil: one that says nothing.
	RefuseWith error
	// Stubborn is an instance that takes changes and stays as it is.
	Stubborn string
	// NoMetrics makes Measure fail, and Blind makes Look.
	NoMetrics, Blind error
	// AlterAnswer and AlterCondition change what is measured and what is looked at, as a fleet would that is wrong.
	AlterAnswer    func(*engine.Answer)
	AlterCondition func(*engine.Condition)
	// Listed counts how often all instances were listed, Looked and Measured the calls.
	Listed, Looked, Measured int
	// Break makes that many next changes fail after they were taken.
	Break int
	// Gap is a time without samples.
	GapFrom, GapTo time.Time
	// Sick are the instances that fail their probes while they serve the version.
	Sick map[string]string
	// Worst is the tenant that fares worst on the candidate.
	Worst *engine.TenantCount

	Orders  []string
	pending []pending
	broken  []engine.Broken
	smoke   engine.SmokeTests
	history []share // who served how much, from when on
	rollout string
	seq     int64
}

// Behaviour is what a version does to its requests.
type Behaviour struct {
	Errors, Timeouts, Conversions float64 // shares of the requests
	Latency                       float64 // ms of every fast request
	Slow                          float64 // share of the requests that take SlowMs
	SlowMs                        float64
}

// Normal is what a version that is not listed does.
var Normal = Behaviour{Errors: 0.01, Conversions: 0.03, Latency: 40, Slow: 0.005, SlowMs: 200}

type pending struct {
	at time.Time
	do func()
}

// share is how much of the traffic each version serves from a moment on.
type share struct {
	from time.Time
	of   map[string]part
}

type part struct {
	percent float64
	tenants int
}

// Start is when the clock of every Fleet starts.
var Start = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// NewFleet has instances of version, tenants of equal weight, and rps requests a second.
func NewFleet(env engine.Environment, plugin string, instances, tenants int, version string, rps float64) *Fleet {
	f := &Fleet{
		Now: Start, Delay: map[engine.ChangeKind]time.Duration{}, Behave: map[string]Behaviour{}, Sick: map[string]string{},
		State: engine.Snapshot{Head: engine.Head{
			Environment: env, Plugin: plugin, Spare: -1, RequestsPerSecond: rps,
			Routes: []engine.Route{{Slot: "blue", Percent: 100}},
		}},
	}
	for i := range instances {
		f.State.Instances = append(f.State.Instances, instance(fmt.Sprintf("i-%02d", i+1), "blue", version))
	}
	for i := range tenants {
		f.State.Tenants = append(f.State.Tenants, engine.Tenant{ID: fmt.Sprintf("t-%03d", i+1), Weight: 1})
	}
	f.remember(Start.Add(-24 * time.Hour))
	return f
}

func instance(id, slot, version string) engine.Instance {
	i := engine.Instance{ID: id, Slot: slot, Default: version, Ready: true}
	if version != "" {
		i.Installed = []string{version}
	}
	return i
}

// Clock is the fleet's clock, for a runner.
func (f *Fleet) Clock() time.Time { return f.Now }

// Advance moves the clock to t and lets what is due take effect on the way.
func (f *Fleet) Advance(t time.Time) {
	for len(f.pending) > 0 && !f.pending[0].at.After(t) {
		p := f.pending[0]
		f.pending = f.pending[1:]
		f.Now = p.at
		p.do()
		f.remember(f.Now)
	}
	f.Now = t
}

// Describe implements engine.Fleet.
func (f *Fleet) Describe(context.Context) (engine.Head, error) {
	h := f.State.Head
	h.At = f.Now
	h.Routes = slices.Clone(h.Routes)
	h.Versions = engine.CountVersions(f.State.Instances)
	return h, nil
}

// Instances implements engine.Fleet.
func (f *Fleet) Instances(context.Context) iter.Seq2[engine.Instance, error] {
	f.Listed++
	return func(yield func(engine.Instance, error) bool) {
		for _, i := range f.State.Instances {
			i.Installed = slices.Clone(i.Installed)
			if !yield(i, nil) {
				return
			}
		}
	}
}

// Tenants implements engine.Fleet.
func (f *Fleet) Tenants(context.Context) iter.Seq2[engine.Tenant, error] {
	return func(yield func(engine.Tenant, error) bool) {
		for _, t := range f.State.Tenants {
			if !yield(t, nil) {
				return
			}
		}
	}
}

// Snapshot is the whole fleet.
func (f *Fleet) Snapshot() engine.Snapshot {
	s, _ := engine.ReadSnapshot(context.Background(), f) // which never fails
	return s
}

// errAway is what a fleet says that is not there.
var errAway = errors.New("refused")

// Make implements engine.Fleet.
func (f *Fleet) Make(_ context.Context, o engine.Order) error {
	if f.Refuse > 0 {
		f.Refuse--
		return cmp.Or(f.RefuseWith, errAway)
	}
	if o.Rollout == f.rollout && o.Seq < f.seq {
		return engine.ErrSuperseded
	}
	f.rollout, f.seq = o.Rollout, o.Seq
	f.Orders = append(f.Orders, o.Change.String())
	if f.broken = nil; f.Break > 0 {
		f.Break--
		f.broken = []engine.Broken{{Target: "i-01", Reason: "disk full"}}
		return nil
	}
	do := f.effect(o)
	for _, i := range f.targets(o) {
		if o.Change.Kind == engine.Replace {
			f.State.Instances[i].Ready = false
		}
	}
	f.remember(f.Now)
	at := f.Now.Add(f.Delay[o.Change.Kind])
	f.pending = append(f.pending, pending{at, do})
	slices.SortStableFunc(f.pending, func(a, b pending) int { return a.at.Compare(b.at) })
	f.Advance(f.Now)
	return nil
}

// targets are the positions of the instances that o names.
func (f *Fleet) targets(o engine.Order) []int {
	want := slices.Clone(o.Change.Named)
	for _, i := range o.Instances {
		want = append(want, i.ID)
	}
	var at []int
	for i, in := range f.State.Instances {
		if slices.Contains(want, in.ID) {
			at = append(at, i)
		}
	}
	return at
}

// effect is what o does when it takes effect.
func (f *Fleet) effect(o engine.Order) func() {
	c := o.Change
	each := func(do func(*engine.Instance)) func() {
		return func() {
			for _, i := range f.targets(o) {
				if f.State.Instances[i].ID == f.Stubborn {
					continue
				}
				do(&f.State.Instances[i])
				slices.Sort(f.State.Instances[i].Installed)
			}
		}
	}
	switch c.Kind {
	case engine.Install:
		return each(func(i *engine.Instance) { i.Installed = with(i.Installed, c.Version) })
	case engine.Replace:
		return each(func(i *engine.Instance) {
			i.Installed = with(without(i.Installed, i.Default), c.Version)
			i.Default, i.Ready = c.Version, true
		})
	case engine.Activate:
		return each(func(i *engine.Instance) { i.Default = c.Version })
	case engine.Remove:
		return each(func(i *engine.Instance) {
			i.Installed = without(i.Installed, c.Version)
			if i.Default == c.Version {
				i.Default = ""
			}
		})
	case engine.Pin, engine.Unpin:
		return func() { f.pin(o.Tenants, c.Version) }
	case engine.Provision, engine.Retire:
		return func() { f.provision(c) }
	case engine.Smoke:
		f.smoke = engine.SmokeTests{Running: len(c.Tests)}
		return func() { f.smoke = engine.SmokeTests{Passed: len(c.Tests)} }
	default:
		return func() { f.State.Routes = slices.Clone(c.Routes) }
	}
}

func (f *Fleet) pin(tenants []engine.Tenant, version string) {
	for _, p := range tenants {
		for i := range f.State.Tenants {
			if f.State.Tenants[i].ID == p.ID {
				f.State.Tenants[i].Pin = version
			}
		}
	}
}

func (f *Fleet) provision(c engine.Change) {
	f.State.Instances = slices.DeleteFunc(f.State.Instances, func(i engine.Instance) bool { return i.Slot == c.Slot })
	f.State.Routes = slices.DeleteFunc(f.State.Routes, func(r engine.Route) bool { return r.Slot == c.Slot })
	if c.Kind == engine.Retire {
		return
	}
	for n := range c.Count {
		f.State.Instances = append(f.State.Instances, instance(fmt.Sprintf("%s-%02d", c.Slot, n+1), c.Slot, c.Version))
	}
	f.State.Routes = append(f.State.Routes, engine.Route{Slot: c.Slot})
	slices.SortFunc(f.State.Routes, func(a, b engine.Route) int {
		if a.Slot < b.Slot {
			return -1
		}
		return 1
	})
}

func with(list []string, v string) []string { return append(without(list, v), v) }

func without(list []string, v string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(w string) bool { return w == v })
}
