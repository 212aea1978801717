package simulator

import "slices"

// classKey is what decides the class of a tenant.
type classKey struct {
	instance *instance
	version  uint16
	faults   uint64 // which of the first 64 of router.picky strike
	more     string // which of the others do, a bit each
}

// strikes says whether fault n of router.picky does.
func (k *classKey) strikes(n int) bool {
	if n < 64 {
		return k.faults&(1<<n) != 0
	}
	n -= 64
	return n/8 < len(k.more) && k.more[n/8]&(1<<(n%8)) != 0
}

// keyFor is what decides the class of tenant t when in serves it with version.
func (r *router) keyFor(in *instance, version uint16, t int) classKey {
	key := classKey{instance: in, version: version}
	var more []byte
	for n, f := range r.picky {
		switch {
		case !r.w.hits(f, t):
		case n < 64:
			key.faults |= 1 << n
		default:
			if more == nil {
				more = make([]byte, (len(r.picky)-64+7)/8)
			}
			more[(n-64)/8] |= 1 << ((n - 64) % 8)
		}
	}
	key.more = string(more)
	return key
}

// class is the class of tenant t when in serves it with version.
func (r *router) class(in *instance, version uint16, t int) uint16 {
	key := r.keyFor(in, version, t)
	spared := key.faults == 0 && key.more == ""
	if spared && r.alike(version) {
		return r.same[version] - 1
	}
	if spared {
		for int(version) >= len(r.plain) {
			r.plain = append(r.plain, make([]uint16, int(r.w.Hired)+1))
		}
		if c := r.plain[version][in.Serial]; c != 0 {
			return c - 1
		}
	} else if c, ok := r.ailing[key]; ok {
		return c
	}
	k := r.usual(in, version)
	if spared {
		r.plain[version][in.Serial] = k + 1
	} else {
		k = r.struck(k, &key)
		r.ailing[key] = k
	}
	return k
}

// usual is the class of tenants whom no fault singles out.
func (r *router) usual(in *instance, version uint16) uint16 {
	c := class{Version: version, Does: r.w.behaviourOf(r.w.Names[version]), Untold: !r.w.reports(in)}
	r.w.age(&c, in)
	r.w.ail(&c, in.ID)
	return r.w.classWithOver(c)
}

// classWithOver is the position in Classes of c, and of what it is when it gets too much.
func (w *World) classWithOver(c class) uint16 {
	if b := &c.Does; b.OverloadAbove > 0 {
		over := c
		over.worsen(b.OverloadErrorRate, b.OverloadLatencyFactor)
		if c.Of != 0 {
			over.Of = w.Classes[c.Of].Over
		}
		c.Above, c.Over = b.OverloadAbove, w.classOf(over)
	}
	return w.classOf(c)
}

// struck is what class k is for tenants whom faults single out.
func (r *router) struck(k uint16, key *classKey) uint16 {
	c := r.w.Classes[k]
	c.Above, c.Over = 0, 0
	plain := c
	for n, f := range r.picky {
		fault := &r.w.cfg.Faults[f]
		switch {
		case !key.strikes(n):
		case fault.Kind == HotTenant: // whoever serves it
			c.Times = max(c.Times, fault.magnitude())
			r.w.fired(f)
		case fault.concerns(key.instance.ID, r.w.Names[key.version]):
			c.worsen(fault.Magnitude, 1)
			r.w.fired(f)
		}
	}
	if c == plain {
		return k
	}
	c.Of = k
	return r.w.classWithOver(c)
}

// classOf is the position of c in Classes.
func (w *World) classOf(c class) uint16 {
	if i := slices.Index(w.Classes, c); i >= 0 {
		return uint16(i)
	}
	w.Classes = append(w.Classes, c)
	w.traffic.Know(c.served())
	return uint16(len(w.Classes) - 1)
}

// behaviourOf is how a version behaves, faults aside.
func (w *World) behaviourOf(version string) Behaviour { return w.cfg.Behaviour(w.plugin, version) }

// alike says whether a version does the same on every instance, to tenants that no fault
// targets: then r.same has its class, plus 1.
func (r *router) alike(version uint16) bool {
	for int(version) >= len(r.same) {
		r.same, r.asked = append(r.same, 0), append(r.asked, false)
	}
	if !r.asked[version] {
		r.asked[version] = true
		name := r.w.Names[version]
		if b := r.w.behaviourOf(name); !b.ages() && r.w.cfg.Metrics.Coverage >= 1 && !r.w.ailed(name) {
			r.same[version] = r.w.classWithOver(class{Version: version, Does: b}) + 1
		}
	}
	return r.same[version] != 0
}
