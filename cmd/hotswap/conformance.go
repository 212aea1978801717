package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/connect"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/conformance"
)

// conformanceFlags are the flags of conformance.
type conformanceFlags struct {
	reach    reachFlags
	world    worldFlags
	versions []string
	settle   time.Duration
	run      []string
	deploy   bool
	list     bool
	outputs
}

func conformanceCommand(c *console) *cobra.Command {
	var f conformanceFlags
	cmd := &cobra.Command{
		Use:   "conformance --endpoint URL",
		Short: "Hold a fleet to the contract, clause by clause",
		Long: `Try what the contract of the fleet API says on a fleet that implements it, over HTTP,
clause by clause: what holds, what does not, with the request and the answer that show
it, and what the fleet's capabilities leave out.

It rolls a plugin back and forth: the sandbox that GET /v1 of the fleet names, which it
leaves as it was found. Another plugin has to be named, with two versions, and
--deploy-outside-sandbox says that it may be rolled back and forth.

--run takes ids of clauses, with * for any text, and tries those and what they rest on.
--list prints the clauses and asks nobody.

Exit codes: 0 all that was tried holds, 1 something does not, or the sandbox could not
be left as it was found, 2 the suite could not be run, 3 the output could not be
written, 130 interrupted.`,
		Example: `  hotswap conformance --endpoint http://127.0.0.1:8080 --token-file token
  hotswap conformance --endpoint https://fleet.example.com --run 'orders.*' --run rollouts.race
  hotswap conformance --endpoint https://fleet.example.com --junit conformance.xml --json conformance.json
  hotswap conformance --list`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(append([]error{f.patterns()}, writable(f.targets()))...); err != nil {
				return err
			}
			if f.list {
				return c.listClauses(&f)
			}
			return c.conformance(cmd.Context(), &f)
		},
	}
	f.reach.add(cmd, "fleet", "endpoint", "HOTSWAP_", "address of the fleet's API, what comes before /v1 (default: HOTSWAP_ENDPOINT)")
	f.world.add(cmd)
	flags := cmd.Flags()
	flags.StringSliceVar(&f.versions, "versions", nil, "two versions that can be installed, the one that runs there first")
	flags.DurationVar(&f.settle, "settle", 0, "how long a change takes at most (default: what the sandbox says, or 30s)")
	flags.StringArrayVar(&f.run, "run", nil, "clauses to try, by their ids, with * for any text (default: all)")
	flags.BoolVar(&f.deploy, "deploy-outside-sandbox", false, "roll a plugin back and forth that is not the sandbox")
	flags.BoolVar(&f.list, "list", false, "print the clauses, and try none")
	f.outputs.add(cmd, "what came of each clause")
	return cmd
}

// patterns says which patterns are none, or choose nothing.
func (f *conformanceFlags) patterns() error {
	var wrong []error
	for _, pattern := range f.run {
		n := 0
		for _, clause := range conformance.Clauses() {
			ok, err := path.Match(pattern, clause.ID)
			if err != nil {
				return fmt.Errorf("--run: %q is not a pattern", pattern)
			}
			if ok {
				n++
			}
		}
		if n == 0 {
			wrong = append(wrong, fmt.Errorf("--run: no clause is called %q: --list has them", pattern))
		}
	}
	return errors.Join(wrong...)
}

// chosen says whether a clause was asked for.
func (f *conformanceFlags) chosen(id string) bool {
	for _, pattern := range f.run {
		if ok, _ := path.Match(pattern, id); ok {
			return true
		}
	}
	return len(f.run) == 0
}

// settings are what the flags say.
func (f *conformanceFlags) settings() (conformance.Settings, error) {
	reach, err := f.reach.settings()
	return conformance.Settings{
		Connection: reach, Secret: tokenOf(&reach), Environment: f.world.environment, Plugin: f.world.plugin, Versions: f.versions,
		Deploy: f.deploy, Settle: f.settle, Only: f.chosen,
	}, err
}

// tokenOf is the token of a connection, for it to be masked where a fleet tells it back; ""
// where there is none that could be read.
func tokenOf(s *connect.Settings) string {
	a := s.HTTP.Authorization
	if a == nil {
		return ""
	}
	if a.Credentials != "" {
		return string(a.Credentials)
	}
	text, err := os.ReadFile(a.CredentialsFile)
	if err != nil {
		return "" // which the first request tells
	}
	return strings.TrimSpace(string(text))
}

func (c *console) conformance(ctx context.Context, f *conformanceFlags) error {
	s, err := f.settings()
	if err != nil {
		return err
	}
	view := clauseView{c: c, mute: f.aside()}
	s.Tell = view.tell
	took := stopwatch()
	report, err := conformance.Run(ctx, s)
	if report == nil {
		return err
	}
	all := conformed(report)
	if wrong := c.tell(&f.outputs, told{all, summaryOfConformance(report)}, func() { view.end(report, took()) }); wrong != nil {
		return wrong
	}
	if err == nil && !all.Holds {
		return errUnexpected
	}
	return err
}
