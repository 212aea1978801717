package main

import (
	"context"
	"io"
	"log/slog"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/catalogue"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/manager"
)

// runManager manages a fleet until it is told to stop.
func runManager(ctx context.Context, args []string, out, errs io.Writer) error {
	o := manager.Options{
		Say: says(out), Log: slog.New(slog.NewTextHandler(errs, nil)),
		Check: func(folder, plugin, version string) error {
			_, err := catalogue.Find(folder, plugin, version)
			return err
		},
	}
	f := flags("manager")
	f.StringVar(&o.Listen, "listen", "127.0.0.1:8800", "where the fleet's API is served, on loopback; port 0 is any")
	f.StringVar(&o.RouterListen, "router-listen", "127.0.0.1:0", "where requests go to, on loopback; the port of the first start is kept")
	f.StringVar(&o.State, "state", "", "the folder of all that outlives the manager")
	f.StringVar(&o.Catalogue, "catalogue", "", "the folder of the versions, as `pluginhost build` makes it")
	f.StringVar(&o.Environment, "environment", "Staging", "Development, QA, Staging or Production")
	f.StringVar(&o.Plugin, "plugin", "payment", "the plugin whose versions are rolled out")
	f.StringVar(&o.Version, "version", "1.5.0", "the version that a new fleet begins with")
	f.IntVar(&o.Instances, "instances", 20, "how many instances a new fleet begins with")
	f.IntVar(&o.Tenants, "tenants", 150, "how many tenants a new fleet has")
	f.IntVar(&o.Spare, "spare", 20, "for how many instances beside them there is room")
	f.StringVar(&o.TokenFile, "token-file", "", "a file with the token of the host")
	f.StringVar(&o.Router, "router", "own", "who routes requests: own or haproxy")
	f.StringVar(&o.Metrics, "metrics", "own", "who counts: own, or none where a Prometheus does")
	f.BoolVar(&o.Sandbox, "sandbox", true, "have a sandbox of three instances beside the fleet, for hotswap conformance")
	f.BoolVar(&o.StopAll, "stop-all", false, "end instances and routers with the manager, and do not leave them to the next one")
	if more, err := parse(f, args, errs); !more {
		return err
	}
	return asUsage(manager.Run(ctx, o))
}

// runStop ends a manager and all that it started.
func runStop(ctx context.Context, args []string, out, errs io.Writer) error {
	f := flags("stop")
	state := f.String("state", "", "the folder of the manager")
	if more, err := parse(f, args, errs); !more {
		return err
	}
	n, err := manager.Stop(ctx, *state)
	if err != nil {
		return asUsage(err)
	}
	says(out)("stopped %d processes", n)
	return nil
}
