package server

import "sync"

// kept are the rollouts whose runners are in memory while they wait: those that were walked
// last.
type kept struct {
	most int

	mu             sync.Mutex
	n              int
	newest, oldest *entry
}

// keep keeps the runner of e, which its worker gives back, and lets go of those that were
// walked longest ago where there are more than most.
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
	for k.n++; k.n > k.most; {
		last := k.oldest
		k.unlink(last)
		last.walk, last.world = nil, nil
	}
}

// take takes e out for a worker, which has its runner alone from then on.
func (k *kept) take(e *entry) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if e == k.newest || e == k.oldest || e.newer != nil || e.older != nil {
		k.unlink(e)
	}
}

func (k *kept) unlink(e *entry) {
	k.n--
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
