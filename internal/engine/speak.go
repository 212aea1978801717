package engine

import (
	"context"
	"errors"
)

// mostTriesToSpeak is how often a signal is tried again because whoever walks the rollout wrote
// at the same moment.
const mostTriesToSpeak = 20

// Speak says something to a rollout that somebody else walks, see [Runner.Signal]. Where that
// one writes at the same moment, it looks again and says it then. The runner that is returned
// has read all up to what was said, and is not to walk.
func Speak(ctx context.Context, p Ports, s Signal) (*Runner, error) {
	for tries := 1; ; tries++ {
		r, err := NewRunner(ctx, p)
		if err != nil {
			return nil, err
		}
		err = r.Signal(ctx, s)
		if !errors.Is(err, ErrConflict) || tries == mostTriesToSpeak {
			return r, err
		}
	}
}
