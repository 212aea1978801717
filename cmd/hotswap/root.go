package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Exit codes.
const (
	exitFine       = 0
	exitUnexpected = 1 // an expectation did not hold, or a promise was broken
	exitInput      = 2 // the command line or a file is wrong
	exitUnwritten  = 3 // the output could not be written
	exitStopped    = 130
)

// errUnexpected ends a command whose output says already what did not hold.
var errUnexpected = errors.New("not as expected")

// console is where a command writes to.
type console struct {
	in       io.Reader
	out, err io.Writer
	paint    paint                      // of out
	drawn    bool                       // out is a terminal
	live     bool                       // err is a terminal
	asks     bool                       // somebody is there to be asked: in and err are a terminal
	quiet    bool                       // print nothing but problems, and what a flag asks for
	size     func() (width, height int) // of the terminal
	timer    func() time.Duration       // how long it takes, instead of the machine's stopwatch
}

// run runs a command line and says with which code to exit.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return runWith(ctx, args, os.Stdin, stdout, stderr)
}

func runWith(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c, out := newConsole(stdin, stdout, stderr)
	return c.run(ctx, args, out)
}

// newConsole is a console of these streams.
func newConsole(stdin io.Reader, stdout, stderr io.Writer) (*console, *stream) {
	out := &stream{Writer: stdout}
	c := &console{
		in: stdin, out: out, err: stderr, paint: paint(isTerminal(stdout) && os.Getenv("NO_COLOR") == ""), drawn: isTerminal(stdout),
		live: isTerminal(stderr), size: func() (int, int) { return terminalSize(stdout) },
	}
	if f, ok := stdin.(*os.File); ok {
		c.asks = c.live && term.IsTerminal(int(f.Fd()))
	}
	return c, out
}

// run runs a command line.
func (c *console) run(ctx context.Context, args []string, out *stream) int {
	cmd := root(c)
	cmd.SetArgs(args)
	cmd.SetOut(out)
	cmd.SetErr(c.err)
	err := cmd.ExecuteContext(ctx)
	var lost unwritten
	if out.err != nil && !errors.As(err, &lost) && !errors.Is(err, context.Canceled) {
		err = unwritten{out.err}
	}
	return c.end(err)
}

// end says why a command line did not do what it should, and with which code to exit.
func (c *console) end(err error) int {
	var (
		lost    unwritten
		own     *codedError
		stopped *interrupted
	)
	switch {
	case errors.As(err, &lost):
		c.complain(lost.Error())
		return exitUnwritten
	case err == nil:
		return exitFine
	case errors.Is(err, errUnexpected):
		return exitUnexpected
	case errors.As(err, &stopped):
		_, _ = fmt.Fprintln(c.err, "\nhotswap: "+stopped.Error())
		return exitStopped
	case errors.Is(err, context.Canceled):
		_, _ = fmt.Fprintln(c.err, "\nhotswap: interrupted")
		return exitStopped
	case errors.As(err, &own):
		if own.err != nil {
			c.complain(own.Error())
		}
		return own.code
	default:
		c.complain(err.Error())
		return exitInput
	}
}

// complain says what is wrong.
func (c *console) complain(text string) {
	_, _ = fmt.Fprintf(c.err, "hotswap: %s\n", engine.Visible(text)) // there is nobody else to tell
}

func root(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hotswap",
		Short: "Prove a rollout policy before you apply it",
		Long: `hotswap tries rollouts out on simulated fleets, with the engine that the
Terraform provider applies; hotswap rollout makes and watches real ones.

A scenario file describes a fleet, its traffic, the versions, the deployment in
the words of the Terraform resource, what goes wrong, and what is expected.

A file that is named - is the standard input. Exit codes: 0 all is as expected,
1 something is not, 2 the input is wrong, 3 the output could not be written, 130
interrupted; hotswap rollout --help has those of rollouts.`,
		Example: `  hotswap simulate canary.yaml
  hotswap simulate canary.yaml --runs 10000 --report report.html
  hotswap validate *.yaml
  hotswap plan canary.yaml
  hotswap diff careful.yaml quick.yaml --runs 1000
  hotswap tune canary.yaml
  hotswap swarm --runs 1000`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.SetVersionTemplate("hotswap {{.Version}}\n")
	cmd.PersistentFlags().BoolVarP(&c.quiet, "quiet", "q", false, "print nothing but problems, and what a flag asks for")
	cmd.AddCommand(validateCommand(c), planCommand(c), simulateCommand(c), diffCommand(c), tuneCommand(c), proveCommand(c), swarmCommand(c), serveCommand(c), backupCommand(c), rolloutCommand(c), contextCommand(c), loginCommand(c), whoamiCommand(c), tokenCommand(c), auditCommand(c), metricsCommand(c), conformanceCommand(c))
	speak(cmd)
	return cmd
}

// version is the build that runs.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown build)"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			v += " " + s.Value[:12]
		}
	}
	return v
}

// isTerminal says whether somebody reads w as it is written.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// paint colours text where it is true.
type paint bool

func (p paint) green(s string) string { return p.with("32", s) }
func (p paint) red(s string) string   { return p.with("31", s) }
func (p paint) amber(s string) string { return p.with("33", s) }
func (p paint) bold(s string) string  { return p.with("1", s) }
func (p paint) faint(s string) string { return p.with("2", s) }

func (p paint) with(code, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
