package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/catalogue"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin/wasm"
)

// cacheFolder is where compiled modules are kept, in the folder of a catalogue.
const cacheFolder = "cache"

// build compiles the artefacts of a catalogue, and writes it.
func build(ctx context.Context, args []string, out, errs io.Writer) error {
	f := flags("build")
	to := f.String("out", "", "the folder of the catalogue, made where it is not there")
	source := f.String("source", ".", "the folder of the plugin host's source, or one below it")
	from := f.String("versions", "", "a file with versions as JSON, [{\"version\": \"1.5.0\", \"kind\": \"process\", \"errorRate\": 0.005}]; else those of the examples")
	if more, err := parse(f, args, errs); !more {
		return err
	}
	versions := catalogue.Examples()
	var problems []error
	if *to == "" {
		problems = append(problems, errors.New("--out is missing"))
	}
	if *from != "" {
		var err error
		if versions, err = catalogue.List(*from); err != nil {
			problems = append(problems, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return errUsage{err}
	}
	if err := catalogue.Build(ctx, *to, *source, versions); err != nil {
		return err
	}
	if err := wasm.Compile(ctx, filepath.Join(*to, cacheFolder), filepath.Join(*to, catalogue.Module)); err != nil {
		return err
	}
	for _, v := range versions {
		_, _ = fmt.Fprintf(out, "%s %s: %s\n", catalogue.Payment, v.Version, v.Kind)
	}
	return nil
}
