package walker

import (
	"context"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Learning is a fleet from whose answers a clock learns the time.
func Learning(f engine.Fleet, t *Time) engine.Fleet { return learning{f, t} }

type learning struct {
	engine.Fleet
	time *Time
}

// Describe implements engine.Fleet.
func (l learning) Describe(ctx context.Context) (engine.Head, error) {
	h, err := l.Fleet.Describe(ctx)
	if err == nil {
		l.time.Learn(h.At)
	}
	return h, err
}

// Look implements engine.Fleet.
func (l learning) Look(ctx context.Context, w engine.Watch) (engine.Condition, error) {
	c, err := l.Fleet.Look(ctx, w)
	if err == nil {
		l.time.Learn(c.At)
	}
	return c, err
}
