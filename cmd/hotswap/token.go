package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

func tokenCommand(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make, list and remove tokens of a rollout server",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(tokenCreateCommand(c), tokenListCommand(c), tokenRemoveCommand(c))
	return cmd
}

// tokenRoles are what a token may allow.
var tokenRoles = []string{"read", "operate", "admin"}

func tokenCreateCommand(c *console) *cobra.Command {
	var (
		f            serverFlags
		role         string
		environments []string
		expires      string
		inJSON       bool
	)
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a token, and print it once",
		Long: `Makes a token, and prints it: it cannot be read again. NAME is who acts with it, in
journals and in the audit log. It allows a role in the environments that are named, or
everywhere: read (look and plan), operate (start and steer rollouts too), admin (make
tokens and read the audit log too).` + exitsHelp(exitFine, exitInput, exitUnwritten, exitRefused, exitStopped),
		Example: "  hotswap token create ci --role operate --environment Staging --expires 90d",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(tokenRoles, role) {
				return fmt.Errorf("--role: %q is none of %s", role, strings.Join(tokenRoles, ", "))
			}
			life, err := lifetime(expires)
			if err != nil {
				return err
			}
			asked := contract.NewToken{Name: args[0], Grants: []contract.Grant{{Role: role, Environments: environments}}}
			if life > 0 {
				var clock walker.Time
				asked.Expires = clock.Now().Add(life).Truncate(time.Second)
			}
			return f.run(cmd.Context(), func(api *client.Client) error {
				made, err := api.NewToken(cmd.Context(), asked)
				if err != nil {
					return err
				}
				if inJSON {
					return c.json(made)
				}
				_, err = fmt.Fprintln(c.out, made.Token) // which a quiet command is there for too
				if c.live {
					_, _ = fmt.Fprintf(c.err, "%s is %s, %s: keep it now, it is not shown again\n", shown(made.ID), shown(made.Name), grantText(asked.Grants[0]))
				}
				return err
			})
		},
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&role, "role", "read", "read, operate or admin")
	flags.StringSliceVar(&environments, "environment", nil, "environment that it is good for, as often as you like (default: all)")
	flags.StringVar(&expires, "expires", "90d", "how long it is good for, as 90d, 12h; never: until it is removed")
	flags.BoolVar(&inJSON, "json", false, "print all that is known of it as JSON")
	mustComplete(cmd, "role", cobra.FixedCompletions(tokenRoles, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// lifetime is a length of time in days or in Go's words; 0: it has no end.
func lifetime(text string) (time.Duration, error) {
	if text == "never" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(min(n, 36_500)) * 24 * time.Hour
	}
	if err != nil || d < time.Minute {
		return 0, fmt.Errorf("--expires: %q is not a length like 90d or 12h, at least 1m, nor never", text)
	}
	return d, nil
}

func tokenListCommand(c *console) *cobra.Command {
	var (
		f      serverFlags
		output string
	)
	cmd := &cobra.Command{
		Use: "list", Short: "List the tokens that a rollout server keeps", Args: cobra.NoArgs,
		Long: "Lists the tokens that a rollout server keeps, without themselves." + exitsHelp(exitFine, exitInput, exitUnwritten, exitRefused, exitStopped),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "" && output != "json" {
				return fmt.Errorf("--output: %q is not json", output)
			}
			return f.run(cmd.Context(), func(api *client.Client) error {
				all, err := api.Tokens(cmd.Context())
				if err != nil {
					return err
				}
				if output == "json" {
					return c.json(struct {
						Items []contract.Token `json:"items"`
					}{append([]contract.Token{}, all...)})
				}
				rows := [][]string{{"ID", "NAME", "MAY", "MADE", "BY", "EXPIRES", "USED"}}
				for i := range all {
					t := &all[i]
					var may []string
					for _, g := range t.Grants {
						may = append(may, grantText(g))
					}
					rows = append(rows, []string{t.ID, t.Name, strings.Join(may, "; "), stamp(t.Made), orDash(t.MadeBy), stamp(t.Expires), stamp(t.Used)})
				}
				c.table(rows)
				return nil
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "", "json; default: a table")
	return cmd
}

func tokenRemoveCommand(c *console) *cobra.Command {
	var f serverFlags
	cmd := &cobra.Command{
		Use: "remove ID", Short: "Remove a token: nobody comes with it any more", Args: cobra.ExactArgs(1),
		Long: "Removes a token: from then on nobody comes with it." + exitsHelp(exitFine, exitInput, exitRefused, exitStopped),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), func(api *client.Client) error {
				if err := api.RemoveToken(cmd.Context(), args[0]); err != nil {
					return err
				}
				c.print("token %s removed\n", shown(args[0]))
				return nil
			})
		},
	}
	f.add(cmd)
	return cmd
}
