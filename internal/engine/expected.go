package engine

import "context"

// Expected are the errors that the arms would have if each tenant erred as it did
// before the rollout.
type Expected struct {
	Candidate, Baseline float64
	// Requests are the candidate's, and Usual the rate at which all tenants of the fleet
	// together would err.
	Requests int64
	Usual    float64
	// DoubtCandidate and DoubtBaseline are the variances of Candidate and Baseline, relative
	// to themselves: how little is known of the tenants that sent the requests.
	DoubtCandidate, DoubtBaseline float64
	// Unadjusted says that nobody knows how tenants did before: they are taken for alike, and
	// the doubt has how unlike those of the baseline are.
	Unadjusted bool
	// Guessed says that even that cannot be seen, and that the doubt is the most that is promised
	// for. Caps do not allow for it: they would never be passed.
	Guessed bool
	// Tenants are the candidate's with requests, Affected those of them with more
	// errors than expected.
	Tenants, Affected int
}

// mix is how much more the candidate's tenants err by themselves than all tenants do, as
// far as is known; 1 where they sent nothing.
func (x *Expected) mix() float64 {
	if usual := x.Usual * float64(x.Requests); usual > 0 && x.Candidate > 0 {
		return x.Candidate / usual
	}
	return 1
}

// expected counts, over the time of q, what each tenant should have had; nil: the fleet
// does not count by tenant.
func (r *Runner) expected(ctx context.Context, q Question) (*Expected, Answer) {
	q.Candidate = WantCounts | WantByTenant | WantMinutes
	q.Baseline = WantCounts | WantByTenant
	q.Bounds, q.TenantBound, q.Instances, q.Slot = nil, 0, nil, ""
	var a Answer
	if r.measure(ctx, &q, &a) != nil {
		return nil, Answer{}
	}
	return r.expectedOf(&a), a
}

// expectedOf is what follows from counts by tenant.
func (r *Runner) expectedOf(a *Answer) *Expected {
	if a.Candidate.PerTenant == nil {
		return nil
	}
	arms := [2]toldBy{{a.Baseline.Requests, a.Baseline.PerTenant}, {a.Candidate.Requests, a.Candidate.PerTenant}}
	if p := r.past(); p != nil {
		return p.expect(arms)
	}
	return likeBaseline(arms)
}

// toldBy are the requests of an arm, and those of them that are known by tenant: who counts may
// find that out later, or not of all.
type toldBy struct {
	requests int64
	tenants  []TenantCount
}

// likeBaseline is what is expected where nobody knows what was before: every tenant is like
// those of the baseline are, and where those are too few to say, or never erred, tenants may be as
// unlike as is promised for; nil: the baseline has none.
func likeBaseline(arms [2]toldBy) *Expected {
	others := make([]Tenant, len(arms[0].tenants))
	for i, t := range arms[0].tenants {
		others[i] = Tenant{ID: t.Tenant, PriorRequests: t.Requests, PriorErrors: t.Errors}
	}
	p, known := pastOf(others)
	if !known {
		return nil
	}
	if p.rate == 0 {
		p.rate, p.few = halfAnError(others), true
	}
	if p.few {
		p.between = max(p.between, float64(mostUnlike*mostUnlike)*p.rate*p.rate)
	}
	alike := (&shrunk{past: p}).of(nil)
	x := alike.expect(arms)
	if x != nil {
		x.Unadjusted, x.Guessed = true, p.few
	}
	return x
}

// expect sums, arm by arm, each tenant's requests times its own rate. One that was not there
// before is taken for a usual one, of which little is known, and so is whoever sent what is not told by
// tenant: it may have been one.
func (s *shrunk) expect(arms [2]toldBy) *Expected {
	var sums, doubts [2]float64
	x := &Expected{Usual: s.usual}
	for arm := range arms {
		rest := arms[arm].requests
		add := func(requests int64, tenant string) (expected float64) {
			rate, shape := s.tenant(tenant)
			expected = float64(float64(requests) * rate)
			sums[arm] += expected
			doubts[arm] += over(expected*expected, shape)
			return expected
		}
		for i := range arms[arm].tenants {
			t := &arms[arm].tenants[i]
			expected := add(t.Requests, t.Tenant)
			rest -= t.Requests
			if arm == 1 && t.Requests > 0 {
				x.Requests += t.Requests
				if x.Tenants++; float64(t.Errors) > expected {
					x.Affected++
				}
			}
		}
		if rest > 0 {
			add(rest, "")
			if arm == 1 {
				x.Requests += rest
			}
		}
	}
	if sums[1] <= 0 {
		return nil
	}
	x.Baseline, x.Candidate = sums[0], sums[1]
	x.DoubtBaseline, x.DoubtCandidate = over(doubts[0], sums[0]*sums[0]), over(doubts[1], sums[1]*sums[1])
	return x
}
