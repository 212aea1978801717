// Command hotswap tries rollouts out on simulated fleets: one with its whole
// timeline, thousands with their figures, settings against each other, and random
// worlds against the engine's promises.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
