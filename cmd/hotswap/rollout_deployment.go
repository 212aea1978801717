package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/yamlfile"
)

// deploymentForm is that of a deployment in a file, in the words of the strategies guide. JSON
// is YAML too.
var deploymentForm = yamlfile.Form{
	What: "deployment", Members: yamlfile.TaggedJSON,
	Stranger: "is not a deployment: it has none of the keys that one begins with (pluginId, environment, version, strategy)",
}

// deploymentFlags say what to roll out.
type deploymentFlags struct {
	version  string
	restores string
}

func (f *deploymentFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.version, "version", "", "version to roll out, whatever the file says")
	cmd.Flags().StringVar(&f.restores, "restores", "", "rollout whose effect is taken back, instead of a FILE: each target goes to what it ran before")
}

// spec is the deployment of a file; nil: a rollout is restored instead.
func (f *deploymentFlags) spec(c *console, args []string) (*engine.Spec, error) {
	switch {
	case (len(args) == 1) == (f.restores != ""):
		return nil, errors.New("exactly one of FILE and --restores says what to roll out")
	case f.restores != "" && f.version != "":
		return nil, errors.New("--version: a way back goes to the versions of before")
	case f.restores != "":
		return nil, nil
	}
	data, err := c.readAll(args[0])
	if err != nil {
		return nil, err
	}
	var s engine.Spec
	if _, ps := deploymentForm.Read(args[0], yamlfile.Unmarked(data), &s); len(ps) > 0 {
		return nil, ps.Sorted()
	}
	if f.version != "" {
		s.Version = f.version
	}
	return &s, nil
}

// readAll reads a file, or for - the standard input, and no more than a deployment can have.
func (c *console) readAll(file string) ([]byte, error) {
	from, name := c.in, "the standard input"
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		from, name = f, file
	}
	data, err := io.ReadAll(io.LimitReader(from, yamlfile.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

// asked is what is asked for. Where the flags name an environment and a plugin, the file has to
// mean the same.
func (f *deploymentFlags) asked(spec *engine.Spec, w *worldFlags) (*asked, error) {
	a := &asked{spec: spec, Ask: contract.Ask{Restores: f.restores}}
	if spec == nil {
		return a, nil
	}
	for _, one := range []struct {
		flag  string
		given *string
		file  string
	}{{"environment", &w.environment, string(spec.Environment)}, {"plugin", &w.plugin, spec.PluginID}} {
		if *one.given != "" && *one.given != one.file {
			return nil, fmt.Errorf("--%s: %q is not that of the file, %q", one.flag, *one.given, one.file)
		}
		*one.given = one.file
	}
	if ps := spec.Validate(); len(ps) > 0 {
		return nil, &codedError{exitRefused, ps}
	}
	text, err := json.Marshal(spec)
	a.Deployment, a.environment, a.plugin = text, w.environment, w.plugin
	return a, err
}

// settle finds out where a rollout was that is to be restored.
func (a *asked) settle(ctx context.Context, p site) error {
	if a.Restores == "" {
		return nil
	}
	d, err := p.Show(ctx, a.Restores, false)
	if err != nil {
		return err
	}
	a.environment, a.plugin = d.Environment, d.Plugin
	return nil
}
