package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/config"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/launch"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// mostConfig is how many bytes of a configuration are read: more than it can have.
const mostConfig = 1 << 20

// readConfig reads a configuration; -: from the input.
func (c *console) readConfig(path string) (*config.Config, error) {
	in := c.in
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("--config: %w", err)
		}
		defer func() { _ = file.Close() }() // it was read only
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, mostConfig))
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	return config.Read(path, text)
}

// checkConfig says all that is wrong with a configuration and with what it names on this
// machine, or else what would be served and what is worth a second look.
func checkConfig(c *console, path string) error {
	cfg, err := c.readConfig(path)
	if err != nil {
		return err
	}
	if err := errors.Join(cfg.Here(os.Getenv), scenarios(cfg), launch.CheckNotifications(cfg)); err != nil {
		return err
	}
	c.summarize(cfg)
	c.print("checked: this configuration, and the files and variables that it names on this machine; nobody was asked: no fleet, Prometheus, store, issuer or receiver\n")
	for _, w := range cfg.Warnings(new(walker.Time).Now()) {
		c.print("warning: %s\n", w.Error())
	}
	return nil
}

// scenarios says what is wrong with the scenarios of simulated fleets that can be read.
func scenarios(cfg *config.Config) error {
	var all []error
	for _, name := range cfg.Names() {
		s := cfg.Environments[string(name)].Simulated
		if s == nil {
			continue
		}
		_, err := scenario.ReadFleet(string(s.Scenario))
		var missing *os.PathError
		if !errors.As(err, &missing) { // which cfg.Here says, with its place
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// summarize says what would be served.
func (c *console) summarize(cfg *config.Config) {
	l, scheme := cfg.Listener(), "http"
	if l.CertFile != "" {
		scheme = "https"
	}
	c.print("would serve at %s://%s, %d rollouts at a time, with the state in %s\n", scheme, l.Address, cfg.Server.Workers, engine.Visible(cfg.State))
	where := "SQLite, in the folder of the state"
	if cfg.Store.PostgreSQL != nil {
		where = "PostgreSQL"
	}
	c.print("store: %s, keeps %d rollouts of a plugin that are over\n", where, cfg.Server.KeepRollouts)
	for _, name := range cfg.Names() {
		c.print("environment %s, of the kind %s: %s\n", name, cfg.KindOf(name), servedFleet(cfg.Environments[string(name)]))
	}
	a := cfg.AccessSettings()
	for _, t := range a.Tokens {
		until := "for ever"
		if !t.Expires.IsZero() {
			until = "until " + t.Expires.UTC().Format(time.RFC3339)
		}
		c.print("token %s: %s, %s\n", engine.Visible(t.Name), access.Describe(t.Grants), until)
	}
	for _, r := range a.Certificates {
		c.print("client certificates: %s\n", access.Describe(r.Grants))
	}
	for _, i := range a.Issuers {
		for n, r := range i.Rules {
			c.print("identity tokens of %s, rule %d: %s\n", i.Name, n, access.Describe(r.Grants))
		}
	}
	if len(a.Tokens)+len(a.Certificates)+len(a.Issuers) == 0 {
		c.print("access: whoever has the token that is made at the first start, or those that are made with it\n")
	}
}

// servedFleet says which fleet an environment is.
func servedFleet(e config.Environment) string {
	if s := e.Simulated; s != nil {
		return fmt.Sprintf("the simulated fleet of %s at a time scale of %d", engine.Visible(string(s.Scenario)), s.TimeScale)
	}
	if p := e.PostgreSQL; p != nil {
		return fmt.Sprintf("%s of PostgreSQL, extensions %s", engine.Plural(len(p.Servers), "server"), engine.Visible(strings.Join(e.Plugins, ", ")))
	}
	text := "the fleet at " + e.Fleet.Endpoint
	if e.Prometheus != nil {
		text += ", counted by the Prometheus at " + e.Prometheus.Address
	}
	if e.Journal != "" {
		text += ", journals kept by the " + string(e.Journal)
	}
	return text
}
