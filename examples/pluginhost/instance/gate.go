package instance

import (
	"context"
	"sync"
)

// gate lets requests in until it is shut.
type gate struct {
	mu   sync.Mutex
	in   int64
	shut bool
	over chan struct{} // closed when it is shut and nobody is in
}

func newGate() *gate { return &gate{over: make(chan struct{})} }

// enter lets a request in, or does not.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		return false
	}
	g.in++
	return true
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.in--
	if g.shut && g.in == 0 {
		close(g.over)
	}
}

// drain shuts it, and waits until nobody is in. It says how many still are where ctx is
// over before.
func (g *gate) drain(ctx context.Context) int64 {
	g.mu.Lock()
	if !g.shut {
		g.shut = true
		if g.in == 0 {
			close(g.over)
		}
	}
	g.mu.Unlock()
	select {
	case <-g.over:
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.in
}

func (g *gate) isShut() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shut
}
