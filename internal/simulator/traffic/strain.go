package traffic

import "github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"

// A minute's shock is a factor on all error rates, but on those that would be above what there
// is: the tenants that err the most do not err more in a bad minute, and the others do. Who fails
// is dealt to the tenants of a group by the rates that they have as a rule, which is what comes of
// it while all rates of the group have the same factor. So tenants that a shock may bring to the
// limit are a group of their own with those that err as they do: else what the others of an arm
// do not share with them would be dealt to all of the arm, and two arms that do the same would
// differ.

// unusual is how many deviations above the mean a shock is that brings hardly anybody to the limit.
const unusual = 2.5

// strained says of each class which tempers a shock may bring to the limit: the number of the
// group, one more than the temper; 0: that of all others. nil where none is strained.
func (f *Flow) strained() (by [][]uint8) {
	r, noise := &f.roster, f.cfg.MinuteNoise
	if noise <= 0 || r.temper == nil {
		return nil
	}
	shock := chance.Exp(float64(noise*unusual) - float64(noise*noise/2))
	for k := range f.classes {
		c := &f.classes[k]
		for temper := range r.tempers.values {
			if !f.strains(uint16(k), temper, shock) && !(c.Above > 0 && f.strains(c.Over, temper, shock)) {
				continue
			}
			if by == nil {
				by = make([][]uint8, len(f.classes))
			}
			if by[k] == nil {
				by[k] = make([]uint8, len(r.tempers.values))
			}
			by[k][temper] = uint8(temper) + 1
		}
	}
	return by
}

// strains says whether a shock brings the tenants of a temper to the limit where class k serves.
func (f *Flow) strains(k uint16, temper int, shock float64) bool {
	return float64(f.madeOf(k).rates[temper]*shock) > 1-f.classes[k].Does.TimeoutRate
}

// seats say in which group a tenant is.
type seats struct {
	appeals, strains int       // how many there are
	strained         [][]uint8 // see there
}

func (f *Flow) seats() seats {
	s := seats{appeals: len(f.roster.appeals.values), strains: 1, strained: f.strained()}
	if s.strained != nil {
		s.strains += len(f.roster.tempers.values)
	}
	return s
}

// strain is the number of tenant t's group among those of its class and appeal.
func (s *seats) strain(r *Roster, k uint16, t int) uint8 {
	if s.strained == nil || s.strained[k] == nil {
		return 0
	}
	return s.strained[k][r.temperOf(t)]
}

// of is the number of the group of tenant t, which class k serves as a rule, among all.
func (s *seats) of(r *Roster, k uint16, t int) int {
	return (int(k)*s.appeals+r.appealOf(t))*s.strains + int(s.strain(r, k, t))
}
