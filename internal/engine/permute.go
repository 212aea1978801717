package engine

import "slices"

// fewUnits is up to how many tenants chance is counted rather than worked out, and fewOfArm the
// same of the smaller arm alone, where all are at most mostUnits. Of few that
// are very unlike, an arm's mean is not as Student's law has it: B was found better than
// itself in up to a fifth of the tests. Of thousands it is.
const (
	fewUnits  = 4000
	fewOfArm  = 500
	mostUnits = 50_000
)

// few says whether chance is counted.
func (c *column) few() bool {
	n := len(c.y)
	return n <= fewUnits || min(c.n[0], c.n[1]) < fewOfArm && n <= mostUnits
}

// A permutation test draws who has B so often at most, and stops where so many draws came out
// on either side of what was seen (J. Besag, P. Clifford, 1991): more would not change a word.
const (
	mostPermutations = 499
	enoughEachSide   = 30
)

// permuted is the probability that a figure comes out at least as high as observed if B does
// nothing: among draws of who has B, as many as have it, of these same tenants. It is exact
// whatever the tenants are like, since it was chance that gave them their variant (R. Fisher,
// 1935).
func (c *column) permuted(draw uint64, observed float64, figure func(b []bool) float64) float64 {
	b := slices.Clone(c.b)
	higher, lower := 0, 0
	for n := range mostPermutations {
		shuffle(b, mix64(draw+uint64(n+1)))
		if figure(b) >= observed {
			higher++
		} else {
			lower++
		}
		if higher >= enoughEachSide && lower >= enoughEachSide {
			break
		}
	}
	return float64(higher+1) / float64(higher+lower+1)
}

// shuffle puts a list in an order that a seed gives.
func shuffle(list []bool, seed uint64) {
	for i := len(list) - 1; i > 0; i-- {
		seed += 0x9e3779b97f4a7c15
		j := int(mix64(seed) % uint64(i+1)) // of a list that short the remainder favours nobody
		list[i], list[j] = list[j], list[i]
	}
}
