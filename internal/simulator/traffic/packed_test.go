package traffic

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// Lists are written in the form that is shortest for them, and read back.
func TestPacked(t *testing.T) {
	list := func(n int, at func(i int) uint16) Packed {
		p := make(Packed, n)
		for i := range p {
			p[i] = at(i)
		}
		return p
	}
	noise := uint64(1)
	for _, c := range []struct {
		name string
		p    Packed
		most int // bytes
	}{
		{"nothing", Packed{}, 2},
		{"one", Packed{7}, 12},
		{"all the same", list(100_000, func(int) uint16 { return 3 }), 20},
		{"a few runs", list(100_000, func(i int) uint16 { return uint16(i / 10_000) }), 100},
		{"two by turns", list(100_000, func(i int) uint16 { return uint16(i % 2 * 500) }), 17_000},
		{"ten at random", list(100_000, func(int) uint16 { noise = chance.Mix(noise); return uint16(noise % 10) }), 70_000},
		{"all different", list(60_000, func(i int) uint16 { return uint16(i * 7) }), 160_100},
		{"anything", list(1_000, func(int) uint16 { noise = chance.Mix(noise); return uint16(noise) }), 3_000},
	} {
		data, err := json.Marshal(c.p)
		if err != nil || len(data) > c.most {
			t.Errorf("%s: %d bytes, %v", c.name, len(data), err)
		}
		var back Packed
		if err := json.Unmarshal(data, &back); err != nil || !slices.Equal(back, c.p) {
			t.Errorf("%s: comes back as %d numbers, %v", c.name, len(back), err)
		}
		var plain Packed
		if err := json.Unmarshal([]byte(`"`+c.p.plain()+`"`), &plain); err != nil || !slices.Equal(plain, c.p) {
			t.Errorf("%s: the first form: %v", c.name, err)
		}
	}
}

// Segments that are routed alike share their map, written and read.
func TestSegmentsShare(t *testing.T) {
	a, b := Packed{1, 2, 3}, Packed{1, 1, 1}
	s := Segments{{Start: 0, Map: a}, {Start: 1, Map: b}, {Start: 2, Rate: 7, Map: a}}
	if got := s.known(Packed{1, 1, 1}); &got[0] != &b[0] {
		t.Error("a map that is known is kept twice")
	}
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back Segments
	if err := json.Unmarshal(data, &back); err != nil || len(back) != 3 || back[2].Rate != 7 || &back[0].Map[0] != &back[2].Map[0] || !slices.Equal(back[1].Map, b) {
		t.Errorf("%v, %v", back, err)
	}
}

func FuzzPacked(f *testing.F) {
	f.Add(Packed{1, 1, 1, 2}.text())
	f.Add("~rAw==")
	f.Add("~nAwIBAgU=")
	f.Add("AAA=")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := unpacked(s)
		if err != nil {
			return
		}
		if back, err := unpacked(p.text()); err != nil || !slices.Equal(back, p) {
			t.Errorf("%q: %v, %v", s, p, err)
		}
	})
}
