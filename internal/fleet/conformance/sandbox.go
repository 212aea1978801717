package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// sandbox is where clauses are tried, as it was found.
type sandbox struct {
	slot      string   // that all traffic goes to
	old, new  string   // versions: the one that runs there, and another one
	instances []string // of the slot, by id
	well      []string // of them, those that were ready
	tenants   []string // by id
	list      []byte   // both, and after either somebody who is not there
	digest    string   // of list, once it was uploaded
	touched   bool     // an order was sent since it was seen to be as it was found
	lost      string   // why it is not as it was found
}

const (
	// extraSlot is the slot that clauses have provisioned.
	extraSlot = "conformance"
	// ghost is an instance or a tenant that is not there.
	ghost = "conformance-nobody"
)

// targets are the instances and tenants of the sandbox, with others after them.
func (b *sandbox) targets(more ...string) (t engine.Targets) {
	for _, id := range slices.Concat(b.instances, more) {
		t.Instances = append(t.Instances, engine.PlanInstance{ID: id, Default: b.old, Installed: []string{b.old}, Ready: true})
	}
	for _, id := range slices.Concat(b.tenants, more) {
		t.Tenants = append(t.Tenants, engine.Tenant{ID: id, Weight: 1})
	}
	return t
}

// all are the places of the instances, first those of the first n of them, and tenants so
// as well.
func (b *sandbox) all() engine.Range { return engine.Range{To: len(b.instances)} }

func first(n int) engine.Range { return engine.Range{To: n} }

// restore brings the sandbox back to how it was found: all traffic on its slot, no other
// slot of ours, nobody pinned, the old version everywhere, and nothing beside it.
func (t *trial) restore() {
	t.calm()
	left := t.undone()
	changed := len(left) > 0
	for waited, wait := time.Duration(0), firstLook; len(left) > 0; left = t.undone() {
		t.must(waited <= t.Settle+spareTime, "the sandbox is not as it was found: %s", spoken(left))
		for _, c := range left {
			t.carryOut(c)
		}
		t.rest(wait)
		waited, wait = waited+wait, min(2*wait, longestLook)
	}
	if changed {
		t.settled(contract.Watch{Candidate: t.box.old, Slot: t.box.slot}, nil)
	}
	t.box.lost, t.box.touched = "", false
}

// calm waits until nothing is pending of what was asked for, or as long as it may take.
func (t *trial) calm() {
	if t.going.rollout == "" {
		return
	}
	for waited, wait := time.Duration(0), firstLook; waited <= t.Settle; wait = min(2*wait, longestLook) {
		if t.conditionOf(t.going.rollout, contract.Watch{Candidate: t.box.old}).Pending == 0 {
			return
		}
		t.rest(wait)
		waited += wait
	}
}

// undone are the changes that are left to do.
func (t *trial) undone() []putBack {
	return slices.Concat(t.restoreSlots(), t.restorePins(), t.restoreInstances())
}

func spoken(changes []putBack) string {
	var texts []string
	for _, c := range changes {
		texts = append(texts, fmt.Sprintf("%s of %s is still to be done", c.Change.Kind, strings.Join(c.whom, ", ")))
	}
	return strings.Join(texts, "; ")
}

// putBack is a change that brings the sandbox back, and whom it is for.
type putBack struct {
	contract.Order
	whom []string
}

func (t *trial) restoreSlots() (changes []putBack) {
	if !t.can(engine.CanSlots) {
		return nil
	}
	f := t.describe()
	if slices.ContainsFunc(f.Routes, func(r engine.Route) bool { return r.Slot == extraSlot && r.Percent > 0 }) {
		c := engine.Change{Kind: engine.Shift, Routes: []engine.Route{{Slot: extraSlot}, {Slot: t.box.slot, Percent: 100}}}
		changes = append(changes, putBack{contract.Order{Change: c}, []string{extraSlot}})
	}
	if slices.ContainsFunc(f.Versions, func(v engine.VersionCount) bool { return v.Slot == extraSlot }) {
		changes = append(changes, putBack{contract.Order{Change: engine.Change{Kind: engine.Retire, Slot: extraSlot}}, []string{extraSlot}})
	}
	return changes
}

func (t *trial) restorePins() []putBack {
	if !t.can(engine.CanTenants) {
		return nil
	}
	var pinned engine.Targets
	var whom []string
	for _, of := range t.tenants() {
		if of.Pin != "" {
			pinned.Tenants = append(pinned.Tenants, engine.Tenant{ID: of.ID})
			whom = append(whom, of.ID)
		}
	}
	if len(whom) == 0 {
		return nil
	}
	return []putBack{{contract.Order{Targets: t.upload(contract.EncodeTargets(pinned)), Change: engine.Change{Kind: engine.Unpin, Tenants: first(len(whom))}}, whom}}
}

// restoreInstances removes what stands beside the default, and then replaces defaults that
// are others.
func (t *trial) restoreInstances() (changes []putBack) {
	var beside, replace []string
	for _, i := range t.instances() {
		if i.Slot == extraSlot || !slices.Contains(t.box.instances, i.ID) {
			continue
		}
		if i.Default != t.box.old || !i.Ready && slices.Contains(t.box.well, i.ID) { // which may be on its way elsewhere
			replace = append(replace, i.ID)
		}
		if i.Default != t.box.new && slices.Contains(i.Installed, t.box.new) {
			beside = append(beside, i.ID)
		}
	}
	for _, c := range []struct {
		kind    engine.ChangeKind
		version string
		whom    []string
	}{{engine.Remove, t.box.new, beside}, {engine.Replace, t.box.old, replace}} {
		if len(c.whom) == 0 {
			continue
		}
		var of engine.Targets
		for _, id := range c.whom {
			of.Instances = append(of.Instances, engine.PlanInstance{ID: id})
		}
		change := engine.Change{Kind: c.kind, Version: c.version, Instances: first(len(c.whom))}
		changes = append(changes, putBack{contract.Order{Targets: t.upload(contract.EncodeTargets(of)), Change: change}, c.whom})
	}
	return changes
}

// carryOut sends an order of the way back, and waits until it is in effect.
func (t *trial) carryOut(c putBack) {
	t.walk()
	got := t.send(t.next(c.Order))
	t.must(got.status == http.StatusAccepted, "%s came to the order %s of %s", got.told(), c.Change.Kind, strings.Join(c.whom, ", "))
	w := contract.Watch{Candidate: t.box.old}
	if c.Change.Kind == engine.Replace || c.Change.Kind == engine.Remove {
		w.Named = c.whom
	}
	t.settled(w, nil)
}
