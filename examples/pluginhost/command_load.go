package main

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/load"
)

// runLoad sends requests, and says what came of them. Requests that failed are no error: to
// find out how many do is what it is for.
func runLoad(ctx context.Context, args []string, out, errs io.Writer) error {
	var o load.Options
	f := flags("load")
	f.StringVar(&o.To, "to", "", "where to send requests, like http://127.0.0.1:8080/pay")
	f.IntVar(&o.Tenants, "tenants", 150, "how many tenants send them")
	f.Float64Var(&o.Spread, "spread", 1, "how unlike tenants are: the standard deviation of the logarithm of their shares; 0: all the same")
	f.Float64Var(&o.Rate, "rate", 100, "requests per second, of all tenants together")
	f.DurationVar(&o.For, "for", 0, "how long; 0: until it is interrupted")
	f.IntVar(&o.Most, "most", 2000, "requests that may be out at once; what is due above is not sent, and counted")
	f.DurationVar(&o.Timeout, "timeout", 10*time.Second, "how long a request may take")
	f.Uint64Var(&o.Seed, "seed", 1, "what the tenants, their requests and their amounts follow from")
	asJSON := f.Bool("json", false, "write the report as JSON")
	if more, err := parse(f, args, errs); !more {
		return err
	}
	if err := o.Check(); err != nil {
		return errUsage{err}
	}
	summary := load.NewSummary()
	if err := load.Run(ctx, o, summary.Add); err != nil {
		return err
	}
	if *asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(summary.Report())
	}
	summary.Report().Write(out)
	return nil
}
