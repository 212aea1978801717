package server

import (
	"context"
	"sync"
)

// mostFound is how many worlds are kept of those that were asked for: what is kept of one are
// the lists of targets that a client looks at.
const mostFound = 1000

// found are worlds that are only known when somebody asks for them.
type found struct {
	find    func(ctx context.Context, environment, plugin string) (*World, error)
	options Options

	mu    sync.Mutex
	known map[address]*world
}

// world is that of an address, the same one each time as long as there are not too many. It is
// asked for each time all the same: whoever knows them may not any more.
func (f *found) world(ctx context.Context, a address) (*world, error) {
	w, err := f.find(ctx, a.environment, a.plugin)
	if err != nil || w == nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if known := f.known[a]; known != nil {
		return known, nil
	}
	if len(f.known) >= mostFound {
		clear(f.known)
	}
	f.known[a] = newWorld(*w, f.options)
	return f.known[a], nil
}
