package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
)

// campaignFlags are the flags of all commands that play many runs.
type campaignFlags struct {
	seed     int64
	runs     int
	parallel int
	outputs
}

// defaults are what the flags of a command are without the user's word, and what they
// mean there.
type defaults struct {
	seed                  int64
	runs                  int
	seedOf, runsOf, units string
	figures               string
}

func (f *campaignFlags) add(cmd *cobra.Command, d defaults) {
	flags := cmd.Flags()
	flags.Int64Var(&f.seed, "seed", d.seed, d.seedOf)
	flags.IntVar(&f.runs, "runs", d.runs, d.runsOf)
	flags.IntVar(&f.parallel, "parallel", 0, d.units+" that are under way at once (default: one for each processor)")
	f.outputs.add(cmd, d.figures)
}

// playable says what stands against playing: a number of runs that is not in 1..most,
// unless most is 0, and targets that cannot be written to when all is done.
func (f *campaignFlags) playable(most int, targets ...target) error {
	var wrong []error
	if most > 0 && (f.runs < 1 || f.runs > most) {
		wrong = append(wrong, fmt.Errorf("--runs: %d is not in 1..%d", f.runs, most))
	}
	if f.parallel < 0 {
		wrong = append(wrong, fmt.Errorf("--parallel: %d is below 0, which is one for each processor", f.parallel))
	}
	return errors.Join(append(wrong, writable(append(f.targets(), targets...)))...)
}

// writable says which targets cannot be written to.
func writable(targets []target) error {
	wrong := clashes(targets)
	for _, t := range targets {
		if err := t.writable(); err != nil {
			wrong = append(wrong, fmt.Errorf("--%s: %w", t.name(), err))
		}
	}
	return errors.Join(wrong...)
}

func (f *campaignFlags) options(progress func(done, of int)) campaign.Options {
	return campaign.Options{Runs: f.runs, Seed: f.seed, Workers: f.parallel, Progress: progress}
}
