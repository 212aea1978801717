package traffic

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/bits"
	"strings"
)

// Packed is a list of small numbers that is written down as base64 in the shortest of
// three forms: there is one for every tenant, many times over, and mostly they are all
// the same.
//
// The first form is two bytes for each number. The others begin with a mark: the runs,
// how long and of which number, or the numbers that there are and then, in as few bits
// as it takes, which of them each is.
type Packed []uint16

const (
	runsMark  = "~r"
	namesMark = "~n"
	// mostPacked bounds lists whose length is written and not seen.
	mostPacked = 1_000_000
)

// text is p as it is written down.
func (p Packed) text() string {
	if len(p) == 0 || len(p) > mostPacked {
		return p.plain()
	}
	runs := binary.AppendUvarint(nil, uint64(len(p)))
	for from, at := 0, 1; at <= len(p) && len(runs) < 2*len(p); at++ {
		if at == len(p) || p[at] != p[from] {
			runs = binary.AppendUvarint(binary.AppendUvarint(runs, uint64(at-from)), uint64(p[from]))
			from = at
		}
	}
	names := p.names()
	switch shortest := min(2*len(p), len(runs), len(names)); shortest {
	case 2 * len(p):
		return p.plain()
	case len(runs):
		return runsMark + base64.StdEncoding.EncodeToString(runs)
	default:
		return namesMark + base64.StdEncoding.EncodeToString(names)
	}
}

func (p Packed) plain() string {
	b := make([]byte, 2*len(p))
	for i, v := range p {
		b[2*i], b[2*i+1] = byte(v), byte(v>>8)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// names is how many numbers there are, which ones, and which of them each is.
func (p Packed) names() []byte {
	var place [1 << 16]uint16 // of a number in list, plus 1
	var list []uint16
	for i, v := range p {
		if i > 0 && v == p[i-1] || place[v] > 0 {
			continue
		}
		if list = append(list, v); len(list) > 1<<12 {
			return make([]byte, 2*len(p)) // as long as the plain form, which is taken then
		}
		place[v] = uint16(len(list))
	}
	b := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(len(p))), uint64(len(list)))
	for _, v := range list {
		b = binary.AppendUvarint(b, uint64(v))
	}
	var rest uint64
	have, wide := 0, wideFor(len(list))
	for _, v := range p {
		rest |= uint64(place[v]-1) << have
		for have += wide; have >= 8; have -= 8 {
			b = append(b, byte(rest))
			rest >>= 8
		}
	}
	if have > 0 {
		b = append(b, byte(rest))
	}
	return b
}

// wideFor is how many bits tell n numbers apart.
func wideFor(n int) int { return bits.Len(uint(max(0, n-1))) }

// MarshalJSON writes p.
func (p Packed) MarshalJSON() ([]byte, error) { return json.Marshal(p.text()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Packed) UnmarshalJSON(data []byte) error {
	var s string
	err := json.Unmarshal(data, &s)
	if err == nil {
		*p, err = unpacked(s)
	}
	return err
}

var errPacked = errors.New("a packed list is broken")

// unpacked reads what text writes.
func unpacked(s string) (Packed, error) {
	form := plainForm
	if rest, ok := strings.CutPrefix(s, runsMark); ok {
		form, s = runsForm, rest
	} else if rest, ok := strings.CutPrefix(s, namesMark); ok {
		form, s = namesForm, rest
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, err
	}
	return form(b)
}

func plainForm(b []byte) (Packed, error) {
	if len(b)%2 != 0 {
		return nil, errors.New("a packed list has half a number at its end")
	}
	p := make(Packed, len(b)/2)
	for i := range p {
		p[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
	}
	return p, nil
}

// numberFrom reads a number of no more than most from the front of b.
func numberFrom(b []byte, most uint64) (v int, rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > most {
		return 0, nil, errPacked
	}
	return int(n), b[size:], nil
}

func runsForm(b []byte) (Packed, error) {
	n, b, err := numberFrom(b, mostPacked)
	p := make(Packed, 0, n)
	for err == nil && len(b) > 0 {
		var run, v int
		if run, b, err = numberFrom(b, uint64(n-len(p))); err == nil {
			v, b, err = numberFrom(b, 1<<16-1)
		}
		if err == nil {
			from := len(p)
			p = p[:from+run]
			for i := from; i < len(p); i++ {
				p[i] = uint16(v)
			}
		}
	}
	if err != nil || len(p) != n {
		return nil, errPacked
	}
	return p, nil
}

func namesForm(b []byte) (Packed, error) {
	n, b, err := numberFrom(b, mostPacked)
	if err != nil {
		return nil, err
	}
	count, b, err := numberFrom(b, 1<<12)
	var list []uint16
	for err == nil && len(list) < count {
		var v int
		v, b, err = numberFrom(b, 1<<16-1)
		list = append(list, uint16(v))
	}
	wide := wideFor(count)
	if err != nil || count == 0 || len(b) != (n*wide+7)/8 {
		return nil, errPacked
	}
	p := make(Packed, n)
	var rest uint64
	have := 0
	for i := range p {
		for ; have < wide; have += 8 {
			rest |= uint64(b[0]) << have
			b = b[1:]
		}
		at := int(rest & (1<<wide - 1))
		rest >>= wide
		have -= wide
		if at >= count {
			return nil, errPacked
		}
		p[i] = list[at]
	}
	return p, nil
}
