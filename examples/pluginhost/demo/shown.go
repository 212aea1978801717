package demo

import (
	"maps"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/predict"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// shown is a rollout as the page shows it.
type shown struct {
	contract.Detail
	// Failed are the requests that the candidate failed so far, of those that it Answered; Lost
	// are those that were lost since the rollout began, whoever had them.
	Failed   int64 `json:"failed"`
	Answered int64 `json:"answered"`
	Lost     int64 `json:"lost"`
	// Usual is what the baseline came to until the rollout began: good versions fail now and then.
	Usual usual `json:"usual"`
	expectation
	// Evidence is how much spoke against the candidate, over time.
	Evidence []point `json:"evidence"`

	begun                                    time.Time // when it was seen first
	failedBefore, answeredBefore, lostBefore int64
	failedOf                                 map[int]int64   // requests that the candidate failed, by place of the tenant
	reached                                  map[int]reached // by place of the tenant: when it got the candidate
	over                                     bool            // what comes now is not its doing
}

// usual are requests that a version answered, and those of them that it failed.
type usual struct {
	Answered int64 `json:"answered"`
	Failed   int64 `json:"failed"`
}

// reached is when a tenant was answered by the candidate first, and as which of them.
type reached struct {
	after time.Duration
	nth   int // from 1
}

// expectation is what the simulator says.
type expectation struct {
	Expected *predict.Prediction `json:"expected"`
	// Unexpected is why there is no prediction; "": there is one, or will be. It may go away: who
	// could not be asked is asked again.
	Unexpected string `json:"unexpected,omitempty"`
	final      bool   // nobody asks again
}

// show takes what the server says of a rollout.
func (b *board) show(d *contract.Detail) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rollout == nil || b.rollout.ID != d.ID {
		b.rollout = &shown{
			begun: time.Now(), failedBefore: b.failures[d.Candidate], answeredBefore: b.answered[d.Candidate], lostBefore: b.lost,
			Usual: usual{b.answered[d.Baseline], b.failures[d.Baseline]}, failedOf: map[int]int64{}, reached: map[int]reached{},
		}
	}
	was := b.rollout.Outcome
	b.rollout.Detail = *d
	if was == "" {
		b.rollout.Evidence = append(b.rollout.Evidence, pointOf(d))
	}
	b.count()
}

// answered notes that a version answered a tenant; the board is locked. nil: nothing was rolled out.
func (r *shown) answered(tenant int, version string, failed bool) {
	if r == nil || r.over || version != r.Candidate {
		return
	}
	if _, known := r.reached[tenant]; !known {
		r.reached[tenant] = reached{time.Since(r.begun), len(r.reached) + 1}
	}
	if failed {
		r.failedOf[tenant]++
	}
}

// count brings what a rollout did up to date; b.mu is held.
func (b *board) count() {
	r := b.rollout
	if r.over {
		return
	}
	r.over = r.Outcome != ""
	r.Failed, r.Lost = b.failures[r.Candidate]-r.failedBefore, b.lost-r.lostBefore
	r.Answered = b.answered[r.Candidate] - r.answeredBefore
}

// expect notes what the simulator said of a rollout, which may not be shown yet.
func (b *board) expect(rollout string, e expectation) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected[rollout] = e
}

// current is a copy of the rollout that is shown; false: there is none.
func (b *board) current() (shown, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rollout == nil {
		return shown{}, false
	}
	b.count()
	r := *b.rollout
	r.expectation = b.expected[r.ID]
	r.failedOf, r.reached = maps.Clone(r.failedOf), maps.Clone(r.reached)
	return r, true
}

// of are the requests of a tenant that the candidate failed, and when it got the candidate; nth 0: never.
func (b *board) of(r *shown, tenant string) (failed int64, when reached) {
	at := b.tenants[tenant]
	return r.failedOf[at], r.reached[at]
}
