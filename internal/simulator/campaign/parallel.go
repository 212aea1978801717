package campaign

import (
	"context"
	"sync"
	"sync/atomic"
)

// Each does n things, workers of them at a time, and calls done after each that was done, from the
// caller's own goroutine. The first error, by number, is returned; nothing new is
// begun after one, or after ctx is done.
//
// Things must not know of each other: each has a world, and a place for its result,
// of its own. That is why a scheduler may order them as it likes here, and nowhere
// else in the simulator.
func Each(ctx context.Context, n, workers int, do func(i int) error, done func(sofar int)) error {
	var (
		next   atomic.Int64
		failed atomic.Bool
		wg     sync.WaitGroup
		errs   = make([]error, n)
		ended  = make(chan struct{}, 64)
	)
	for range max(1, min(workers, n)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for ctx.Err() == nil && !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if errs[i] = do(i); errs[i] != nil {
					failed.Store(true)
					return
				}
				ended <- struct{}{}
			}
		}()
	}
	go func() {
		wg.Wait()
		close(ended)
	}()
	sofar := 0
	for range ended {
		sofar++
		if done != nil {
			done(sofar)
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
