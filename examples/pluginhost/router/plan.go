package router

import (
	"errors"
	"fmt"
	"math"
	"net"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
)

// Check finds all that is wrong with a table; nil: nothing is.
func Check(t *wire.Table) error {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if t.Revision < 1 {
		say("revision: %d is below 1", t.Revision)
	}
	checkInstances(t, say)
	checkRoutes(t, say)
	for tenant, version := range t.Pins {
		if tenant == "" || version == "" {
			say("pins: tenant %q, version %q: both are needed", tenant, version)
		}
	}
	return errors.Join(wrong...)
}

func checkInstances(t *wire.Table, say func(string, ...any)) {
	ids := map[string]bool{}
	for i, in := range t.Instances {
		if in.ID == "" || in.Slot == "" {
			say("instances[%d]: id %q, slot %q: both are needed", i, in.ID, in.Slot)
		}
		if ids[in.ID] {
			say("instances[%d]: %s is there twice", i, in.ID)
		}
		if _, _, err := net.SplitHostPort(in.Address); err != nil {
			say("instances[%d]: the address of %s, %q, is no host:port", i, in.ID, in.Address)
		}
		ids[in.ID] = true
	}
}

func checkRoutes(t *wire.Table, say func(string, ...any)) {
	slots, sum := map[string]bool{}, 0.0
	for i, r := range t.Routes {
		if r.Slot == "" || slots[r.Slot] {
			say("routes[%d]: slot %q is empty, or there twice", i, r.Slot)
		}
		if !(r.Percent >= 0 && r.Percent <= 100) {
			say("routes[%d]: %g %% for slot %s is not in 0..100", i, r.Percent, r.Slot)
		}
		slots[r.Slot] = true
		sum += r.Percent
	}
	if math.Abs(sum-100) > 1e-6 {
		say("routes: they are %g %% in all, and have to be 100", sum)
	}
}

// Plan answers where the requests of a tenant go by a table. It never changes.
type Plan struct {
	wire.Table
	slots    []share
	ready    []target            // all that are ready
	byslot   map[string][]target // of them, those that serve a version by default
	versions map[string][]target // of them, those that have a version
}

// share is a slot with some of the traffic.
type share struct {
	slot    string
	key     uint64
	percent float64
}

// target is an instance that is ready.
type target struct {
	*wire.Routed
	key uint64
}

// NewPlan makes a plan of a table that was checked.
func NewPlan(t wire.Table) *Plan {
	p := &Plan{Table: t, byslot: map[string][]target{}, versions: map[string][]target{}}
	for i := range p.Instances {
		in := &p.Instances[i]
		if !in.Ready {
			continue
		}
		to := target{in, hash(in.ID)}
		p.ready = append(p.ready, to)
		if in.Default != "" {
			p.byslot[in.Slot] = append(p.byslot[in.Slot], to)
		}
		for _, v := range in.Versions {
			p.versions[v] = append(p.versions[v], to)
		}
	}
	for _, r := range p.Routes {
		if r.Percent > 0 {
			p.slots = append(p.slots, share{r.Slot, hash(r.Slot), r.Percent})
		}
	}
	return p
}

// Choose says which instance a request of a tenant goes to, of those that were not tried
// yet, and the version that it is pinned to there; "": it is not, or nobody has it. nil:
// there is none left.
func (p *Plan) Choose(tenant string, tried []string) (in *wire.Routed, pin string) {
	key := hash(tenant)
	if pin = p.Pins[tenant]; pin != "" {
		if in := best(p.versions[pin], key, tried); in != nil {
			return in, pin
		}
	}
	if s := p.slot(key); s != "" {
		if in := best(p.byslot[s], key, tried); in != nil {
			return in, ""
		}
	}
	for _, s := range p.slots { // its own slot has nobody: one that takes traffic anyway
		if in := best(p.byslot[s.slot], key, tried); in != nil {
			return in, ""
		}
	}
	return nil, ""
}

// SlotOf is the slot of a tenant that is not pinned; "": no slot takes traffic.
func (p *Plan) SlotOf(tenant string) string { return p.slot(hash(tenant)) }

// slot is that of a tenant: the one with the greatest score. A score follows from the
// tenant, the slot and its percentage alone, so that when percentages change, tenants move
// from slots that lose to slots that gain, and no others do.
func (p *Plan) slot(key uint64) string {
	slot, most := "", math.Inf(-1)
	for _, s := range p.slots {
		at := (float64(mix(key^s.key)>>11) + 0.5) / (1 << 53) // in (0, 1)
		if score := s.percent / -math.Log(at); score > most {
			slot, most = s.slot, score
		}
	}
	return slot
}

// best is the instance with the greatest hash with the tenant. When one leaves, only its
// own tenants move.
func best(among []target, key uint64, tried []string) *wire.Routed {
	var in *wire.Routed
	var most uint64
	for _, t := range among {
		if score := mix(key ^ t.key); (in == nil || score > most) && !slices.Contains(tried, t.ID) {
			in, most = t.Routed, score
		}
	}
	return in
}

// hash is FNV-1a of a text, mixed: the same on every machine and in every process.
func hash(text string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return mix(h)
}

// mix is the end of SplitMix64, in which each bit of h moves about half of the others.
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
