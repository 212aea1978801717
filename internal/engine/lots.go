package engine

// Lots are how chance gave the tenants of an A/B test their variant, and draw them again. They are
// not safe for concurrent use.
type Lots struct {
	tenants []Tenant // that took part
	alike   float64  // as many alike ones weigh as much: (sum w)^2 / sum w^2
	whole   float64  // weight of these and of those that took no part
	most    float64  // percent of it that B may have
	strata  []uint8  // of each, see strata
	seed    uint64
	drawn   [][]bool // who has B, draw by draw, as far as they were asked for

	order  []int32 // room for draw
	list   []keyed
	sorter sorter
}

// newLots are the lots of a test of p; nil where there are more than mostUnits tenants, of whom
// nobody needs them.
func (p *Plan) newLots(c *Compare) *Lots {
	if p.Movable > mostUnits {
		return nil
	}
	salt := saltOf(p.Rollout)
	l := &Lots{tenants: p.Tenants[:p.Movable], most: c.MostB, seed: salt}
	var sum, squares float64
	for i := range p.Tenants {
		w := p.Tenants[i].Weight
		if l.whole += w; i < p.Movable {
			sum, squares = sum+w, squares+float64(w*w)
		}
	}
	l.alike = over(sum*sum, squares)
	if l.most <= 0 { // as in plans of before: what B was given
		l.most = Percent(c.WeightB, l.whole)
	}
	l.list = make([]keyed, p.Movable)
	for i := range l.list {
		l.list[i] = hashed(salt, l.tenants[i].ID, i)
	}
	l.sorter.sort(l.list)
	l.strata, l.order = strata(p.Tenants, l.list, &l.sorter)
	return l
}

// draw says who has B in draw n; nil where no test would have been made of such arms. It stands in
// for the one that the plan made: the tenants' strata are what they are, and chance gives those of a
// stratum an order, and the stratum a start.
func (l *Lots) draw(n int) []bool {
	for k := len(l.drawn); k <= n; k++ {
		seed := mix64(l.seed + uint64(k+1))
		shuffle(l.order, seed)
		expose(l.list, l.order, l.strata, &l.sorter, mix64(seed))
		has, all := make([]bool, len(l.list)), len(l.list)
		ofB := l.share()
		for i := range ofB {
			has[l.list[i].at] = true
		}
		if ofB < leastOfArm || all-ofB < leastOfArm {
			has = nil
		}
		l.drawn = append(l.drawn, has)
	}
	return l.drawn[n]
}

// share is how many of the tenants, as they stand, B is given.
func (l *Lots) share() int {
	n, _ := within(l.most, l.whole, len(l.list), func(i int) float64 { return l.tenants[l.list[i].at].Weight })
	return n
}

// within is how many of n tenants, one after the other, come to no more than limit percent of
// a whole, and to how many: at least one, and all but one at most.
func within(limit, whole float64, n int, weight func(i int) float64) (first int, share float64) {
	var part float64
	for first = 0; first < n-1; first++ {
		next := part + weight(first)
		if first > 0 && Percent(next, whole) > limit {
			break
		}
		part = next
	}
	return first, Percent(part, whole)
}

// shuffle puts a list in an order that a seed gives.
func shuffle(list []int32, seed uint64) {
	for i := len(list) - 1; i > 0; i-- {
		seed += 0x9e3779b97f4a7c15
		j := int(mix64(seed) % uint64(i+1)) // of a list that short the remainder favours nobody
		list[i], list[j] = list[j], list[i]
	}
}
