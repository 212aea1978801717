package file

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"math"
	"math/bits"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// A plan has all tenants of its fleet, and they are nearly all of what a journal has to
// say: with 100,000 tenants 7 MB of JSON. So the plans of many tenants are written in
// two parts. What stays the same from rollout to rollout, who the tenants are and how
// much they weigh, is in a file of its own that the journals share; it is named by what
// is in it. Beside it a journal has only in which order its plan exposes them, what
// became of their requests before, and who was pinned.

// manyTenants is from how many tenants on that is worth it.
const manyTenants = 256

// listed are the tenants of a plan in their second form, as in the head of a journal.
type listed struct {
	List  string   `json:"list"`            // name of the file with the ids and weights, without its ending
	Order []byte   `json:"order"`           // places in the list, in the order of the plan, in as few bits as a place needs
	Prior []byte   `json:"prior,omitempty"` // requests and errors before, tenant by tenant in the order of the list
	Pins  []pinned `json:"pins,omitempty"`
}

// pinned are the tenants that are held to a version: the steps from one place in the
// list to the next.
type pinned struct {
	Version string `json:"version"`
	Steps   []byte `json:"steps"`
}

// pack turns tenants into the two forms: the contents of the list, and the rest.
func pack(tenants []engine.Tenant) (list []byte, rest listed) {
	at := make([]int, len(tenants)) // sorted by id: position in the plan
	for i := range at {
		at[i] = i
	}
	slices.SortFunc(at, func(a, b int) int { return cmp.Or(cmp.Compare(tenants[a].ID, tenants[b].ID), a-b) })
	place := make([]int, len(tenants)) // in the list, by position in the plan
	prior, known := make([]byte, 0, 4*len(tenants)), false
	pins, last := map[string][]byte{}, map[string]int{}
	var versions []string
	for i, p := range at {
		t := &tenants[p]
		place[p] = i
		prior = binary.AppendUvarint(binary.AppendUvarint(prior, uint64(t.PriorRequests)), uint64(t.PriorErrors))
		known = known || t.PriorRequests != 0 || t.PriorErrors != 0
		if v := t.Pin; v != "" {
			if pins[v] == nil {
				versions = append(versions, v)
			}
			pins[v] = binary.AppendUvarint(pins[v], uint64(i-last[v]))
			last[v] = i
		}
	}
	rest.Order = packBits(place, width(len(tenants)))
	if known {
		rest.Prior = prior
	}
	for _, v := range versions {
		rest.Pins = append(rest.Pins, pinned{v, pins[v]})
	}
	list = packList(tenants, at)
	sum := sha256.Sum256(list)
	rest.List = hex.EncodeToString(sum[:8])
	return list, rest
}

// listFormat is the version of the form of lists, and their first byte. Lists of the first
// form have none: they begin with how many tenants there are, which as they are many is
// never a byte below unversioned.
const (
	listFormat  = 2
	unversioned = 0x80
)

// packList is the contents of a list: its format, how many there are, the ids, the
// weights, and the CRC-32C of all that.
func packList(tenants []engine.Tenant, at []int) []byte {
	list := binary.AppendUvarint([]byte{listFormat}, uint64(len(tenants)))
	for _, p := range at {
		list = append(binary.AppendUvarint(list, uint64(len(tenants[p].ID))), tenants[p].ID...)
	}
	for _, p := range at {
		list = binary.LittleEndian.AppendUint64(list, math.Float64bits(tenants[p].Weight))
	}
	return binary.LittleEndian.AppendUint32(list, crc32.Checksum(list, castagnoli))
}

var errList = errors.New("is not a list of tenants")

// unpackList reads what packList wrote: tenants with their ids and weights.
func unpackList(list []byte) ([]engine.Tenant, error) {
	r, err := openList(list)
	if err != nil {
		return nil, err
	}
	n := r.next()
	if n > uint64(len(list)) {
		return nil, errList
	}
	tenants := make([]engine.Tenant, n)
	text := string(r.data) // the ids share it
	for i := range tenants {
		size := r.next()
		if size > uint64(len(r.data)) {
			return nil, errList
		}
		from := len(text) - len(r.data)
		tenants[i].ID = text[from : from+int(size)]
		r.data = r.data[size:]
	}
	if !r.ok || uint64(len(r.data)) != 8*n {
		return nil, errList
	}
	for i := range tenants {
		tenants[i].Weight = math.Float64frombits(binary.LittleEndian.Uint64(r.data[8*i:]))
	}
	return tenants, nil
}

// openList checks the format of a list and that it is whole, and gives what is in it.
func openList(list []byte) (numbers, error) {
	versioned := len(list) > 0 && list[0] < unversioned
	if versioned {
		if err := engine.RefuseNewer("the list of tenants", int(list[0]), listFormat); err != nil {
			return numbers{}, err
		}
	}
	if len(list) < 5 || binary.LittleEndian.Uint32(list[len(list)-4:]) != crc32.Checksum(list[:len(list)-4], castagnoli) {
		return numbers{}, errors.New("is broken: its checksum does not match")
	}
	r := numbers{list[:len(list)-4], true}
	if versioned {
		r.data = r.data[1:]
	}
	return r, nil
}

// unpack is the tenants of a plan, made of a list and the rest.
func (l *listed) unpack(list []engine.Tenant) ([]engine.Tenant, error) {
	n, wide := len(list), width(len(list))
	if len(l.Order) != (n*wide+7)/8 {
		return nil, errors.New("the order of the tenants is not that of its list")
	}
	all := slices.Clone(list)
	if l.Prior != nil {
		r := numbers{l.Prior, true}
		for i := range all {
			all[i].PriorRequests, all[i].PriorErrors = int64(r.next()), int64(r.next())
		}
		if !r.ok || len(r.data) > 0 {
			return nil, errors.New("what became of the tenants' requests is not that of its list")
		}
	}
	for _, p := range l.Pins {
		r, i := numbers{p.Steps, true}, uint64(0)
		for len(r.data) > 0 && r.ok {
			if i += r.next(); i >= uint64(n) {
				return nil, errors.New("a tenant is pinned that is not on its list")
			}
			all[i].Pin = p.Version
		}
	}
	tenants := make([]engine.Tenant, n)
	for i, place := range unpackBits(l.Order, n, wide) {
		if place >= n {
			return nil, errors.New("the order has a tenant that is not on its list")
		}
		tenants[i] = all[place]
	}
	return tenants, nil
}

// numbers reads numbers from the front of data; ok says whether they were all there.
type numbers struct {
	data []byte
	ok   bool
}

func (r *numbers) next() uint64 {
	v, size := binary.Uvarint(r.data)
	if size <= 0 {
		r.ok, r.data = false, nil
		return 0
	}
	r.data = r.data[size:]
	return v
}

// width is how many bits a number below n needs, at least one.
func width(n int) int { return max(1, bits.Len(uint(max(0, n-1)))) }

// packBits writes numbers of wide bits each, the lowest bits first.
func packBits(values []int, wide int) []byte {
	packed := make([]byte, 0, (len(values)*wide+7)/8)
	var rest uint64
	have := 0
	for _, v := range values {
		rest |= uint64(v) << have
		for have += wide; have >= 8; have -= 8 {
			packed = append(packed, byte(rest))
			rest >>= 8
		}
	}
	if have > 0 {
		packed = append(packed, byte(rest))
	}
	return packed
}

// unpackBits reads n numbers that packBits wrote.
func unpackBits(packed []byte, n, wide int) []int {
	values := make([]int, n)
	var rest uint64
	have := 0
	for i := range values {
		for ; have < wide; have += 8 {
			rest |= uint64(packed[0]) << have
			packed = packed[1:]
		}
		values[i] = int(rest & (1<<wide - 1))
		rest >>= wide
		have -= wide
	}
	return values
}
