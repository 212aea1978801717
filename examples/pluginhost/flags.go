package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// flags is a set of flags of a command that is said nothing about but by its errors.
func flags(name string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f
}

// parse parses flags, of which there are no arguments beside. Whether there is anything left
// to do is false where help was asked for, and given.
func parse(f *flag.FlagSet, args []string, errs io.Writer) (bool, error) {
	err := f.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprintf(errs, "flags of pluginhost %s:\n", f.Name())
		f.SetOutput(errs)
		f.PrintDefaults()
		return false, nil
	}
	if err == nil && f.NArg() > 0 {
		err = fmt.Errorf("%q is no flag", f.Arg(0))
	}
	if err != nil {
		return false, errUsage{err}
	}
	return true, nil
}

// list takes a list with commas apart.
func list(text string) []string {
	var all []string
	for one := range strings.SplitSeq(text, ",") {
		if one = strings.TrimSpace(one); one != "" {
			all = append(all, one)
		}
	}
	return all
}
