package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

func contextCommand(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "context",
		Short: "Name rollout servers, and say which one is meant",
		Long: `Contexts are names of rollout servers, each with its address and where its token
is. They are in ~/.config/hotswap/config.yaml, below $XDG_CONFIG_HOME where that is
set, or in the file that HOTSWAP_CONFIG names. No token is in it.

What a flag says comes first, then the environment (HOTSWAP_CONTROLLER_ENDPOINT,
HOTSWAP_ENDPOINT, HOTSWAP_CONTROLLER_TOKEN_FILE, HOTSWAP_CONTROLLER_TOKEN, HOTSWAP_CONTEXT), then the
current context. A context that --context names comes with its own token.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(contextSetCommand(c), contextUseCommand(c), contextListCommand(c), contextCurrentCommand(c), contextDeleteCommand(c))
	return cmd
}

func contextSetCommand(c *console) *cobra.Command {
	var s contextSpec
	cmd := &cobra.Command{
		Use:     "set NAME",
		Short:   "Make a context, or change one",
		Long:    "Makes a context, or changes what flags name of one that is there. The first one is the\ncurrent one.",
		Example: "  hotswap context set prod --controller https://rollouts.example.com --token-file ~/.hotswap-token",
		Args:    cobra.ExactArgs(1), ValidArgsFunction: completeContexts,
		RunE: func(cmd *cobra.Command, args []string) error {
			return setContext(c, cmd, args[0], s)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&s.Controller, "controller", "", "address of the rollout server, what comes before /v1")
	flags.StringVar(&s.TokenFile, "token-file", "", "file with the bearer token")
	flags.StringVar(&s.TokenEnv, "token-env", "", "environment variable with the bearer token")
	flags.StringVar(&s.CAFile, "ca-file", "", "file with the certificates that the server's is signed by")
	flags.StringVar(&s.HTTPConfig, "http-config", "", "YAML file with TLS, proxy, headers and other credentials, in the form of Prometheus' HTTP clients")
	flags.BoolVar(&s.AllowHTTP, "allow-http", false, "take http to other machines too, where anybody on the way reads the credentials")
	cmd.MarkFlagsMutuallyExclusive("token-file", "token-env")
	return cmd
}

// setContext changes what flags name of a context.
func setContext(c *console, cmd *cobra.Command, name string, asked contextSpec) error {
	if err := checkContextName(name); err != nil {
		return err
	}
	f, err := readContexts()
	if err != nil {
		return err
	}
	_, known := f.Contexts[name]
	s := f.Contexts[name]
	given := func(flag string) bool { return cmd.Flags().Changed(flag) }
	if given("controller") {
		s.Controller = asked.Controller
	}
	if given("token-file") || given("token-env") {
		s.TokenFile, s.TokenEnv = absolute(asked.TokenFile), asked.TokenEnv
	}
	if given("ca-file") {
		s.CAFile = absolute(asked.CAFile)
	}
	if given("http-config") {
		s.HTTPConfig = absolute(asked.HTTPConfig)
	}
	if given("allow-http") {
		s.AllowHTTP = asked.AllowHTTP
	}
	if ps := s.reachable(); len(ps) > 0 {
		return ps
	}
	f.Contexts[name] = s
	f.Current = cmp.Or(f.Current, name)
	if err := f.write(); err != nil {
		return err
	}
	done := "made"
	if known {
		done = "changed"
	}
	c.print("context %s %s: %s\n", name, done, engine.Visible(s.Controller))
	return nil
}

// absolute is a path that means the same from every folder.
func absolute(path string) string {
	if path == "" {
		return ""
	}
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

func contextUseCommand(c *console) *cobra.Command {
	return &cobra.Command{
		Use: "use NAME", Short: "Make a context the current one", Args: cobra.ExactArgs(1), ValidArgsFunction: completeContexts,
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := readContexts()
			if err != nil {
				return err
			}
			if _, err := f.named(args[0], "NAME"); err != nil {
				return err
			}
			f.Current = args[0]
			if err := f.write(); err != nil {
				return err
			}
			c.print("context %s is the current one\n", args[0])
			return nil
		},
	}
}

func contextListCommand(c *console) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the contexts", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			f, err := readContexts()
			if err != nil {
				return err
			}
			if len(f.Contexts) == 0 {
				c.print("there are no contexts yet: hotswap context set NAME --controller URL makes one\n")
				return nil
			}
			rows := [][]string{{"CURRENT", "NAME", "CONTROLLER", "TOKEN"}}
			for _, name := range f.names() {
				s, mark := f.Contexts[name], ""
				if name == f.Current {
					mark = "*"
				}
				rows = append(rows, []string{mark, name, s.Controller, s.tokenFrom()})
			}
			c.table(rows)
			return nil
		},
	}
}

// tokenFrom says where the token of a context is.
func (s *contextSpec) tokenFrom() string {
	switch {
	case s.TokenFile != "":
		return s.TokenFile
	case s.TokenEnv != "":
		return "$" + s.TokenEnv
	case s.HTTPConfig != "":
		return s.HTTPConfig
	}
	return "-"
}

func contextCurrentCommand(c *console) *cobra.Command {
	return &cobra.Command{
		Use: "current", Short: "Print the name of the current context", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			f, err := readContexts()
			if err != nil {
				return err
			}
			name, from := cmp.Or(os.Getenv("HOTSWAP_CONTEXT"), f.Current), f.path
			if os.Getenv("HOTSWAP_CONTEXT") != "" {
				from = "HOTSWAP_CONTEXT"
			}
			if name == "" {
				return fmt.Errorf("%s names no current context: hotswap context use NAME does", f.path)
			}
			if _, err := f.named(name, from); err != nil {
				return err
			}
			c.print("%s\n", name)
			return nil
		},
	}
}

func contextDeleteCommand(c *console) *cobra.Command {
	return &cobra.Command{
		Use: "delete NAME", Short: "Delete a context, and the token that hotswap login kept for it", Args: cobra.ExactArgs(1), ValidArgsFunction: completeContexts,
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := readContexts()
			if err != nil {
				return err
			}
			s, err := f.named(args[0], "NAME")
			if err != nil {
				return err
			}
			delete(f.Contexts, args[0])
			if f.Current == args[0] {
				f.Current = ""
			}
			if err := f.write(); err != nil {
				return err
			}
			if own := f.tokenFileOf(args[0]); s.TokenFile == own {
				if err := os.Remove(own); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return err
				}
			}
			c.print("context %s deleted\n", args[0])
			return nil
		},
	}
}
