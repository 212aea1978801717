// Package instance is a process of a plugin host: it holds versions of a plugin side by
// side, serves requests by them, and tells what it is and what it counted.
package instance

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/catalogue"
	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/plugin/wasm"
)

// Options are what an instance is started with.
type Options struct {
	ID          string
	Slot        string // "" where the fleet has none
	Environment string // Development, QA, Staging or Production
	Plugin      string
	Catalogue   string // a folder
	Token       string // that whoever asks below /admin/ has to have
	Listen      string // host:port on loopback; port 0 is any
	Default     string // "": none
	Hold        []string
	Timeout     time.Duration // of a request, above 0
	Grace       time.Duration // that requests have to end when the instance is stopped
	CPULimit    float64       // cores, above 0
	MemoryLimit int64         // bytes, above 0
	Cache       string        // a folder for compiled modules; "": none is kept
	Modules     *wasm.Engine  // that runs modules, where the process has others beside; nil: one of its own
	Log         *slog.Logger
}

var (
	environments = []string{"Development", "QA", "Staging", "Production"}
	identifier   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)
)

// check is everything that is wrong, and the versions that are to be held.
func (o *Options) check() ([]catalogue.Version, error) {
	problems := o.problems()
	if err := onLoopback(o.Listen); err != nil {
		problems = append(problems, err)
	}
	if o.Default != "" && !slices.Contains(o.Hold, o.Default) {
		problems = append(problems, fmt.Errorf("--default %s: it is none of those to hold, %v", o.Default, o.Hold))
	}
	var versions []catalogue.Version
	for _, v := range o.Hold {
		found, err := catalogue.Find(o.Catalogue, o.Plugin, v)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		versions = append(versions, found)
	}
	return versions, errors.Join(problems...)
}

// problems are those with what can be told of an option alone.
func (o *Options) problems() []error {
	var problems []error
	for _, p := range []struct {
		wrong bool
		text  string
	}{
		{!identifier.MatchString(o.ID), fmt.Sprintf("--id %q: it wants to be 1 to 128 letters, digits, dots, dashes and underscores", o.ID)},
		{o.Slot != "" && !identifier.MatchString(o.Slot), fmt.Sprintf("--slot %q: it wants to be like an id", o.Slot)},
		{!slices.Contains(environments, o.Environment), fmt.Sprintf("--environment %q: it is none of %v", o.Environment, environments)},
		{o.Token == "", "the token is empty"},
		{o.Timeout <= 0, fmt.Sprintf("--timeout %v: it wants to be above 0", o.Timeout)},
		{o.Grace < 0, fmt.Sprintf("--grace %v: it wants to be 0 or more", o.Grace)},
		{!(o.CPULimit > 0), fmt.Sprintf("--cpu-limit %v: it wants to be above 0 cores", o.CPULimit)},
		{o.MemoryLimit <= 0, fmt.Sprintf("--memory-limit %d: it wants to be above 0 bytes", o.MemoryLimit)},
	} {
		if p.wrong {
			problems = append(problems, errors.New(p.text))
		}
	}
	return problems
}

// Check is everything that is wrong with the options; New says the same.
func (o *Options) Check() error {
	_, err := o.check()
	return err
}

// onLoopback is an error where an address could be reached from elsewhere.
func onLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--listen %q: %w", address, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("--listen %s: it wants to be an address of loopback, like 127.0.0.1:0", address)
	}
	return nil
}
