package engine

import "math/bits"

// directory finds the tenants of a plan by their ids, of which there may be very many: a place
// takes four bytes, and at least a fifth of them stay empty, so that one is found soon.
type directory struct {
	tenants []Tenant
	places  []int32 // position in tenants, and one more; 0: none
}

func newDirectory(tenants []Tenant) *directory {
	d := &directory{tenants, make([]int32, 1<<bits.Len(uint(len(tenants)+len(tenants)/4)))}
	for i := range tenants {
		d.places[d.seat(tenants[i].ID)] = int32(i) + 1
	}
	return d
}

// find is where in the list a tenant is; -1: it is not there.
func (d *directory) find(id string) int { return int(d.places[d.seat(id)]) - 1 }

// seat is the place of a tenant, which is empty where it is not there.
func (d *directory) seat(id string) uint64 {
	last := uint64(len(d.places) - 1)
	at := mix64(hash64(0, id)) & last
	for d.places[at] != 0 && d.tenants[d.places[at]-1].ID != id {
		at = (at + 1) & last
	}
	return at
}
