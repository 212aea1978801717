package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/prometheus/common/config"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/durable"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/client"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

func loginCommand(c *console) *cobra.Command {
	var controller string
	cmd := &cobra.Command{
		Use:   "login [CONTEXT]",
		Short: "Keep a token for a rollout server",
		Long: `Reads a token from the standard input, without showing it, asks the server whose it
is, and keeps it in a file of its own beside the contexts, which only its owner can
read. The context names that file; with --controller it is made. Without CONTEXT it is
the current one.` + exitsHelp(exitFine, exitInput, exitStopped),
		Example: "  hotswap login prod --controller https://rollouts.example.com\n  hotswap login < token",
		Args:    cobra.MaximumNArgs(1), ValidArgsFunction: completeContexts,
		RunE: func(cmd *cobra.Command, args []string) error { return c.login(cmd.Context(), args, controller) },
	}
	cmd.Flags().StringVar(&controller, "controller", "", "address of the rollout server, what comes before /v1")
	return cmd
}

// login keeps a token for the context that is named, or for the current one.
func (c *console) login(ctx context.Context, args []string, address string) error {
	f, err := readContexts()
	if err != nil {
		return err
	}
	name, err := f.meant(args, address)
	if err != nil {
		return err
	}
	s := f.Contexts[name]
	s.Controller = cmp.Or(address, s.Controller)
	token, err := c.secret(ctx, "Token for "+shown(s.Controller)+": ")
	if err != nil {
		return err
	}
	self, err := s.whose(ctx, name, token)
	if err != nil {
		return err
	}
	if err := f.keep(name, s, token); err != nil {
		return err
	}
	c.print("context %s: %s\n", name, who(self))
	return nil
}

// meant is the name of the context that somebody logs in to: it has an address, or is given one.
func (f *contextsFile) meant(args []string, address string) (string, error) {
	name := f.Current
	if len(args) == 1 {
		name = args[0]
	}
	if name == "" {
		return "", errors.New("there is no current context: name one, with --controller where it is new")
	}
	if address == "" && f.Contexts[name].Controller == "" {
		return "", fmt.Errorf("%s has no context %q: say where its server is with --controller", f.path, name)
	}
	return name, checkContextName(name)
}

// keep writes a token into a file for its owner alone, and the context that names it.
func (f *contextsFile) keep(name string, s contextSpec, token string) error {
	path := f.tokenFileOf(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := durable.Write(path, []byte(token+"\n"), 0o600); err != nil {
		return err
	}
	s.TokenFile, s.TokenEnv = path, ""
	f.Contexts[name] = s
	f.Current = cmp.Or(f.Current, name)
	return f.write()
}

// whose is who bears a token, as the server says.
func (s *contextSpec) whose(ctx context.Context, name, token string) (*contract.Actor, error) {
	own := reachFlags{path: "controller"}
	settings, _, err := own.reach(s.Controller, credentials{from: "context " + name, caFile: s.CAFile, httpConfig: s.HTTPConfig, allowHTTP: s.AllowHTTP})
	if err != nil {
		return nil, err
	}
	settings.HTTP.Authorization = &config.Authorization{Credentials: config.Secret(token)}
	api, err := client.New(settings)
	if err != nil {
		return nil, err
	}
	defer api.Close()
	self, err := api.Self(ctx)
	return &self, mistaken(ctx, api, err)
}

// longestToken is how many bytes a token has at most.
const longestToken = 8 << 10

// secret reads a line that is not shown.
func (c *console) secret(ctx context.Context, prompt string) (string, error) {
	file, terminal := c.in.(*os.File)
	terminal = terminal && term.IsTerminal(int(file.Fd()))
	type answer struct {
		text []byte
		err  error
	}
	answers := make(chan answer, 1)
	restore := func() {}
	if terminal {
		_, _ = fmt.Fprint(c.err, prompt) // there is nobody else to tell
		if before, err := term.GetState(int(file.Fd())); err == nil {
			restore = func() { _ = term.Restore(int(file.Fd()), before) }
		}
	}
	go func() {
		var a answer
		if terminal {
			a.text, a.err = term.ReadPassword(int(file.Fd()))
		} else {
			a.text, a.err = io.ReadAll(io.LimitReader(c.in, longestToken+1))
		}
		answers <- a
	}()
	select {
	case <-ctx.Done():
		restore()
		return "", ctx.Err()
	case a := <-answers:
		if terminal {
			_, _ = fmt.Fprintln(c.err)
		}
		text := strings.TrimSpace(string(a.text))
		switch {
		case a.err != nil:
			return "", fmt.Errorf("the token cannot be read: %w", a.err)
		case text == "":
			return "", errors.New("no token came: the standard input has none")
		case len(text) > longestToken || strings.ContainsAny(text, " \t\r\n"):
			return "", fmt.Errorf("what came is no token: one is up to %d bytes without spaces", longestToken)
		}
		return text, nil
	}
}

// who is somebody, and what they may do.
func who(a *contract.Actor) string {
	text := shown(a.Name)
	for i, g := range a.Grants {
		between := ", may "
		if i > 0 {
			between = ", "
		}
		text += between + grantText(g)
	}
	return text
}

// grantText is a role, and where it holds.
func grantText(g contract.Grant) string {
	if len(g.Environments) == 0 {
		return shown(g.Role) + " everywhere"
	}
	return shown(g.Role + " in " + strings.Join(g.Environments, ", "))
}

func whoamiCommand(c *console) *cobra.Command {
	var (
		f      serverFlags
		inJSON bool
	)
	cmd := &cobra.Command{
		Use:   "whoami",
		Short: "Say who a rollout server takes you for",
		Long:  "Says who a rollout server takes you for, and what you may do there." + exitsHelp(exitFine, exitInput, exitStopped),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.Context(), func(api *client.Client) error {
				self, err := api.Self(cmd.Context())
				if err != nil {
					return err
				}
				if inJSON {
					return c.json(self)
				}
				c.print("%s\n", who(&self))
				return nil
			})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&inJSON, "json", false, "print it as JSON")
	return cmd
}
