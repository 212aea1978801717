package traffic

import "slices"

// Overloaded says whether a version was ever to get more requests than it can take.
func (f *Flow) Overloaded() bool {
	if !slices.ContainsFunc(f.classes, func(c Class) bool { return c.Above > 0 }) {
		return false
	}
	versions := f.versions()
	for i, seg := range f.routing.Segments {
		if seg.Start == f.fleet.Time() {
			continue // nobody was served so
		}
		total, above := make([]float64, versions), make([]float64, versions)
		for _, g := range f.cohortOf(int32(i)).groups {
			c := &f.classes[g.class]
			total[c.Version] += float64(seg.Rate * g.weight / f.roster.usual)
			above[c.Version] = max(above[c.Version], c.Above)
		}
		for version, rate := range total {
			if above[version] > 0 && rate > above[version] {
				return true
			}
		}
	}
	return false
}
