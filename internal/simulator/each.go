package simulator

import "github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"

// DrawEachRequest lets w draw what becomes of each request one by one, as a fleet
// would, instead of by counts. It costs as much as there are requests, and is there
// to compare the two: they follow the same laws, with other numbers. It is to be
// called before anything is measured, and is not saved.
func (w *World) DrawEachRequest() {
	w.each = true
	w.traffic.forget()
	w.traffic.priors = priors{}
}

// errEach draws what becomes of the requests of a cell: who sent each, and whether that
// tenant's requests fail.
func (w *World) errEach(parts []part, cell gridCell, co *cohort) {
	for i := range parts {
		p := &parts[i]
		c := &w.Classes[p.class]
		if c.Lost {
			continue
		}
		var chances []uint64
		for _, rate := range w.ratesIn(p.class, cell) {
			chances = append(chances, chance.Of(rate))
		}
		s := chance.StreamOf(w.seed(), chance.ForErrors, uint64(cell.start), w.keyOf(p), 1)
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
