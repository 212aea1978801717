package main

import (
	"fmt"
	"path/filepath"
)

// input is a file that a command reads, which no output may take the place of; "-": the
// standard input.
type input string

func (i input) name() string { return string(i) }

func (i input) writable() error { return nil }

// inputs are the files that a command is given.
func inputs(files []string) []target {
	all := make([]target, len(files))
	for i, file := range files {
		all[i] = input(file)
	}
	return all
}

// clashes says which outputs would be written over an input, or over each other.
func clashes(targets []target) (wrong []error) {
	read, written := map[string]bool{}, map[string]string{}
	for _, t := range targets {
		if in, ok := t.(input); ok && in != "-" {
			read[place(string(in))] = true
		}
	}
	for _, t := range targets {
		o, ok := t.(output)
		if !ok || o.file == "" {
			continue
		}
		at := place(o.file)
		switch by := written[at]; {
		case by != "" && o.file == "-":
			wrong = append(wrong, fmt.Errorf("--%s: the standard output is that of --%s", o.flag, by))
		case by != "":
			wrong = append(wrong, fmt.Errorf("--%s: %s is the file of --%s", o.flag, o.file, by))
		case read[at]:
			wrong = append(wrong, fmt.Errorf("--%s: %s is the file that is read", o.flag, o.file))
		}
		written[at] = o.flag
	}
	return wrong
}

// place is what two names of one file have in common.
func place(file string) string {
	if file == "-" {
		return file
	}
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real
	}
	if whole, err := filepath.Abs(file); err == nil {
		file = whole
	}
	return file
}
