package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// validated is what is wrong with files, as JSON.
type validated struct {
	Kind   string          `json:"kind"`
	Format int             `json:"format"`
	Valid  bool            `json:"valid"`
	Files  []validatedFile `json:"files"`
}

type validatedFile struct {
	File     string    `json:"file"`
	Valid    bool      `json:"valid"`
	Problems []problem `json:"problems"`
}

// problem is a thing that is wrong. Line and column are from 1; 0: not known.
type problem struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Path    string `json:"path"`
	Message string `json:"message"`
}

func validateCommand(c *console) *cobra.Command {
	var o outputs
	cmd := &cobra.Command{
		Use:   "validate FILE...",
		Short: "Say everything that is wrong with scenarios, and play nothing",
		Long: `Read scenario files and say everything that is wrong with them, each problem with
its file, line and column. Names that match nothing are wrong, too: versions that are
neither installed nor rolled out, instances and tenants that there are not.

Exit codes: 0 nothing is wrong, 2 something is.`,
		Example: `  hotswap validate examples/scenarios/*.yaml
  hotswap validate - < canary.yaml
  hotswap validate *.yaml --junit problems.xml`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: scenarioFiles,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := writable(append(o.targets(), inputs(args)...)); err != nil {
				return err
			}
			all, sum := c.validate(args)
			err := c.tell(&o, told{all, sum}, func() {
				for _, f := range all.Files {
					if f.Valid {
						c.print("%s: %s\n", engine.Visible(f.File), c.paint.green("ok"))
					}
				}
			})
			if err != nil || all.Valid {
				return err
			}
			return errors.New(joined(sum))
		},
	}
	o.add(cmd, "what is wrong")
	return cmd
}

// validate reads files.
func (c *console) validate(files []string) (validated, summary) {
	all, sum := validated{Kind: "validate", Format: campaign.Format, Valid: true}, summary{name: "hotswap validate"}
	for _, file := range files {
		f := validatedFile{File: file, Valid: true, Problems: []problem{}}
		x := check{name: file, remark: "nothing is wrong"}
		if _, err := c.read(file); err != nil {
			f.Valid, all.Valid = false, false
			var ps scenario.Problems
			if !errors.As(err, &ps) {
				ps = scenario.Problems{{File: file, Message: err.Error()}}
				x.wrong = append(x.wrong, err.Error())
			}
			for _, p := range ps {
				f.Problems = append(f.Problems, problem{p.Line, p.Column, p.Path, p.Message})
				if len(x.wrong) < len(f.Problems) {
					x.wrong = append(x.wrong, p.Error())
				}
			}
		}
		all.Files, sum.checks = append(all.Files, f), append(sum.checks, x)
	}
	return all, sum
}

// joined are all the problems of a summary, a line each.
func joined(s summary) string {
	text := ""
	for _, c := range s.checks {
		for _, w := range c.wrong {
			text += fmt.Sprintf("\n%s", w)
		}
	}
	return text[min(1, len(text)):]
}
