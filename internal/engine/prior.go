package engine

import (
	"math"
	"time"
)

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

// past is what the time before the rollout shows of all tenants together.
type past struct {
	rate    float64 // errors / requests
	between float64 // variance of the tenants' own rates around it
	noise   float64 // variance that chance adds to what was seen of a tenant, on average
	few     bool    // they are too few to say how unlike another one may be
}

// leastAlike is of how many tenants it can be said how unlike they are, and mostUnlike what is
// taken of others for their coefficient of variation where it cannot.
const (
	leastAlike = 10
	mostUnlike = 2
)

// leastKnown is the share of the tenants of which more have to be known, so that their past says
// something of all: those who came since are taken for usual ones, of which little is known.
const leastKnown = 0.5

// pastOf estimates the variance between tenants by moments. It is false where the fleet
// does not know the past of more than half of them.
func pastOf(tenants []Tenant) (p past, known bool) {
	var requests, errors, n float64
	for _, t := range tenants {
		requests += float64(t.PriorRequests)
		errors += float64(t.PriorErrors)
		if t.PriorRequests > 0 {
			n++
		}
	}
	if n <= leastKnown*float64(len(tenants)) {
		return p, false
	}
	p.rate, p.few = errors/requests, n < leastAlike
	var spread, squares float64
	for _, t := range tenants {
		if m := float64(t.PriorRequests); m > 0 {
			d := float64(t.PriorErrors)/m - p.rate
			spread += float64(m * d * d)
			squares += float64(m * m)
		}
	}
	single := p.rate * (1 - p.rate)
	if free := requests - squares/requests; free > 0 {
		p.between = max(0, spread-float64((n-1)*single)) / free
	}
	p.noise = single * n / requests
	return p, true
}

// shrunk is each tenant's own error rate before the rollout, shrunk towards that
// of all by as much as its traffic leaves it uncertain: (errors + m p)/(requests + m),
// where p is the rate of all and m = p(1-p)/v the weight of a prior whose variance v
// between tenants is estimated by moments (empirical Bayes, J. Kleinman, 1973). Tenants
// that never erred are alike, at half an error in all. What is not known of a rate is that of
// a gamma distribution with the shape errors + m p.
type shrunk struct {
	past
	weight  float64 // m; infinite where tenants are alike
	usual   float64 // the rate of all, each with the traffic that it usually has
	tenants []Tenant
	at      map[string]int32 // tenants by their ids, once somebody asked
}

// shrink is nil where the fleet knows too little.
func shrink(tenants []Tenant) *shrunk {
	p, known := pastOf(tenants)
	if !known {
		return nil
	}
	if p.rate == 0 {
		p.rate = halfAnError(tenants)
	}
	return (&shrunk{past: p}).of(tenants)
}

// halfAnError is the rate of tenants that never erred.
func halfAnError(tenants []Tenant) float64 {
	var requests int64
	for _, t := range tenants {
		requests += t.PriorRequests
	}
	return 0.5 / float64(requests)
}

// of takes tenants for those whose rates it has.
func (s *shrunk) of(tenants []Tenant) *shrunk {
	s.tenants, s.weight, s.usual = tenants, math.Inf(1), s.rate
	if s.between > 0 {
		s.weight = s.rate * (1 - s.rate) / s.between
	}
	var sum, traffic float64
	for i := range tenants {
		t := &tenants[i]
		sum += float64(t.Weight * s.own(t))
		traffic += t.Weight
	}
	if traffic > 0 {
		s.usual = sum / traffic
	}
	return s
}

// own is the rate of a tenant that was there before.
func (s *shrunk) own(t *Tenant) float64 {
	if math.IsInf(s.weight, 1) {
		return s.rate
	}
	return (float64(t.PriorErrors) + float64(s.weight*s.rate)) / (float64(t.PriorRequests) + s.weight)
}

// tenant is the rate of a tenant, which may be one that nobody knew, and the shape of what is
// not known of it; 0: nothing is unknown, as all are alike.
func (s *shrunk) tenant(id string) (rate, shape float64) {
	if math.IsInf(s.weight, 1) && !s.few {
		return s.rate, 0
	}
	if s.at == nil {
		s.at = make(map[string]int32, len(s.tenants))
		for i := range s.tenants {
			s.at[s.tenants[i].ID] = int32(i)
		}
	}
	prior := s.weight * s.rate
	if i, known := s.at[id]; known && s.tenants[i].PriorRequests > 0 {
		return s.own(&s.tenants[i]), float64(s.tenants[i].PriorErrors) + prior
	}
	if s.few {
		prior = min(prior, 1/float64(mostUnlike*mostUnlike))
	}
	return s.rate, prior
}

// prior is what is known of the tenants that the stage gives the candidate. It is
// about tenants: a stage that moves instances or routes knows nothing.
func (r *Runner) prior() Prior { return r.priorOf(r.state.Stage) }

// priorOf is prior of any stage.
func (r *Runner) priorOf(stage int) Prior {
	if s := r.plan.Spec.Strategy; s != Canary && s != ABTesting || r.plan.NewSlot != "" || stage >= len(r.plan.Stages) {
		return Prior{}
	}
	n := r.plan.Stages[stage].Exposure.Tenants
	if r.memo.priors == nil {
		r.memo.priors = make([]*Prior, len(r.plan.Stages))
	}
	if r.memo.priors[stage] == nil {
		p := &Prior{}
		if past := r.past(); past != nil && n > 0 {
			*p = past.arms(n)
		}
		r.memo.priors[stage] = p
	}
	return *r.memo.priors[stage]
}

// past is that of the plan's tenants, worked out once; nil: it is not known.
func (r *Runner) past() *shrunk {
	if !r.memo.pastKnown {
		r.memo.past, r.memo.pastKnown = shrink(r.plan.Tenants), true
	}
	return r.memo.past
}

// guardMix is the largest mix of the stages whose traffic a guard measured that looks back
// to from: at the moment a stage begins, all that it sees are the tenants of the one before.
func (r *Runner) guardMix(from time.Time) float64 {
	mix := r.prior().mix()
	for i := len(r.events) - 1; i >= 0; i-- {
		if e := &r.events[i]; e.Kind == Began && e.Stage > 0 {
			mix = max(mix, r.priorOf(e.Stage-1).mix())
			if e.At.Before(from) {
				break
			}
		}
	}
	return mix
}

// arms weights rates by traffic; the first n tenants are the candidate's.
func (s *shrunk) arms(n int) Prior {
	var sum, weight [2]float64
	for i := range s.tenants {
		t, arm := &s.tenants[i], 0
		if i >= n {
			arm = 1
		}
		sum[arm] += float64(t.Weight * s.own(t))
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
