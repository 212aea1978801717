package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/live"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/stack"
)

// runCompare rolls versions out for real and in the simulator, and writes a table of both.
func runCompare(ctx context.Context, args []string, out, errs io.Writer) error {
	o := live.Options{Options: stack.Options{Prometheus: stack.FindPrometheus()}}
	f := flags("compare")
	f.StringVar(&o.Hotswap, "hotswap", "hotswap", "the program hotswap")
	f.StringVar(&o.Catalogue, "catalogue", "", "the folder that pluginhost build wrote")
	f.IntVar(&o.Instances, "instances", 20, "how many run at the start")
	f.IntVar(&o.Tenants, "tenants", 150, "how many send requests")
	f.Float64Var(&o.Rate, "rate", 600, "requests per second, of all")
	f.StringVar(&o.Prometheus, "prometheus", o.Prometheus, "the program prometheus; empty: the manager counts")
	f.StringVar(&o.Router, "router", "own", "who routes requests: own or haproxy")
	runs := f.Int("runs", 3, "how often each rollout is played for real")
	simulated := f.Int("simulated", 400, "how often each is played in the simulator")
	only := f.String("only", "", "a part of the names of policies or versions; empty: all of the table")
	markdown := f.String("markdown", "", "a guide whose table, between two comments, is renewed; empty: it is printed")
	if more, err := parse(f, args, errs); !more {
		return err
	}
	cases := live.Matching(live.Cases(), *only)
	var problems []error
	for _, p := range []struct {
		wrong bool
		text  string
	}{
		{o.Catalogue == "", "--catalogue is missing"},
		{*runs < 1 || *runs > 1000, fmt.Sprintf("--runs %d: it is not in 1..1000", *runs)},
		{*simulated < 40 || *simulated > 100_000, fmt.Sprintf("--simulated %d: it is not in 40..100000", *simulated)},
		{len(cases) == 0, fmt.Sprintf("--only %q: no policy and no version has that", *only)},
	} {
		if p.wrong {
			problems = append(problems, errors.New(p.text))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return errUsage{err}
	}
	var err error
	if o.Host, err = os.Executable(); err != nil {
		return err
	}
	if o.State, err = os.MkdirTemp("", "hotswap-compare-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(o.State) }()
	rows, err := compareOn(ctx, o, cases, *runs, *simulated, errs)
	if *markdown != "" && err == nil { // a guide has all of it, or stays as it is
		return live.Renew(*markdown, live.Table(rows))
	}
	if len(rows) > 0 { // what was measured took long
		_, told := io.WriteString(out, live.Table(rows))
		err = errors.Join(err, told)
	}
	return err
}

// compareOn compares on a host of its own.
func compareOn(ctx context.Context, o live.Options, cases []live.Case, runs, simulated int, errs io.Writer) (rows []live.Row, err error) {
	r, err := live.Start(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	const usual = 20 * time.Second
	if err := r.Settle(ctx, usual); err != nil {
		return nil, err
	}
	return r.Compare(ctx, cases, runs, simulated, errs)
}
