package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// cellFlags say which cells a proof plays.
type cellFlags struct {
	cell       string
	strategies []string
}

func (f *cellFlags) add(cmd *cobra.Command, cell, strategy string) {
	cmd.Flags().StringVar(&f.cell, "cell", "", cell)
	cmd.Flags().StringSliceVar(&f.strategies, "strategy", nil, strategy)
}

// among are the strategies that were asked for.
func (f *cellFlags) among() []engine.Strategy {
	var all []engine.Strategy
	for _, s := range f.strategies {
		all = append(all, engine.Strategy(s))
	}
	return all
}

// check says what is wrong with f; named says that the cell is a hard one, by its name.
func (f *cellFlags) check(named bool) error {
	var wrong []error
	for _, s := range f.among() {
		if !slices.Contains(engine.Strategies(), s) {
			wrong = append(wrong, fmt.Errorf("--strategy: %q is not one of %v", s, engine.Strategies()))
		}
	}
	if named && len(wrong) == 0 && len(f.hard(false)) == 0 {
		var names []string
		for _, c := range campaign.HardCases() {
			names = append(names, c.Name)
		}
		wrong = append(wrong, fmt.Errorf("--cell: there is no hard cell %q with these strategies: they are %v", f.cell, names))
	}
	return errors.Join(wrong...)
}

// hard are the hard cells that are asked for, or those of identical versions alone.
func (f *cellFlags) hard(identical bool) []campaign.Case {
	return slices.DeleteFunc(campaign.HardCases(), func(c campaign.Case) bool {
		return identical && !c.Identical() || f.cell != "" && c.Name != f.cell || len(f.strategies) > 0 && !slices.Contains(f.among(), c.Strategy)
	})
}
