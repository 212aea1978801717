package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

func rolloutPlanCommand(c *console) *cobra.Command {
	var (
		where  whereFlags
		what   deploymentFlags
		inJSON bool
	)
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Print what a rollout would do that began now",
		Long: `Compiles a deployment against the fleet as it is now, and prints the plan: its
stages, whom each reaches, how long they take, their gates, and every warning. The
outline is what rollout start --expect takes. Nothing is written.

FILE is a deployment in the words of the strategies guide (pluginId, environment,
version, strategy, canaryConfig ...), as JSON or YAML.` + exitsHelp(exitFine, exitUnexpected, exitInput, exitUnwritten, exitStopped),
		Example: `  hotswap rollout plan stripe.yaml
  hotswap rollout plan stripe.yaml --version 1.7.0 --json
  hotswap rollout plan --restores stripe-production-7`,
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: deploymentFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := what.read(c, args, &where.world)
			if err != nil {
				return noPlan(err)
			}
			return where.run(cmd.Context(), func(ctx context.Context, p site) error {
				if err := a.settle(ctx, p); err != nil {
					return err
				}
				plan, err := p.Plan(ctx, a)
				if err != nil {
					return noPlan(refused(err))
				}
				if inJSON {
					return c.json(plan)
				}
				c.showPlan(plan)
				return nil
			})
		},
	}
	where.add(cmd)
	what.add(cmd)
	cmd.Flags().BoolVar(&inJSON, "json", false, "print the plan as JSON")
	mustComplete(cmd, "restores", completeRollouts(&where))
	return cmd
}

// read is what flags and file ask for.
func (f *deploymentFlags) read(c *console, args []string, w *worldFlags) (*asked, error) {
	spec, err := f.spec(c, args)
	if err != nil {
		return nil, err
	}
	return f.asked(spec, w)
}

// noPlan is the end of a command that only asked for a plan: a refusal says that there is none.
func noPlan(err error) error {
	if e, ok := coded(err); ok && e.code == exitRefused {
		return &codedError{exitUnexpected, fmt.Errorf("no plan can be made: %w", e.err)}
	}
	return err
}

// json prints a value, also where nobody wants to read anything else.
func (c *console) json(v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	if _, err = c.out.Write(append(text, '\n')); err != nil {
		return unwritten{err}
	}
	return nil
}

// showPlan prints a plan.
func (c *console) showPlan(p *contract.Plan) {
	c.print("%s\n%s\n", c.paint.bold(shown(p.Rollout)), shown(p.Headline))
	for _, w := range p.Warnings {
		c.warn(engine.Warning(w))
	}
	if len(p.Stages) == 0 {
		return
	}
	c.print("\n")
	c.table(stageRows(p.Stages, 0))
	c.gates(p.Stages)
	c.print("\n")
	c.row("at most", "%s, with every extension and the way back", engine.Spoken(time.Duration(p.Longest)))
	c.row("outline", "%s", p.Outline)
}

// stageRows are a table of stages, the present one marked; 0: none is.
func stageRows(stages []contract.Stage, present int) [][]string {
	rows := [][]string{{"", "#", "STAGE", "TENANTS", "INSTANCES", "TRAFFIC", "SETTLE", "BAKE", "GATE", "ON FAIL", "THEN", "DONE AFTER"}}
	gates := gatesOf(stages)
	for i := range stages {
		s := &stages[i]
		mark, gate, then := "", "-", "-"
		if i+1 == present {
			mark = ">"
		}
		if n := gates.number(s.Gate); n > 0 {
			gate = "gate " + strconv.Itoa(n)
		}
		switch {
		case s.Final:
			then = "no way back"
		case s.Hold:
			then = "hold"
		}
		rows = append(rows, []string{
			mark, strconv.Itoa(i + 1), s.Name, strconv.Itoa(s.Tenants), strconv.Itoa(s.Instances), engine.Significant(s.Share) + " %",
			length(s.Settle), length(s.Bake), gate, orDash(s.OnFail), then, between(s.EarliestEnd, s.LatestEnd),
		})
	}
	return rows
}

// gateList are gates, each once: each stage has its own part of the odds, and nothing else differs.
type gateList []string

// odds are the part of a gate's text that is each stage's own.
var odds = regexp.MustCompile(` \(alpha [^)]*\)`)

func gatesOf(stages []contract.Stage) (all gateList) {
	for i := range stages {
		if g := odds.ReplaceAllString(stages[i].Gate, ""); g != "-" && g != "" && all.number(g) == 0 {
			all = append(all, g)
		}
	}
	return all
}

// number is that of a gate, from 1; 0: it is none.
func (l gateList) number(gate string) int {
	gate = odds.ReplaceAllString(gate, "")
	for i, g := range l {
		if g == gate {
			return i + 1
		}
	}
	return 0
}

// gates prints what the gates of stages are.
func (c *console) gates(stages []contract.Stage) {
	for i, g := range gatesOf(stages) {
		c.print("gate %d: %s\n", i+1, shown(g))
	}
}

func length(d engine.Duration) string {
	if d == 0 {
		return "-"
	}
	return engine.Spoken(time.Duration(d))
}

func between(earliest, latest engine.Duration) string {
	if earliest == latest {
		return engine.Spoken(time.Duration(latest))
	}
	return engine.Spoken(time.Duration(earliest)) + " to " + engine.Spoken(time.Duration(latest))
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
