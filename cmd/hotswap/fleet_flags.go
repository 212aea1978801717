package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/prometheus/common/config"
	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
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
	cmd.Flags().StringVar(&f.address, name, "", what)
	f.addCredentials(cmd)
}

// addCredentials adds all but the flag of the address.
func (f *reachFlags) addCredentials(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.tokenFile, "token-file", "", "file with the bearer token (default: what "+f.variables+"TOKEN_FILE names, or the token in "+f.variables+"TOKEN)")
	flags.StringVar(&f.file, "http-config", "", "YAML file with TLS, proxy, headers and other credentials, in the form of Prometheus' HTTP clients")
	flags.BoolVar(&f.allowHTTP, "allow-http", false, "take http to other machines too, where anybody on the way reads the credentials")
}

// settings are how it is reached. The error says all that is wrong with the flags.
func (f *reachFlags) settings() (connect.Settings, error) {
	variable := map[string]string{"endpoint": "ENDPOINT", "address": "ADDRESS"}[f.name]
	s, _, err := f.reach(cmp.Or(f.address, os.Getenv(f.variables+variable)), credentials{})
	return s, err
}

// credentials are those of a context, which stand in where neither flags nor the environment
// have any.
type credentials struct {
	from             string // of errors: where they were found
	tokenFile, token string
	caFile           string
	httpConfig       string
	allowHTTP        bool
	first            bool // they come before those of the environment
}

// reach is how an address is reached, and where the token comes from; "": there is none.
func (f *reachFlags) reach(address string, own credentials) (s connect.Settings, from string, err error) {
	s = connect.Settings{
		Path: f.path, AddressName: f.name, Address: address, AllowHTTP: f.allowHTTP || own.allowHTTP,
		UserAgent: "hotswap/" + version(), HTTP: config.DefaultHTTPClientConfig,
	}
	if err := f.connections(&s.HTTP, own); err != nil {
		return s, "", err
	}
	if own.caFile != "" {
		s.HTTP.TLSConfig.CAFile = own.caFile
	}
	configured := s.HTTP.Authorization != nil || s.HTTP.BasicAuth != nil || s.HTTP.OAuth2 != nil
	if configured && f.tokenFile != "" {
		return s, "", errors.New("--token-file: the file of --http-config has credentials already")
	}
	if configured {
		from = "the file of --http-config"
	} else {
		s.HTTP.Authorization, from = f.token(own)
	}
	if ps := s.Check(); len(ps) > 0 {
		return s, from, ps
	}
	return s, from, nil
}

// connections reads the file of --http-config, or that of a context.
func (f *reachFlags) connections(to *config.HTTPClientConfig, own credentials) error {
	file, from := f.file, "--http-config"
	if file == "" {
		file, from = own.httpConfig, own.from+": http_config"
	}
	if file == "" {
		to.ProxyFromEnvironment = true
		return nil
	}
	read, _, err := config.LoadHTTPConfigFile(file)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	*to = *read
	return nil
}

// token is the first token there is, and where it comes from: flags come before the
// environment, and that before a context, unless that was named by a flag.
func (f *reachFlags) token(own credentials) (*config.Authorization, string) {
	type source struct{ from, file, token string }
	sources := []source{
		{"--token-file", f.tokenFile, ""},
		{f.variables + "TOKEN_FILE", os.Getenv(f.variables + "TOKEN_FILE"), ""},
		{f.variables + "TOKEN", "", os.Getenv(f.variables + "TOKEN")},
	}
	kept := source{own.from, own.tokenFile, own.token}
	if own.first {
		sources = slices.Insert(sources, 1, kept)
	} else {
		sources = append(sources, kept)
	}
	for _, s := range sources {
		switch {
		case s.file != "":
			return &config.Authorization{CredentialsFile: s.file}, s.from + " (" + s.file + ")"
		case s.token != "":
			return &config.Authorization{Credentials: config.Secret(s.token)}, s.from
		}
	}
	return nil, ""
}

// worldFlags say which plugin in which environment.
type worldFlags struct{ environment, plugin string }

func (f *worldFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.environment, "environment", "", "environment of the plugin")
	cmd.Flags().StringVar(&f.plugin, "plugin", "", "id of the plugin")
}
