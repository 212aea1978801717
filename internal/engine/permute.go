package engine

// fewUnits is up to how many tenants chance is counted rather than worked out. Where all are at
// most mostUnits, fewOfArm is the same of the smaller arm alone, and fewAlike of how many alike
// tenants they weigh as much as. Of few that are very unlike, an arm's mean is not as Student's law
// has it: B was found better than itself in up to a fifth of the tests. Of thousands it is, unless
// one of them sends so much that it is as good as alone.
const (
	fewUnits  = 4000
	fewOfArm  = 500
	fewAlike  = 1000
	mostUnits = 50_000
)

// counted says whether chance is counted.
func (c *column) counted() bool {
	return c.lots != nil && (len(c.y) <= fewUnits || min(c.n[0], c.n[1]) < fewOfArm || c.lots.alike < fewAlike)
}

// A permutation test draws who has B so often at most, and stops where so many draws came out
// on either side of what was seen (J. Besag, P. Clifford, 1991): more would not change a word.
const (
	mostPermutations = 499
	enoughEachSide   = 30
)

// permuted is the probability that a figure comes out at least as high as observed if B does
// nothing: among draws of who of these same tenants has B, made as that one was. It is exact
// whatever the tenants are like, since it was chance that gave them their variant (R. Fisher,
// 1935). To draw as many as have B, from all alike, would not do: where one tenant sends a fifth
// of all requests, how many others have B depends on whether it has, and arms that are not drawn
// from strata are less alike than those were.
func (c *column) permuted(observed float64, figure func(b []bool) float64) float64 {
	b := make([]bool, len(c.b))
	higher, lower := 0, 0
	for n := range mostPermutations {
		if !c.give(b, c.lots.draw(n)) {
			continue
		}
		if figure(b) >= observed {
			higher++
		} else {
			lower++
		}
		if higher >= enoughEachSide && lower >= enoughEachSide {
			break
		}
	}
	return float64(higher+1) / float64(higher+lower+2) // neither 0 nor 1, however few draws there are
}

// give gives B to those of the column that have it in a draw; false: these are no arms that could
// be compared.
func (c *column) give(b, drawn []bool) bool {
	if drawn == nil {
		return false
	}
	var n [2]int
	for i, at := range c.at {
		b[i] = drawn[at]
		n[armOf(b[i])]++
	}
	return n[0] >= leastOfArm && n[1] >= leastOfArm
}
