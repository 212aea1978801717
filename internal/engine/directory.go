package engine

import "math/bits"

// directory finds the tenants of a plan by their ids, of which there may be very many. A place
// takes four bytes: the position in tenants, and one more, and in the bits that this leaves the
// upper ones of the hash, so that hardly any tenant is looked at in vain. At least a fifth of the
// places stay empty, so that one is found soon.
type directory struct {
	tenants []Tenant
	places  []uint32 // 0: empty
	wide    int      // bits of a position
}

// newDirectory is that of tenants with ids that differ.
func newDirectory(tenants []Tenant) *directory {
	n := len(tenants)
	d := &directory{tenants, make([]uint32, 1<<bits.Len(uint(n+n/4))), bits.Len(uint(n))}
	var hashes [abreast]uint64
	for from := 0; from < n; from += abreast {
		part := tenants[from:min(from+abreast, n)]
		Touch(part)
		for i := range part {
			hashes[i] = hashOf(part[i].ID)
		}
		for i := range part {
			at := d.seat(hashes[i])
			for d.places[at] != 0 {
				at = d.seat(at + 1)
			}
			d.places[at] = d.mark(hashes[i])<<d.wide | uint32(from+i+1)
		}
	}
	return d
}

func hashOf(id string) uint64 { return mix64(hash64(0, id)) }

// seat is the place that a hash gives, and mark what else is kept of it.
func (d *directory) seat(hash uint64) uint64 { return hash & uint64(len(d.places)-1) }

func (d *directory) mark(hash uint64) uint32 { return uint32(hash>>32) >> d.wide }

// find puts where in the list no more than abreast tenants are into at; -1: one is not there.
func (d *directory) find(counts []TenantCount, at *[abreast]int32) {
	var hashes [abreast]uint64
	for i := range counts {
		hashes[i] = hashOf(counts[i].Tenant)
	}
	for i := range counts {
		at[i] = d.marked(d.seat(hashes[i]), d.mark(hashes[i]))
	}
	for i := range counts {
		if id := counts[i].Tenant; at[i] >= 0 && d.tenants[at[i]].ID != id {
			at[i] = d.after(hashes[i], id)
		}
	}
}

// marked is the position of the first tenant from a seat on with a mark; -1: there is none.
func (d *directory) marked(seat uint64, mark uint32) int32 {
	for {
		place := d.places[seat]
		if place == 0 {
			return -1
		}
		if place>>d.wide == mark {
			return int32(place&(1<<d.wide-1)) - 1
		}
		seat = d.seat(seat + 1)
	}
}

// after is where a tenant is whose mark another one has that stands before it; -1: it is not there.
func (d *directory) after(hash uint64, id string) int32 {
	for seat := d.seat(hash); d.places[seat] != 0; seat = d.seat(seat + 1) {
		if i := d.marked(seat, d.mark(hash)); i < 0 || d.tenants[i].ID == id {
			return i
		}
	}
	return -1
}
