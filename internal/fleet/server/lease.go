package server

import (
	"net/http"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// leases say who walks which rollout. They are lost with the process, which costs a
// walker at most that another one asks for the same.
type leases struct {
	now  func() time.Time
	mu   sync.Mutex
	held map[string]contract.Lease // by rollout
}

// Lengths of a lease.
const (
	mostHolder  = 200  // bytes of a name
	mostSeconds = 3600 // of a lease
)

// putLease takes or renews a lease.
func (w *world) putLease(x *call) error {
	rollout, err := w.find(x)
	if err != nil {
		return err
	}
	var body contract.Lease
	if err := x.body(&body); err != nil {
		return err
	}
	switch {
	case body.Holder == "" || len(body.Holder) > mostHolder:
		return exchange.Wrong("holder", "has %d bytes, and 1..%d are wanted", len(body.Holder), mostHolder)
	case body.Seconds < 1 || body.Seconds > mostSeconds:
		return exchange.Wrong("seconds", "%d is not in 1..%d", body.Seconds, mostSeconds)
	}
	lease, mine := w.leases.take(rollout, body)
	if !mine {
		f := exchange.Refuse(contract.Leased, "%s has the lease until %s", lease.Holder, lease.Until.Format(time.RFC3339))
		f.Lease = &lease
		return f
	}
	lease.At = x.At()
	return x.Answer(http.StatusOK, lease)
}

// deleteLease gives a lease back.
func (w *world) deleteLease(x *call) error {
	rollout, err := w.find(x)
	if err != nil {
		return err
	}
	holder := x.URL.Query().Get("holder")
	if holder == "" || len(holder) > mostHolder {
		return exchange.Wrong("holder", "has %d bytes, and 1..%d are wanted", len(holder), mostHolder)
	}
	w.leases.give(rollout, holder)
	return x.Taken(http.StatusOK)
}

// take is the lease as it is then; mine says that it is the one that was asked for.
func (l *leases) take(rollout string, asked contract.Lease) (lease contract.Lease, mine bool) {
	now := l.now().UTC()
	l.mu.Lock()
	defer l.mu.Unlock()
	for other, held := range l.held {
		if !held.Until.After(now) {
			delete(l.held, other)
		}
	}
	if held, ok := l.held[rollout]; ok && held.Holder != asked.Holder {
		return held, false
	}
	lease = contract.Lease{Holder: asked.Holder, Until: now.Add(time.Duration(asked.Seconds) * time.Second)}
	if l.held == nil {
		l.held = map[string]contract.Lease{}
	}
	l.held[rollout] = lease
	return lease, true
}

// give ends the lease of a holder.
func (l *leases) give(rollout, holder string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[rollout].Holder == holder {
		delete(l.held, rollout)
	}
}

// of is the lease of a rollout; nil: nobody walks it.
func (l *leases) of(rollout string) *contract.Lease {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if held, ok := l.held[rollout]; ok && held.Until.After(now) {
		return &held
	}
	return nil
}
