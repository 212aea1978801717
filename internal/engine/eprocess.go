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
//
// doubt is the relative variance of r, which is only known as well as the tenants are:
// where there is some, theta has a beta distribution whose odds vary by as much, and the
// likelihoods are beta-binomial (J. Skellam, 1948).
func (m *mixture) relative(kc, k0 int64, r, doubt float64) float64 {
	if float64(kc) <= m.least*r*float64(k0) || r <= 0 {
		return 0 // no more than is tolerated: the evidence is at most 1
	}
	var logs [effects]float64
	if doubt < leastDoubt {
		n, tolerated := float64(kc+k0), math.Log1p(m.least*r)
		for i, rho := range m.effect {
			logs[i] = m.weight[i] + float64(float64(kc)*m.log[i]) + float64(n*(tolerated-math.Log1p(rho*r)))
		}
		return logSum(&logs)
	}
	tolerated := betaBinomial(kc, k0, m.least*r, doubt)
	for i, rho := range m.effect {
		logs[i] = m.weight[i] + betaBinomial(kc, k0, rho*r, doubt) - tolerated
	}
	return logSum(&logs)
}

// leastDoubt is below what doubt changes nothing that anybody would see.
const leastDoubt = 1e-6

// betaBinomial is the logarithm of the likelihood of k of k+rest under odds that vary by
// doubt, relative to themselves, but for what no odds change.
func betaBinomial(k, rest int64, odds, doubt float64) float64 {
	a := (1 + odds) / doubt // theta (1-theta)/(doubt theta (1-theta)) theta, with theta = odds/(1+odds)
	b := a / odds
	return logBeta(float64(k)+a, float64(rest)+b) - logBeta(a, b)
}

func logBeta(a, b float64) float64 {
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	return la + lb - lab
}

// excess is the logarithm of the evidence that k failures are more than the expected ones,
// above 0, that a rate at its limit makes. Neither requests nor minutes of requests are
// alike: what doubt says, see minutes, is the variance of a factor around 1 that chance puts
// on the expected ones, by the law of gamma. That is the weighted mean over effects rho of
//
//	rho^k ((a + expected)/(a + rho expected))^(k + a), a = 1/doubt,
//
// the ratio of two negative binomial likelihoods, and of two of Poisson's where there is no
// doubt. A binomial count, which varies less, makes no more of it.
func (m *mixture) excess(k int64, expected, doubt float64) float64 {
	if float64(k) <= expected || expected <= 0 {
		return 0
	}
	var logs [effects]float64
	if doubt <= 0 {
		for i, rho := range m.effect {
			logs[i] = m.weight[i] + float64(float64(k)*m.log[i]) - float64(expected*(rho-1))
		}
		return logSum(&logs)
	}
	n, one := float64(k)+1/doubt, math.Log1p(expected*doubt)
	for i, rho := range m.effect {
		logs[i] = m.weight[i] + float64(float64(k)*m.log[i]) + float64(n*(one-math.Log1p(rho*expected*doubt)))
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
