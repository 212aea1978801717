package traffic

import "github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"

// DrawEachRequest lets f draw what becomes of each request one by one, as a fleet
// would, instead of by counts. It costs as much as there are requests, and is there
// to compare the two: they follow the same laws, with other numbers. It is to be
// called before anything is measured, and is not saved.
func (f *Flow) DrawEachRequest() {
	f.each = true
	f.ledger.forget()
	f.ledger.priors = priors{}
}

// errEach draws what becomes of the requests of a cell: who sent each, and whether that
// tenant's requests fail.
func (f *Flow) errEach(parts []part, cell gridCell, co *cohort) {
	for i := range parts {
		p := &parts[i]
		c := &f.classes[p.class]
		if c.Lost {
			continue
		}
		var chances []uint64
		for _, rate := range f.ratesIn(p.class, cell) {
			chances = append(chances, chance.Of(rate))
		}
		s := chance.StreamOf(f.cfg.Seed, chance.ForErrors, uint64(cell.start), f.keyOf(p), 1)
		tempers, timeout := chance.NewTable(0, co.groups[p.member].tempers), chance.Of(c.Does.TimeoutRate)
		p.errors, p.timeouts = 0, 0
		for range p.requests {
			limit := chances[tempers.Draw(&s)]
			switch x := s.Word(); {
			case limit == chance.Certain || x < limit:
				p.errors++
			case x-limit < timeout:
				p.timeouts++
			}
		}
	}
}
