package provider

import (
	"context"
	"time"
)

// This file alone knows the wall clock. Everything else in the provider goes by
// the clock of the fleet's world, which is virtual where the fleet is simulated.

// graceOnInterrupt is how long an interrupted operation may go on before it hands
// back its state. CI systems kill a job about ten seconds after the first signal,
// and Terraform has to write the state in what remains.
const graceOnInterrupt = 4 * time.Second

// sleep waits for d, or less where ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// afterInterrupt is a context for the last few calls of an operation whose own
// context was cancelled.
func afterInterrupt(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), graceOnInterrupt)
}
