package engine

import "math"

// An e-process is evidence against "nothing is wrong" that may be looked at as
// often as one likes: under that hypothesis it exceeds 1/alpha, at any time, with a
// probability of at most alpha (J. Ville, 1939). Here it is a weighted mean of
// likelihood ratios over a grid of possible effects (a mixture, H. Robbins, 1970), kept as a
// logarithm.

// effects is how many possible effects a mixture has.
const effects = 12

// relative effects reach from a little above the tolerated one to this factor.
const largestEffect = 64

// absolute effects reach from this factor above the cap to that one.
const (
	leastExcess   = 1.15
	largestExcess = 20
)

// mixture is a grid of effects, equally spaced in logarithms. Each has half the
// weight of the one below it: a small effect takes long to show and needs every bit
// of evidence, a large one shows at once whatever its weight.
type mixture struct {
	least  float64 // rho_0, the effect that is tolerated
	effect [effects]float64
	log    [effects]float64 // ln(effect / least)
	weight [effects]float64 // ln of the effect's part of the mixture; the parts sum to 1
}

func newMixture(least, from, to float64) mixture {
	m := mixture{least: least}
	step := math.Pow(to/from, 1.0/(effects-1))
	whole := 1 - math.Pow(0.5, effects)
	for i, rho := 0, from; i < effects; i, rho = i+1, rho*step {
		m.effect[i], m.log[i] = rho, math.Log(rho/least)
		m.weight[i] = math.Log(math.Pow(0.5, float64(i+1)) / whole)
	}
	return m
}

// relativeMixture looks for effects above 1+minEffect.
func relativeMixture(minEffect float64) mixture {
	least := 1 + minEffect
	return newMixture(least, least*1.2, largestEffect)
}

var excessMixture = newMixture(1, leastExcess, largestExcess)

// relative is the logarithm of the evidence that the candidate's failures are more
// than m.least times what they should be, given those of the concurrent baseline.
//
// With k_c and k_0 failures and E_c and E_0 expected ones under "no change", r =
// E_c/E_0, the candidate's share of all failures is theta(rho) = rho r/(rho r + 1)
// under effect rho, whatever the common level was: what hits both arms cancels. The
// ratio of likelihoods against the tolerated effect rho_0 is
//
//	(theta(rho)/theta(rho_0))^k_c ((1-theta(rho))/(1-theta(rho_0)))^k_0
//	= (rho/rho_0)^k_c ((rho_0 r + 1)/(rho r + 1))^(k_c + k_0).
//
// It is valid at any time for failures that are independent given the level. r must
// be above 0; without failures of the candidate there is no evidence.
func (m *mixture) relative(kc, k0 int64, r float64) float64 {
	if float64(kc) <= m.least*r*float64(k0) || r <= 0 {
		return 0 // no more than is tolerated: the evidence is at most 1
	}
	n, tolerated := float64(kc+k0), math.Log1p(m.least*r)
	var logs [effects]float64
	for i, rho := range m.effect {
		logs[i] = m.weight[i] + float64(float64(kc)*m.log[i]) + float64(n*(tolerated-math.Log1p(rho*r)))
	}
	return logSum(&logs)
}

// absolute is the logarithm of the evidence that k failures out of n come from a
// rate above p0, 0 < p0 < 1: the weighted mean over effects rho of
//
//	(p_1/p_0)^k ((1-p_1)/(1-p_0))^(n-k), p_1 = min(rho p_0, (1+p_0)/2).
func (m *mixture) absolute(k, n int64, p0 float64) float64 {
	if float64(k) <= p0*float64(n) {
		return 0
	}
	var logs [effects]float64
	rest := math.Log1p(-p0)
	for i, rho := range m.effect {
		p1, gain := rho*p0, m.log[i]
		if most := (1 + p0) / 2; p1 > most {
			p1, gain = most, math.Log(most/p0)
		}
		logs[i] = m.weight[i] + float64(float64(k)*gain) + float64(float64(n-k)*(math.Log1p(-p1)-rest))
	}
	return logSum(&logs)
}

// logSum is ln(sum(exp(logs))), without overflow.
func logSum(logs *[effects]float64) float64 {
	top := logs[0]
	for _, l := range logs[1:] {
		top = max(top, l)
	}
	var sum float64
	for _, l := range logs {
		if d := l - top; d > -40 { // what is smaller does not count in 64 bits
			sum += math.Exp(d)
		}
	}
	return top + math.Log(sum)
}
