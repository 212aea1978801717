package provider

import (
	"context"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// Tests wait in real time only for other processes, and through the one file that
// knows how.

func pause(d time.Duration) { _ = walker.Pause(context.Background(), d) }

func after(d time.Duration) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		pause(d)
		close(done)
	}()
	return done
}

const hour = time.Hour
