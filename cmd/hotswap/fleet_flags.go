package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"

	"github.com/prometheus/common/config"
	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// reachFlags say how another one is reached over HTTP. Every command that does so has them.
type reachFlags struct {
	path      string // of errors: what is reached
	name      string // of the flag of its address
	variables string // environment variables that stand in begin so
	address   string
	tokenFile string
	file      string
	allowHTTP bool
}

func (f *reachFlags) add(cmd *cobra.Command, path, name, variables, what string) {
	f.path, f.name, f.variables = path, name, variables
	flags := cmd.Flags()
	flags.StringVar(&f.address, name, "", what)
	flags.StringVar(&f.tokenFile, "token-file", "", "file with the bearer token (default: what "+variables+"TOKEN_FILE names, or the token in "+variables+"TOKEN)")
	flags.StringVar(&f.file, "http-config", "", "YAML file with TLS, proxy, headers and other credentials, in the form of Prometheus' HTTP clients")
	flags.BoolVar(&f.allowHTTP, "allow-http", false, "take http to other machines too, where anybody on the way reads the credentials")
}

// settings are how it is reached. The error says all that is wrong with the flags.
func (f *reachFlags) settings() (connect.Settings, error) {
	variable := map[string]string{"endpoint": "ENDPOINT", "address": "ADDRESS"}[f.name]
	s := connect.Settings{
		Path: f.path, AddressName: f.name, Address: cmp.Or(f.address, os.Getenv(f.variables+variable)), AllowHTTP: f.allowHTTP,
		UserAgent: "hotswap/" + version(), HTTP: config.DefaultHTTPClientConfig,
	}
	if f.file != "" {
		read, _, err := config.LoadHTTPConfigFile(f.file)
		if err != nil {
			return s, fmt.Errorf("--http-config: %w", err)
		}
		s.HTTP = *read
	} else {
		s.HTTP.ProxyFromEnvironment = true
	}
	token, file := os.Getenv(f.variables+"TOKEN"), cmp.Or(f.tokenFile, os.Getenv(f.variables+"TOKEN_FILE"))
	switch own := s.HTTP.Authorization != nil || s.HTTP.BasicAuth != nil || s.HTTP.OAuth2 != nil; {
	case own && f.tokenFile != "":
		return s, errors.New("--token-file: the file of --http-config has credentials already")
	case own:
	case file != "":
		s.HTTP.Authorization = &config.Authorization{CredentialsFile: file}
	case token != "":
		s.HTTP.Authorization = &config.Authorization{Credentials: config.Secret(token)}
	}
	if ps := s.Check(); len(ps) > 0 {
		return s, ps
	}
	return s, nil
}

// worldFlags say which plugin in which environment.
type worldFlags struct{ environment, plugin string }

func (f *worldFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.environment, "environment", "", "environment of the plugin")
	cmd.Flags().StringVar(&f.plugin, "plugin", "", "id of the plugin")
}

func (f *worldFlags) check() error {
	if ps := engine.CheckAddress(engine.Environment(f.environment), f.plugin); len(ps) > 0 {
		return ps
	}
	return nil
}
