package scenario

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

func (v *Version) setDefaults() { v.Behaviour = simulator.DefaultBehaviour() }

// Read reads a scenario from a file. The error is [Problems], or why the file
// cannot be read.
func Read(file string) (*Scenario, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > maxBytes {
		return nil, tooLarge(file, info.Size())
	}
	return ReadFrom(file, f)
}

// ReadFrom reads a scenario from r, and no more of it than a scenario can have. file
// names it in problems.
func ReadFrom(file string, r io.Reader) (*Scenario, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	return Parse(file, data)
}

// ReadFleet reads a scenario from a file for the sake of its fleet: what is rolled out
// on it is said elsewhere, so that versions that the file's own rollout does not know
// are no problem. See [Scenario.Unmatched].
func ReadFleet(file string) (*Scenario, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return parse(file, data, (*Scenario).fleetUnmatched)
}

// Parse reads a scenario. file names it in problems; the error is [Problems].
func Parse(file string, data []byte) (*Scenario, error) {
	return parse(file, data, (*Scenario).unmatched)
}

// documents reads the scenario from the first document of a file; there may be no other one.
func (d *decoder) documents(docs []*ast.DocumentNode) {
	for i, doc := range docs {
		if i > 0 {
			d.refuse(doc.Body.GetToken(), "", "a file has one scenario")
			continue
		}
		d.s.places[""] = place{1, 1}
		d.decode(doc.Body, "", reflect.ValueOf(d.s).Elem())
	}
}

// heading is the comment in the first line; "" where that names the schema, or is none.
func heading(data []byte) string {
	first, _, _ := strings.Cut(string(data), "\n")
	if comment, ok := strings.CutPrefix(first, "#"); ok && !strings.Contains(first, "$schema=") {
		return strings.TrimSpace(comment)
	}
	return ""
}

func parse(file string, data []byte, unmatched func(*Scenario) Problems) (s *Scenario, err error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // a byte order mark
	if err := sane(file, data); err != nil {
		return nil, err
	}
	s = New()
	s.file, s.places, s.written = file, map[string]place{}, map[string]bool{}
	s.first = heading(data)
	defer func() { // text is foreign: whatever its reader stumbles over is about the text
		if r := recover(); r != nil {
			s, err = nil, Problems{{File: file, Message: "cannot be read as YAML"}}
		}
	}()
	words := lexer.Tokenize(string(data))
	familiar, err := scan(file, words)
	if err != nil {
		return nil, err
	}
	tree, err := parser.Parse(words, 0)
	if err != nil {
		return nil, Problems{syntax(file, err, familiar)}
	}
	docs := slices.DeleteFunc(tree.Docs, func(doc *ast.DocumentNode) bool {
		_, directive := doc.Body.(*ast.DirectiveNode)
		return directive || doc.Body == nil
	})
	if len(docs) > 0 && !familiar {
		return nil, stranger(file)
	}
	d := &decoder{s: s}
	d.documents(docs)
	if s.Name == "" {
		s.Name = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	}
	if len(d.problems) > 0 {
		return nil, d.problems.sorted()
	}
	ps := append(s.validate(), s.zeros()...)
	if s.Candidate() != "" { // else nothing matches, which is said already
		ps = append(ps, unmatched(s)...)
	}
	if len(ps) > 0 {
		return nil, ps.sorted()
	}
	return s, nil
}
