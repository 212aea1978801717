package traffic

import (
	"math"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// made is what follows from the behaviour of a class, worked out once.
type made struct {
	key              uint64
	conversions      []uint64 // by appeal
	surveys, stars   uint64
	rates            []float64 // of errors, by temper
	meanUs, spreadUs float64
	mu, sd           float64 // of the logarithm of the latency in ms
	grid             *[gridSize]uint64
	single           *[singles]int64
}

// keyOf names the stream of a part of a window.
func (f *Flow) keyOf(p *part) uint64 { return f.madeOf(p.class).keyOf(p.appeal, p.strain) }

// keyOf names the streams of the group of a class that has this appeal and strain.
func (m *made) keyOf(appeal, strain uint8) uint64 {
	key := m.key + uint64(appeal)*chance.Golden
	if strain > 0 {
		key = chance.Mix(key + uint64(strain))
	}
	return key
}

// madeOf works out what follows from the behaviour of class k.
func (f *Flow) madeOf(k uint16) *made {
	l := &f.ledger
	for len(l.made) <= int(k) {
		l.made = append(l.made, nil)
	}
	if m := l.made[k]; m != nil {
		return m
	}
	c, m := &f.classes[k], &made{}
	b := &c.Does
	for _, v := range []float64{b.ErrorRate, b.TimeoutRate, b.LatencyP50Ms, b.LatencyP99Ms} {
		m.key = chance.Mix(m.key ^ math.Float64bits(v))
	}
	if b.ConversionRate != f.fleet.ConversionRate(c.Version) || c.Times > 0 { // else alike for this
		m.key = chance.Mix(chance.Mix(m.key^math.Float64bits(b.ConversionRate)) ^ math.Float64bits(c.Times))
	}
	if c.Least > 0 {
		m.key = chance.Mix(m.key ^ math.Float64bits(c.Least))
	}
	if c.Untold { // which has luck of its own
		m.key = chance.Mix(m.key + chance.Golden)
	}
	m.key ^= chance.Key(f.fleet.Name(c.Version))
	m.surveys, m.stars = chance.Of(b.SurveyRate), chance.Of((b.Satisfaction-1)/4)
	for _, rate := range f.roster.appeals.levelled(b.ConversionRate, 1) {
		m.conversions = append(m.conversions, chance.Of(rate))
	}
	m.rates = c.ratesOf(&f.roster)
	m.latencies(b)
	l.made[k] = m
	return m
}
