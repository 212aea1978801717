package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// cellFlags say which cells a proof plays.
type cellFlags struct {
	cell       string
	strategies []string
	untested   bool // A/B tests are left out
}

func (f *cellFlags) add(cmd *cobra.Command, cell, strategy string) {
	cmd.Flags().StringVar(&f.cell, "cell", "", cell)
	cmd.Flags().StringSliceVar(&f.strategies, "strategy", nil, strategy)
}

// strategyOf is the strategy of a name, as the resource or the guides write it: BlueGreen,
// blue-green, "A/B testing", a/b. What is none is returned as it is.
func strategyOf(name string) engine.Strategy {
	plain := func(s string) string {
		return strings.NewReplacer("-", "", "_", "", "/", "", " ", "").Replace(strings.ToLower(s))
	}
	for _, s := range engine.Strategies() {
		if plain(name) == plain(string(s)) || s == engine.ABTesting && slices.Contains([]string{"ab", "abtest", "abtests"}, plain(name)) {
			return s
		}
	}
	return engine.Strategy(name)
}

// among are the strategies that were asked for.
func (f *cellFlags) among() []engine.Strategy {
	var all []engine.Strategy
	for _, s := range f.strategies {
		all = append(all, strategyOf(s))
	}
	return all
}

// check says what is wrong with f; named says that the cell is a hard one, by its name, and
// identical that only those of identical versions are played.
func (f *cellFlags) check(named, identical bool) error {
	var wrong []error
	for _, s := range f.among() {
		if !slices.Contains(engine.Strategies(), s) {
			wrong = append(wrong, fmt.Errorf("--strategy: %q is not one of %s", s, listed(engine.Strategies())))
		}
	}
	if named && len(wrong) == 0 && len(f.hard(identical)) == 0 {
		wrong = append(wrong, f.none(identical))
	}
	return errors.Join(wrong...)
}

// none says that there is no such cell, and which ones there are.
func (f *cellFlags) none(identical bool) error {
	of := ""
	if identical {
		of += " of identical versions"
	}
	if len(f.strategies) > 0 {
		of += " with the strategy " + listed(f.among())
	}
	others := *f
	others.cell = ""
	all := others.hard(identical)
	if len(all) == 0 { // A/B tests, where they are left out
		return fmt.Errorf("--strategy: no hard cell%s is played here: tenants decide those, and not minutes", of)
	}
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.Name
	}
	text := wrapped(strings.Join(names, ", "), "    ", 80, plain)
	return fmt.Errorf("--cell: there is no hard cell %q%s: they are\n%s", f.cell, of, strings.TrimRight(text, "\n"))
}

// listed are names with commas between.
func listed(all []engine.Strategy) string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}

// hard are the hard cells that are asked for, or those of identical versions alone.
func (f *cellFlags) hard(identical bool) []campaign.Case {
	return slices.DeleteFunc(campaign.HardCases(), func(c campaign.Case) bool {
		return identical && !c.Identical() || f.cell != "" && c.Name != f.cell || f.untested && c.Strategy == engine.ABTesting ||
			len(f.strategies) > 0 && !slices.Contains(f.among(), c.Strategy)
	})
}
