package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/demo"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/stack"
)

// runDemo puts everything on this machine, with a page.
func runDemo(ctx context.Context, args []string, out, errs io.Writer) error {
	o := demo.Options{Out: out, Prometheus: stack.FindPrometheus()}
	f := flags("demo")
	f.StringVar(&o.Hotswap, "hotswap", "hotswap", "the program hotswap")
	f.StringVar(&o.Catalogue, "catalogue", "", "the folder that pluginhost build wrote")
	f.StringVar(&o.State, "state", "", "a folder for everything that is written, which is removed at the end")
	f.IntVar(&o.Port, "port", 8900, "of the page, on 127.0.0.1; 0: any that is free")
	f.IntVar(&o.Instances, "instances", 20, "how many run at the start")
	f.IntVar(&o.Tenants, "tenants", 150, "how many send requests")
	f.Float64Var(&o.Rate, "rate", 600, "requests per second, of all")
	f.StringVar(&o.Prometheus, "prometheus", o.Prometheus, "the program prometheus; empty: the manager counts")
	f.BoolVar(&o.Script, "script", false, "play a story without a person, and exit with 0 when all went as told")
	f.BoolVar(&o.Keep, "keep", false, "leave the folder of --state, to look at logs")
	if more, err := parse(f, args, errs); !more {
		return err
	}
	var err error
	if o.Host, err = os.Executable(); err != nil {
		return err
	}
	if err := o.Check(); err != nil {
		return errUsage{err}
	}
	// Who asks twice still has to wait: processes would be left that outlive this one.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM)
	return demo.Run(ctx, o)
}
