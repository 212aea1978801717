// Command hotswap tries rollouts out on simulated fleets: one with its whole
// timeline, thousands with their figures, settings against each other, and random
// worlds against the engine's promises.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	collectSeldom()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // what comes after the first signal ends the process at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// collectSeldom lets garbage lie longer, unless the environment says how long: most
// worlds are small and soon gone, and a campaign takes a tenth less time like that. The
// limit keeps worlds with millions of tenants from paying for it with memory.
func collectSeldom() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(4 << 30)
	}
}
