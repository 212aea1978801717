package engine

import "math"

// Prior is what the time before the rollout says of the tenants in the arms: their
// error rates, weighted by traffic. Which tenants were picked decides more than
// chance does where tenants differ. The zero Prior knows nothing.
type Prior struct {
	Candidate, Baseline, All float64
}

// Known says whether there is anything in p.
func (p Prior) Known() bool { return p.Candidate > 0 && p.Baseline > 0 && p.All > 0 }

// mix is how much more the candidate's tenants err by themselves than all tenants
// do; 1 where that is not known.
func (p Prior) mix() float64 {
	if p.Candidate <= 0 || p.All <= 0 {
		return 1
	}
	return p.Candidate / p.All
}

// leastPriorErrors is how many errors the time before has to show before it tells
// tenants apart.
const leastPriorErrors = 20

// priorRates is each tenant's own error rate before the rollout, shrunk towards that
// of all by as much as its traffic leaves it uncertain: (errors + m p)/(requests + m),
// where p is the rate of all and m = p(1-p)/v the weight of a prior whose variance v
// between tenants is estimated by moments (empirical Bayes, J. Kleinman, 1973). nil
// where the fleet knows too little.
func priorRates(tenants []Tenant) []float64 {
	var requests, errors, known float64
	for _, t := range tenants {
		requests += float64(t.PriorRequests)
		errors += float64(t.PriorErrors)
		if t.PriorRequests > 0 {
			known++
		}
	}
	if errors < leastPriorErrors || known < 0.9*float64(len(tenants)) {
		return nil
	}
	p := errors / requests
	var spread, squares float64
	for _, t := range tenants {
		n := float64(t.PriorRequests)
		if n > 0 {
			d := float64(t.PriorErrors)/n - p
			spread += float64(n * d * d)
			squares += float64(n * n)
		}
	}
	noise := float64((known - 1) * p * (1 - p))
	between := max(0, spread-noise) / (requests - squares/requests)
	weight := math.Inf(1)
	if between > 0 {
		weight = p * (1 - p) / between
	}
	rates := make([]float64, len(tenants))
	for i, t := range tenants {
		if rates[i] = p; !math.IsInf(weight, 1) {
			rates[i] = (float64(t.PriorErrors) + float64(weight*p)) / (float64(t.PriorRequests) + weight)
		}
	}
	return rates
}

// prior is what is known of the tenants that the stage gives the candidate. It is
// about tenants: a stage that moves instances or routes knows nothing.
func (r *Runner) prior() Prior {
	if s := r.plan.Spec.Strategy; s != Canary && s != ABTesting || r.state.Stage >= len(r.plan.Stages) {
		return Prior{}
	}
	n := r.plan.Stages[r.state.Stage].Exposure.Tenants
	if r.memo.priorAt == n+1 {
		return r.memo.prior
	}
	r.memo.priorAt, r.memo.prior = n+1, Prior{}
	if rates := priorRates(r.plan.Tenants); rates != nil {
		r.memo.prior = armPriors(r.plan.Tenants, rates, n)
	}
	return r.memo.prior
}

// armPriors weights rates by traffic; the first n tenants are the candidate's.
func armPriors(tenants []Tenant, rates []float64, n int) Prior {
	var sum, weight [2]float64
	for i, t := range tenants {
		arm := 0
		if i >= n {
			arm = 1
		}
		sum[arm] += float64(t.Weight * rates[i])
		weight[arm] += t.Weight
	}
	return Prior{
		Candidate: over(sum[0], weight[0]), Baseline: over(sum[1], weight[1]), All: over(sum[0]+sum[1], weight[0]+weight[1]),
	}
}

func over(a, b float64) float64 {
	if b <= 0 {
		return 0
	}
	return a / b
}
