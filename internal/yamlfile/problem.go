package yamlfile

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Problem is one thing that is wrong with a file.
type Problem struct {
	File         string
	Line, Column int    // from 1; 0: not known
	Path         string // as deployment.canary.stages[2]; "": the file
	Message      string
}

// Error reads "fleet.yaml:12:5: deployment.canary.stages[2]: 30 is not above 50".
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(engine.Visible(p.File))
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	if p.Path != "" {
		b.WriteString(": " + engine.Visible(engine.Shortened(p.Path)))
	}
	return b.String() + ": " + engine.Visible(p.Message)
}

// Problems are all the things that are wrong, in the order of the file.
type Problems []Problem

// maxShown is how many problems are worth a line each: whoever has more begins with
// these, and the rest are counted.
const maxShown = 30

// Error has a line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Shown is a value of the file, quoted, as far as it has to be seen to be found.
func Shown(text string) string { return strconv.Quote(engine.Shortened(text)) }

// Sorted is ps as an error in the order of the file, nil where there are none.
func (ps Problems) Sorted() error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if more := len(ps) - maxShown; more > 0 {
		ps = append(ps[:maxShown:maxShown], Problem{File: ps[0].File, Message: fmt.Sprintf("and %d more problems", more)})
	}
	return ps
}

// Place is where in a file a value is, from 1.
type Place struct{ Line, Column int }

// File is what was read of a file beside its values.
type File struct {
	Name    string
	Places  map[string]Place // of what is written, by path
	Written map[string]bool  // what the file says, and does not leave empty, by path
}

// Problem is what is wrong at path. Where the file says nothing at path, it is
// placed at what is around it.
func (f *File) Problem(path, message string) Problem {
	p := Problem{File: f.Name, Path: path, Message: message}
	for around := path; ; {
		if at, ok := f.Places[around]; ok {
			p.Line, p.Column = at.Line, at.Column
			return p
		}
		if around == "" {
			return p
		}
		around = around[:max(0, strings.LastIndexAny(around, ".["))]
	}
}

// quotedText is what a reader of YAML quotes from the text.
var quotedText = regexp.MustCompile(`"[^"]*"`)

// syntax is what is wrong with text that is not YAML. Where the file does not look
// like what is meant, nothing of it is shown.
func (f Form) syntax(file string, err error, familiar bool) Problem {
	p := Problem{File: file, Message: "cannot be read as YAML"}
	var at yaml.Error
	if errors.As(err, &at) {
		p.Message = quotedText.ReplaceAllStringFunc(at.GetMessage(), func(text string) string {
			if !familiar || f.Discreet {
				return "something"
			}
			return Shown(strings.Trim(text, `"`))
		})
		if t := at.GetToken(); t != nil && t.Position != nil {
			p.Line, p.Column = t.Position.Line, t.Position.Column
		}
	}
	return p
}
