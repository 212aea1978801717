package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// speak has cmd and all below it say in words of their own which argument is missing or one too
// many, and what a flag wants: the libraries' words count arguments, and name Go's functions.
func speak(cmd *cobra.Command) {
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return ofFlag(err) })
	for _, c := range cmd.Commands() {
		if takes := c.Args; takes != nil && !c.HasSubCommands() {
			c.Args = func(cmd *cobra.Command, args []string) error {
				if takes(cmd, args) == nil {
					return nil
				}
				return ofArguments(cmd, args)
			}
		}
		speak(c)
	}
}

// readers are the commands that read a file of that name from the standard input: -.
var readers = []string{"hotswap simulate", "hotswap plan", "hotswap validate", "hotswap diff", "hotswap tune"}

// ofArguments says which argument is missing, or which one is too many.
func ofArguments(cmd *cobra.Command, args []string) error {
	_, synopsis, _ := strings.Cut(cmd.Use, " ")
	names := strings.Fields(synopsis)
	if len(names) > 0 && strings.HasPrefix(names[0], "-") {
		names = nil // those are flags
	}
	whole := strings.Join(append([]string{cmd.CommandPath()}, names...), " ")
	if len(args) > len(names) {
		return fmt.Errorf("%q is one argument too many: %s", args[len(names)], whole)
	}
	missing := strings.Trim(strings.Join(names[len(args):], " and "), ".[]")
	if slices.Contains(readers, cmd.CommandPath()) {
		whole += ", where - is the standard input"
	}
	be := " is"
	if strings.Contains(missing, " and ") {
		be = " are"
	}
	return errors.New(missing + be + " missing: " + whole)
}

// wanted is what the values of a type of flags are, where Go's own words would say it.
var wanted = map[string]string{
	"int": "a whole number", "int64": "a whole number", "uint": "a whole number", "float64": "a number", "bool": "true or false",
	"intSlice": "a list of whole numbers with commas between", "float64Slice": "a list of numbers with commas between",
	"duration": "a duration like 90s, 10m or 2h",
}

// ofFlag says what is wrong with a flag.
func ofFlag(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	what, ok := wanted[invalid.GetFlag().Value.Type()]
	switch {
	case !ok:
		return err
	case errors.Is(err, strconv.ErrRange):
		return fmt.Errorf("--%s: %q is too large", invalid.GetFlag().Name, invalid.GetValue())
	}
	return fmt.Errorf("--%s: %q is not %s", invalid.GetFlag().Name, invalid.GetValue(), what)
}
