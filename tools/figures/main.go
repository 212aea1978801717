// Command figures writes the tables of guides anew from the commands that they name.
//
//	figures HOTSWAP GUIDE...
//
// HOTSWAP is the program that they run. In a guide a table stands between two comments:
//
//	<!-- figures: hotswap prove --hard | Hard cells -->
//	<!-- /figures -->
//
// What is after the bar is the heading of the part of the output that is wanted; without one it
// is all of it.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: figures HOTSWAP GUIDE...")
		os.Exit(2)
	}
	r := renewer{run: program(os.Args[1]), said: map[string]string{}}
	for _, guide := range os.Args[2:] {
		if err := r.renewFile(guide); err != nil {
			fmt.Fprintf(os.Stderr, "figures: %s: %v\n", guide, err)
			os.Exit(1)
		}
	}
}

// program runs a command of hotswap. A proof that finds a promise broken exits with 1, and is
// a proof.
func program(path string) func(args []string) (string, error) {
	return func(args []string) (string, error) {
		cmd := exec.Command(path, args...)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, os.Stderr
		err := cmd.Run()
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == 1 {
			err = nil
		}
		return out.String(), err
	}
}

// renewer runs each command once, whatever parts of it are wanted.
type renewer struct {
	run  func(args []string) (string, error)
	said map[string]string // by command
}

func (r *renewer) renewFile(guide string) error {
	data, err := os.ReadFile(guide)
	if err != nil {
		return err
	}
	text, err := r.renew(string(data))
	if err != nil {
		return err
	}
	return os.WriteFile(guide, []byte(text), 0o644)
}

var marked = regexp.MustCompile(`(?s)<!-- figures: hotswap ([^|>]*?)(?: \| ([^>]*?))? -->\n.*?<!-- /figures -->`)

// renew is text with what its commands say now.
func (r *renewer) renew(text string) (string, error) {
	var wrong error
	text = marked.ReplaceAllStringFunc(text, func(was string) string {
		part := marked.FindStringSubmatch(was)
		said, known := r.said[part[1]]
		if !known {
			var err error
			if said, err = r.run(strings.Fields(part[1])); err != nil {
				wrong = errors.Join(wrong, fmt.Errorf("hotswap %s: %w", part[1], err))
				return was
			}
			r.said[part[1]] = said
		}
		table, ok := under(said, part[2])
		if !ok {
			wrong = errors.Join(wrong, fmt.Errorf("hotswap %s has no part %q", part[1], part[2]))
			return was
		}
		head, _, _ := strings.Cut(was, "\n")
		return head + "\n" + strings.TrimSpace(table) + "\n<!-- /figures -->"
	})
	return text, wrong
}

// under is what stands under a heading; all, where none is named.
func under(text, heading string) (string, bool) {
	if heading == "" {
		return text, true
	}
	_, rest, found := strings.Cut(text, "### "+heading+"\n")
	rest, _, _ = strings.Cut(rest, "\n### ")
	rest = tally.ReplaceAllString(rest, "")
	return rest, found
}

// tally is the line below the last table.
var tally = regexp.MustCompile(`(?m)^[0-9]+ promises: .*$`)
