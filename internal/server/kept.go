package server

import "sync"

// kept are the rollouts whose runners are in memory while they wait: those that were walked
// last, as far as there is room.
type kept struct {
	most int // in targets, see weight

	mu             sync.Mutex
	n              int // targets
	newest, oldest *entry
}

// leastWeight is what a runner takes in memory whatever its plan, in targets.
const leastWeight = 50

// weight is about how much a runner takes in memory: what its plan has of targets.
func (e *entry) weight() int {
	p := e.walk.Runner().Plan()
	return leastWeight + len(p.Tenants) + len(p.Instances)
}

// keep keeps the runner of e, which its worker gives back, and lets go of those that were
// walked longest ago where there is no room.
func (k *kept) keep(e *entry) {
	k.mu.Lock()
	defer k.mu.Unlock()
	e.older = k.newest
	if k.newest != nil {
		k.newest.newer = e
	}
	k.newest = e
	if k.oldest == nil {
		k.oldest = e
	}
	for k.n += e.weight(); k.n > k.most && k.oldest != nil; {
		last := k.oldest
		k.unlink(last)
		last.walk, last.world = nil, nil
	}
}

// take takes e out for a worker, which has its runner alone from then on.
func (k *kept) take(e *entry) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if e == k.newest || e.newer != nil { // it is in the list
		k.unlink(e)
	}
}

func (k *kept) unlink(e *entry) {
	k.n -= e.weight()
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		k.newest = e.older
	}
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		k.oldest = e.newer
	}
	e.newer, e.older = nil, nil
}
