package simulator

import (
	"math"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/traffic"
)

// class is a kind of service that requests get.
type class struct {
	Version uint16 `json:"version"` // position in World.Names
	// Lost: nobody answers, and every request is an error. Absent: the plugin is not
	// there, and there are no requests.
	Lost bool `json:"lost,omitempty"`
	// Untold: it is of instances that do not report.
	Untold bool      `json:"untold,omitempty"`
	Absent bool      `json:"absent,omitempty"`
	Does   Behaviour `json:"does"`
	// Least is the error rate that no tenant is below, 0..1: a fault's, which strikes
	// all alike. Does.ErrorRate is that of a tenant like most.
	Least float64 `json:"least,omitempty"`
	// Of is the class that it would be if a fault did not strike some tenants only; 0:
	// itself. The first class is never one of those.
	Of uint16 `json:"of,omitempty"`
	// Times is how many times as much as usual the class's tenants send; 0: once.
	Times float64 `json:"times,omitempty"`
	// Above is how many requests per second of the version are too many, 0: none are,
	// and Over the class that it becomes then.
	Above float64 `json:"above,omitempty"`
	Over  uint16  `json:"over,omitempty"`
}

// reroute finds out who serves whom now, and tells the traffic.
func (w *World) reroute() {
	w.dirty, w.reach = false, nil
	rate := min(float64(w.cfg.RequestsPerSecond*w.surging()), 1e6)
	if len(w.routed) != len(w.Pins) {
		w.routed = make(traffic.Packed, len(w.Pins))
	}
	r := w.newRouter()
	for t := range w.routed {
		w.routed[t] = r.route(t)
	}
	if w.traffic.Route(rate, w.routed) {
		w.routed = nil
	}
}

// router knows, for a moment, which instances can take what.
type router struct {
	w      *World
	roster *traffic.Roster
	slots  []slotView // by position of the slot's name in World.Names
	// plain has the class of a version on an instance, by the version and the instance's
	// number, plus 1; ailing the same for tenants that faults target.
	plain  [][]uint16
	same   []uint16 // see alike
	asked  []bool   // by version: whether it was found out
	ailing map[classKey]uint16
	picky  []int // faults that target tenants
	lost   uint16
	absent uint16
}

type slotView struct {
	all    []*instance
	out    []int                  // positions in all of those that are not ready, rising
	pinned map[uint16][]*instance // ready instances by version that they have
	known  [][]uint16             // see knownFor
}

func (w *World) newRouter() *router {
	r := &router{w: w, roster: w.traffic.Roster(), slots: make([]slotView, len(w.Names)), ailing: map[classKey]uint16{}}
	for _, p := range w.bySlot() {
		s := w.nameOf(p.slot)
		for int(s) >= len(r.slots) {
			r.slots = append(r.slots, slotView{})
		}
		r.slots[s].all = p.all
	}
	for _, in := range w.restless() {
		if in.Phase != ready {
			v := &r.slots[w.nameOf(in.Slot)]
			at, _ := indexIn(v.all, in)
			v.out = append(v.out, at)
		}
	}
	r.picky = w.tenantFaults()
	r.lost = w.classOf(class{Lost: true})
	r.absent = w.classOf(class{Absent: true})
	return r
}

// route is the class of tenant t.
//
// A tenant is dealt to an instance of its slot and stays with it. While that
// instance cannot serve it, it is dealt to one that can. A pinned tenant needs its
// version to be ready there; where no instance has it, it gets what the others get.
func (r *router) route(t int) uint16 {
	seat := r.w.Seats[t]
	if int(seat) >= len(r.slots) {
		return r.lost
	}
	slot, rank, pin := &r.slots[seat], r.roster.Rank(t), r.w.Pins[t]
	if len(slot.out) == len(slot.all) {
		return r.lost
	}
	// Tenants of the same home and pin fare the same, unless faults pick among them.
	home := deal(rank, len(slot.all))
	known := slot.knownFor(pin)
	if c := known[home]; c != 0 && len(r.picky) == 0 {
		return c - 1
	}
	in, version := r.serving(slot, home, rank, pin)
	c := r.absent
	if version != 0 {
		c = r.class(in, version, t)
	}
	if in == slot.all[home] {
		known[home] = c + 1
	}
	return c
}

// serving is the instance that serves a tenant of a home, rank and pin, where there is
// one that is ready, and with which version; 0: it has none.
func (r *router) serving(slot *slotView, home int, rank int32, pin uint16) (*instance, uint16) {
	if pin != 0 {
		id := r.w.Names[pin]
		if able := slot.with(pin, id); len(able) > 0 {
			if in := slot.all[home]; in.Phase == ready && in.has(id) {
				return in, pin
			}
			return able[deal(rank, len(able))], pin
		}
	}
	in := slot.all[home]
	if in.Phase != ready {
		in = readyOf(slot.all, slot.out, deal(rank, len(slot.all)-len(slot.out)))
	}
	return in, r.w.nameOf(in.Default)
}

// knownFor has the class of tenants with a pin by their home, plus 1; 0: not known yet.
func (s *slotView) knownFor(pin uint16) []uint16 {
	for int(pin) >= len(s.known) {
		s.known = append(s.known, nil)
	}
	if s.known[pin] == nil {
		s.known[pin] = make([]uint16, len(s.all))
	}
	return s.known[pin]
}

// with lists the ready instances that have a version.
func (s *slotView) with(version uint16, id string) []*instance {
	if in, ok := s.pinned[version]; ok {
		return in
	}
	var in []*instance
	for _, i := range s.all {
		if i.Phase == ready && i.has(id) {
			in = append(in, i)
		}
	}
	if s.pinned == nil {
		s.pinned = map[uint16][]*instance{}
	}
	s.pinned[version] = in
	return in
}

// quota is what a slot has of the tenants and of their traffic, and what it may have.
type quota struct {
	slot    uint16
	share   float64 // 0..1
	tenants int
	weight  float64
}

// quotas are those of the routes.
func (w *World) quotas() []quota {
	var all []quota
	roster := w.traffic.Roster()
	for _, r := range w.Routes {
		q := quota{slot: w.nameOf(r.Slot), share: r.Percent / 100}
		for t, s := range w.Seats {
			if s == q.slot {
				q.tenants, q.weight = q.tenants+1, q.weight+roster.Weight(t)
			}
		}
		all = append(all, q)
	}
	return all
}

// full says whether one more tenant of a weight would be too much for a slot.
func (w *World) full(q *quota, weight float64) bool {
	if q.share >= 1 || q.share > 0 && q.tenants == 0 {
		return false
	}
	return float64(q.tenants+1) > math.Floor(float64(q.share*float64(len(w.Seats)))+1e-9) || q.weight+weight > float64(q.share*w.traffic.Roster().Total())+1e-9
}

// seat moves tenants between slots until the routes hold. A tenant moves only when
// it has to, and a slot never gets more than its share, of tenants or of traffic, but
// for the one tenant that every slot with a share has; what is left over stays where it is.
func (w *World) seat() {
	quotas, order, roster := w.quotas(), w.seatOrder(), w.traffic.Roster()
	for i := range quotas {
		to := &quotas[i]
		for _, t := range order {
			weight := roster.Weight(int(t))
			if w.Seats[t] == to.slot || w.full(to, weight) {
				continue
			}
			from := slices.IndexFunc(quotas, func(q quota) bool { return q.slot == w.Seats[t] })
			if from >= 0 {
				f := &quotas[from]
				if f.share > 0 && to.tenants > 0 && f.weight-weight < float64(f.share*roster.Total())-1e-9 {
					continue // it needs them itself
				}
				f.tenants, f.weight = f.tenants-1, f.weight-weight
			}
			w.Seats[t] = to.slot
			to.tenants, to.weight = to.tenants+1, to.weight+weight
		}
	}
}

// seatOrder is the order in which tenants move between slots.
func (w *World) seatOrder() []int32 {
	order := make([]int32, len(w.Seats))
	keys := make([]uint64, len(w.Seats))
	for t := range order {
		s := chance.StreamOf(w.seed, chance.ForTargets, uint64(t), 1)
		order[t], keys[t] = int32(t), s.Word()
	}
	slices.SortFunc(order, func(a, b int32) int {
		switch {
		case keys[a] < keys[b]:
			return -1
		case keys[a] > keys[b]:
			return 1
		}
		return 0
	})
	return order
}

// deal says which of n hands the card of a rank goes to: forth and back, so that
// every hand has as many cards, and the heavy ones are spread.
func deal(rank int32, n int) int {
	k := int(rank) % (2 * n)
	if k < n {
		return k
	}
	return 2*n - 1 - k
}
