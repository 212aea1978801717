package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"
)

// outputs are the files that a command can write beside what it prints.
type outputs struct{ json, junit, markdown string }

func (o *outputs) add(cmd *cobra.Command, what string) {
	flags := cmd.Flags()
	flags.StringVar(&o.json, "json", "", "write "+what+" as JSON to this file, - for the standard output")
	flags.StringVar(&o.junit, "junit", "", "write what was checked as JUnit XML to this file, - for the standard output")
	flags.StringVar(&o.markdown, "markdown", "", "write a summary in Markdown to this file, - for the standard output")
}

func (o *outputs) targets() []target {
	return []target{output{"json", o.json}, output{"junit", o.junit}, output{"markdown", o.markdown}}
}

// aside says whether the standard output is taken by a file.
func (o *outputs) aside() bool { return o.json == "-" || o.junit == "-" || o.markdown == "-" }

// told is what a command has to tell: v as JSON, and in short.
type told struct {
	v       any
	summary summary
}

// tell writes t to the files that were asked for, and what print prints to the standard
// output, unless that is taken by a file, or nobody wants it.
func (c *console) tell(o *outputs, t told, print func()) error {
	data, err := json.MarshalIndent(t.v, "", "  ")
	if err != nil {
		return err
	}
	junit, err := t.summary.junit()
	if err != nil {
		return err
	}
	for _, f := range []struct {
		file string
		data []byte
	}{{o.json, append(data, '\n')}, {o.junit, junit}, {o.markdown, []byte(t.summary.text())}} {
		switch f.file {
		case "":
		case "-":
			if _, err := c.out.Write(f.data); err != nil {
				return unwritten{fmt.Errorf("the output cannot be written: %w", err)}
			}
		default:
			if err := writeFile(f.file, f.data); err != nil {
				return err
			}
		}
	}
	if !o.aside() {
		print()
	}
	return nil
}
