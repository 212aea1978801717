package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// planned is a plan as JSON, in the words of the resource's stages.
type planned struct {
	Kind           string         `json:"kind"`
	Format         int            `json:"format"`
	Scenario       string         `json:"scenario"`
	ScenarioHash   string         `json:"scenario_hash"`
	Refused        *string        `json:"refused"` // why no plan can be made; null: one can
	Summary        []string       `json:"summary"`
	Warnings       []warning      `json:"warnings"`
	LongestSeconds *float64       `json:"longest_seconds"` // there and back again
	Stages         []plannedStage `json:"stages"`
}

type warning struct {
	Problem string `json:"problem"`
	Detail  string `json:"detail"`
}

type plannedStage struct {
	Name               string  `json:"name"`
	Tenants            int     `json:"tenants"`
	Instances          int     `json:"instances"`
	Share              float64 `json:"share"` // percent of the traffic
	SettleSeconds      float64 `json:"settle_seconds"`
	BakeSeconds        float64 `json:"bake_seconds"`
	Gate               string  `json:"gate"`
	OnFail             *string `json:"on_fail"` // null: there is no gate
	OnInconclusive     *string `json:"on_inconclusive"`
	Hold               bool    `json:"hold"`
	Final              bool    `json:"final"`
	EarliestEndSeconds float64 `json:"earliest_end_seconds"`
	LatestEndSeconds   float64 `json:"latest_end_seconds"`
}

func planCommand(c *console) *cobra.Command {
	var o outputs
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Print what a rollout would do, stage by stage, and play nothing",
		Long: `Compile the deployment of a scenario against its fleet and print the plan as
Terraform would show it: a summary, each stage with what it changes, how long it
takes, its gate and its way back, and every warning.

Exit codes: 0 a plan can be made, 1 none can, 2 the input is wrong.`,
		Example: `  hotswap plan examples/scenarios/guide-canary.yaml
  hotswap plan canary.yaml --json - | jq .stages`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: scenarioFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := c.read(args[0])
			if err != nil {
				return err
			}
			if err := writable(append(o.targets(), inputs(args)...)); err != nil {
				return err
			}
			return plan(cmd.Context(), c, s, &o)
		},
	}
	o.add(cmd, "the plan")
	return cmd
}

func plan(ctx context.Context, c *console, s *scenario.Scenario, o *outputs) error {
	p, err := s.Plan(ctx, s.Seed)
	var refused engine.Problems
	if err != nil && !errors.As(err, &refused) && !errors.Is(err, simulator.ErrNoFleet) {
		return err
	}
	made := check{name: "a plan can be made"}
	out := planned{Kind: "plan", Format: campaign.Format, Scenario: s.Name, ScenarioHash: s.Hash(), Summary: []string{}, Warnings: []warning{}, Stages: []plannedStage{}}
	sum := summary{name: s.Name}
	if err != nil {
		why := err.Error()
		out.Refused, made.wrong = &why, []string{why}
	} else {
		out.fill(p)
		made.remark = engine.Headline(p)
		sum.body = "```\n" + strings.TrimRight(p.String(), "\n") + "\n```\n"
	}
	sum.checks = []check{made}
	told := told{out, sum}
	if err := c.tell(o, told, func() { c.plan(out, p) }); err != nil {
		return err
	}
	if out.Refused != nil {
		return errUnexpected
	}
	return nil
}

// fill says p.
func (o *planned) fill(p *engine.Plan) {
	o.Summary = engine.SummaryLines(p)
	for _, w := range p.Warnings {
		o.Warnings = append(o.Warnings, warning(w))
	}
	longest := engine.Longest(p).Seconds()
	o.LongestSeconds = &longest
	spans := engine.Timeline(p)
	for i, s := range p.Stages {
		row := plannedStage{
			Name: s.Name, Tenants: s.Exposure.Tenants, Instances: s.Exposure.Instances, Share: s.Exposure.Share,
			SettleSeconds: s.Settle.Seconds(), BakeSeconds: s.Bake.Seconds(), Gate: s.Gate.String(), Hold: s.Hold, Final: s.Final,
			EarliestEndSeconds: spans[i].Earliest.Seconds(), LatestEndSeconds: spans[i].Latest.Seconds(),
		}
		if !s.Gate.IsZero() {
			fails, unsure := s.Gate.Leads()
			row.OnFail, row.OnInconclusive = &fails, &unsure
		}
		o.Stages = append(o.Stages, row)
	}
}

// plan prints a plan.
func (c *console) plan(o planned, p *engine.Plan) {
	if o.Refused != nil {
		c.print("%s\n%s %s\n", c.paint.bold(o.Scenario), c.paint.red("no plan can be made:"), *o.Refused)
		return
	}
	c.print("%s\n\n", c.paint.bold(o.Scenario))
	for _, line := range o.Summary {
		c.print("%s\n", line)
	}
	c.print("\n%s\n", strings.TrimRight(p.String(), "\n"))
	c.print("\n%s\n", c.paint.faint(fmt.Sprintf("scenario %s", o.ScenarioHash)))
}
