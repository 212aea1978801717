package traffic

import (
	"encoding/json"
	"slices"
)

// Routing is who was served how since when. A fleet saves it.
type Routing struct {
	Segments Segments `json:"segments"`
}

// Segment is a time in which every tenant's class stays the same. It ends where
// the next one starts.
type Segment struct {
	Start int64   `json:"start"` // ns of the fleet's clock
	Rate  float64 `json:"rate"`  // requests per second of all tenants
	Map   Packed  `json:"map"`   // per tenant: its class
}

// Segments are written with each map once in memory: what is the same is shared.
type Segments []Segment

// plainSegment is a segment whose map is as it is written down.
type plainSegment struct {
	Start int64   `json:"start"`
	Rate  float64 `json:"rate"`
	Map   string  `json:"map"`
}

// MarshalJSON writes s.
func (s Segments) MarshalJSON() ([]byte, error) {
	texts := map[*uint16]string{}
	out := make([]plainSegment, len(s))
	for i, seg := range s {
		out[i] = plainSegment{Start: seg.Start, Rate: seg.Rate}
		if len(seg.Map) == 0 {
			continue
		}
		text, ok := texts[&seg.Map[0]]
		if !ok {
			text = seg.Map.text()
			texts[&seg.Map[0]] = text
		}
		out[i].Map = text
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Segments) UnmarshalJSON(data []byte) error {
	var in []plainSegment
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	maps := map[string]Packed{}
	*s = make(Segments, len(in))
	for i, seg := range in {
		p, ok := maps[seg.Map]
		if !ok {
			var err error
			if p, err = unpacked(seg.Map); err != nil {
				return err
			}
			maps[seg.Map] = p
		}
		(*s)[i] = Segment{Start: seg.Start, Rate: seg.Rate, Map: p}
	}
	return nil
}

// known is a map like p that an earlier segment has, or p itself: routing comes back
// to what it was, and nobody changes a map.
func (s Segments) known(p Packed) Packed {
	const back = 8
	for i := len(s) - 1; i >= max(0, len(s)-back); i-- {
		if slices.Equal(s[i].Map, p) {
			return s[i].Map
		}
	}
	return p
}
