package simulator

import "github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"

// DrawEachRequest lets w draw what becomes of each request one by one, as a fleet
// would, instead of by counts. It costs as much as there are requests, and is there
// to compare the two: they follow the same laws, with other numbers. It is to be
// called before anything is measured, and is not saved.
func (w *World) DrawEachRequest() {
	w.each = true
	w.traffic.forget()
	w.traffic.priors = nil
}

// errEach draws what becomes of the requests of a part: who sent each, and whether
// that tenant's requests fail.
func (w *World) errEach(s *chance.Stream, cell gridCell, p *part, g *group) (errors, timeouts int64) {
	var chances []uint64
	for _, rate := range w.ratesIn(p.class, cell) {
		chances = append(chances, chance.Of(rate))
	}
	tempers, timeout := chance.NewTable(0, g.tempers), chance.Of(w.Classes[p.class].Does.TimeoutRate)
	for range p.requests {
		limit := chances[tempers.Draw(s)]
		switch x := s.Word(); {
		case limit == chance.Certain || x < limit:
			errors++
		case x-limit < timeout:
			timeouts++
		}
	}
	return errors, timeouts
}
