package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/instance"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/serving"
)

// runInstance runs an instance until it is told to stop.
func runInstance(ctx context.Context, args []string, out, errs io.Writer) error {
	o := instance.Options{Log: slog.New(slog.NewTextHandler(errs, nil))}
	f := flags("instance")
	f.StringVar(&o.ID, "id", "", "what the fleet calls the instance, like instance-01")
	f.StringVar(&o.Slot, "slot", "", "blue or green; none where the fleet has no slots")
	f.StringVar(&o.Environment, "environment", "Development", "Development, QA, Staging or Production")
	f.StringVar(&o.Plugin, "plugin", "payment", "the plugin whose versions it holds")
	f.StringVar(&o.Catalogue, "catalogue", "", "the folder of the versions, as `pluginhost build` makes it")
	f.StringVar(&o.Listen, "listen", "127.0.0.1:0", "where to listen, on loopback; port 0 is any")
	f.StringVar(&o.Default, "default", "", "the version of requests that name none, one of those to hold")
	f.StringVar(&o.Cache, "cache", "", "a folder for compiled modules; by default that of the catalogue")
	f.DurationVar(&o.Timeout, "timeout", 2*time.Second, "how long a request may take before it is given up")
	f.DurationVar(&o.Grace, "grace", 10*time.Second, "how long requests may take to end when the instance is stopped")
	f.Float64Var(&o.CPULimit, "cpu-limit", 1, "the limit of which hotswap_plugin_cpu_usage_ratio tells, in cores")
	memory := f.String("memory-limit", "256Mi", "the limit of which hotswap_plugin_memory_usage_ratio tells, in bytes or with Ki, Mi, Gi")
	hold := f.String("hold", "", "the versions to begin with, with commas between them")
	tokenFile := f.String("token-file", "", "a file with the token that whoever asks below /admin/ has to have")
	addressFile := f.String("address-file", "", "a file to write the address to, once it listens")
	if more, err := parse(f, args, errs); !more {
		return err
	}
	var err, bad error
	if o.Token, err = serving.Token(*tokenFile); err != nil {
		bad, o.Token = err, "none" // said already
	}
	if o.MemoryLimit, err = size(*memory); err != nil {
		bad, o.MemoryLimit = errors.Join(bad, fmt.Errorf("--memory-limit: %w", err)), 1
	}
	if o.Catalogue == "" {
		bad = errors.Join(bad, errors.New("--catalogue is missing"))
	} else if o.Cache == "" {
		o.Cache = filepath.Join(o.Catalogue, cacheFolder)
	}
	o.Hold = list(*hold)
	if bad != nil {
		return errUsage{errors.Join(bad, o.Check())}
	}
	if err := o.Check(); err != nil {
		return errUsage{err}
	}
	i, err := instance.New(o)
	if err != nil {
		return err
	}
	if *addressFile != "" {
		if err := writeAddress(*addressFile, i.Address()); err != nil {
			return errors.Join(err, stopAtOnce(i))
		}
	}
	_, _ = fmt.Fprintln(out, i.Address())
	return i.Run(ctx)
}

// writeAddress writes a file in one step: whoever waits for it never sees half of it.
func writeAddress(path, address string) error {
	part := path + ".part"
	if err := os.WriteFile(part, []byte(address+"\n"), 0o644); err != nil {
		return err
	}
	return os.Rename(part, path)
}

// stopAtOnce ends what an instance has begun.
func stopAtOnce(i *instance.Instance) error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return i.Run(ctx)
}

var sizes = regexp.MustCompile(`^([1-9][0-9]{0,11})(Ki|Mi|Gi|)$`)

// size reads a number of bytes.
func size(text string) (int64, error) {
	m := sizes.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q wants to be a number of bytes, like 256Mi", text)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	return n << map[string]int{"": 0, "Ki": 10, "Mi": 20, "Gi": 30}[m[2]], err
}
