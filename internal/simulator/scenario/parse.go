package scenario

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/parser"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

func (v *Version) setDefaults() { v.Behaviour = simulator.DefaultBehaviour() }

// Read reads a scenario from a file. The error is [Problems], or why the file
// cannot be read.
func Read(file string) (*Scenario, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return Parse(file, data)
}

// Parse reads a scenario. file names it in problems; the error is [Problems].
func Parse(file string, data []byte) (s *Scenario, err error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // a byte order mark
	if err := sane(file, data); err != nil {
		return nil, err
	}
	s = New()
	s.file, s.places = file, map[string]place{}
	if first, _, _ := strings.Cut(string(data), "\n"); !strings.Contains(first, "$schema=") {
		if comment, ok := strings.CutPrefix(first, "#"); ok {
			s.first = strings.TrimSpace(comment)
		}
	}
	defer func() { // text is foreign: whatever its reader stumbles over is about the text
		if r := recover(); r != nil {
			s, err = nil, Problems{{File: file, Message: "cannot be read as YAML"}}
		}
	}()
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, Problems{syntax(file, err)}
	}
	d := &decoder{s: s}
	for i, doc := range tree.Docs {
		switch {
		case doc.Body == nil:
		case i == 0:
			s.places[""] = place{1, 1}
			d.decode(doc.Body, "", reflect.ValueOf(s).Elem())
		default:
			d.refuse(doc.Body.GetToken(), "", "a file has one scenario")
		}
	}
	if s.Name == "" {
		s.Name = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	}
	if len(d.problems) > 0 {
		return nil, d.problems.sorted()
	}
	if ps := s.validate(); len(ps) > 0 {
		return nil, ps.sorted()
	}
	return s, nil
}
