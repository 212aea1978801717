// Command pluginhost is a small, real host of plugins: see README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// command is what the program can do.
type command struct {
	name, does string
	run        func(ctx context.Context, args []string, out, errs io.Writer) error
}

// commands are all of them, as they are listed.
var commands = []command{
	{"build", "compile the payment plugin and write a catalogue of its versions", build},
	{"compare", "roll versions out for real and in the simulator, and write a table of both", runCompare},
	{"demo", "put everything on this machine, with a page on which it can be broken", runDemo},
	{"instance", "run plugins and serve requests by them", runInstance},
	{"router", "keep tenants where they are, and send what they ask to instances", runRouter},
	{"manager", "manage a fleet of instances by the fleet's API", runManager},
	{"stop", "end a manager and all that it started", runStop},
	{"wait", "send payments until one is answered", runWait},
	{"load", "send requests like many tenants do, and say what came of them", runLoad},
}

// errUsage is a problem with what was asked for: nothing was done.
type errUsage struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // who asks twice does not want to wait
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run exits with 1 where something failed, and with 2 where the input is wrong.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	name := ""
	if len(args) > 0 {
		name = args[0]
	}
	for _, c := range commands {
		if c.name == name {
			return exit(name, c.run(ctx, args[1:], out, errs), errs)
		}
	}
	asked := slices.Contains([]string{"help", "--help", "-h"}, name)
	if name != "" && !asked {
		_, _ = fmt.Fprintf(errs, "pluginhost: there is no command %q\n", name)
	}
	_, _ = fmt.Fprintln(errs, "usage: pluginhost COMMAND [flags]; each takes --help")
	for _, c := range commands {
		_, _ = fmt.Fprintf(errs, "  %-10s %s\n", c.name, c.does)
	}
	if asked {
		return 0
	}
	return 2
}

// exit says what went wrong, and is the code to exit with.
func exit(name string, err error, errs io.Writer) int {
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintf(errs, "pluginhost %s: %v\n", name, err)
	if usage := (errUsage{}); errors.As(err, &usage) {
		return 2
	}
	return 1
}
