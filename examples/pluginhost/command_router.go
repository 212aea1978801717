package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/router"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/serving"
)

// runRouter routes until it is told to stop.
func runRouter(ctx context.Context, args []string, out, errs io.Writer) error {
	o := router.Options{Say: says(out)}
	f := flags("router")
	f.StringVar(&o.Listen, "listen", "127.0.0.1:0", "where to listen, on loopback; port 0 is any")
	f.StringVar(&o.TokenFile, "token-file", "", "a file with the token that whoever asks below /admin/ has to have")
	f.StringVar(&o.State, "state", "", "the folder in which its table is kept")
	f.StringVar(&o.AddressFile, "address-file", "", "a file to write the address to, once it listens")
	if more, err := parse(f, args, errs); !more {
		return err
	}
	return asUsage(router.Run(ctx, o))
}

// says prints lines for people.
func says(out io.Writer) func(string, ...any) {
	return func(format string, args ...any) {
		_, _ = fmt.Fprintf(out, format+"\n", args...) // whoever does not read it does not want it
	}
}

// asUsage is err, as a problem with what was asked for where it is one.
func asUsage(err error) error {
	var input *serving.Input
	if errors.As(err, &input) {
		return errUsage{err}
	}
	return err
}
