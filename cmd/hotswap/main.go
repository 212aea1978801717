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
	os.Exit(run(untilSignalled(), os.Args[1:], os.Stdout, os.Stderr))
}

// untilSignalled is done at the first signal to end; the second one ends the process at once, also
// one that was started with these signals ignored, as shells do in the background.
func untilSignalled() context.Context {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		stop()
		<-signals
		os.Exit(exitStopped)
	}()
	return ctx
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
