// Package yamlfile reads files of YAML that people write: strictly, into Go values, and with
// all that is wrong with them at once, each with its line, its column and its path.
package yamlfile

import (
	"bytes"
	"reflect"
	"slices"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
)

// Form is a kind of file.
type Form struct {
	// What it is, in a word that takes "a".
	What string
	// Stranger is what is said of a file that has none of the keys of its top.
	Stranger string
	// Members are the keys of the mapping that is read into a type; none: it is no mapping.
	Members func(reflect.Type) []Member
	// Free is the path of the text that may have many lines.
	Free string
	// Discreet says that problems show no texts of the file: they may be secrets.
	Discreet bool
	// Dotted says that paths have keys of the writer's choice behind a dot, where that is plain.
	Dotted bool
}

// Member is a key of a mapping, and where its value is kept.
type Member struct {
	Key   string
	Index []int // of the field, as reflect wants it
	Kind  reflect.Type
	// Section has the keys below, where the key is not a field of its own: they are
	// fields of the same struct, sorted into sections for the reader.
	Section []Member
	// Owner and Field name the Go field, for the words about it in a schema.
	Owner reflect.Type
	Field string
}

// Raw is a part of a file that somebody else reads, with [Form.Decode].
type Raw struct {
	Node ast.Node // nil: the file says nothing
	Path string
}

// Read reads a file into what into points to. What is known of the file is returned beside
// the problems too.
func (f Form) Read(name string, data []byte, into any) (file *File, ps Problems) {
	file = &File{Name: name, Places: map[string]Place{}, Written: map[string]bool{}}
	if ps = f.sane(name, data); len(ps) > 0 {
		return file, ps
	}
	defer func() { // text is foreign: whatever its reader stumbles over is about the text
		if r := recover(); r != nil {
			ps = Problems{{File: name, Message: "cannot be read as YAML"}}
		}
	}()
	words := lexer.Tokenize(string(data))
	v := reflect.ValueOf(into).Elem()
	familiar, ps := f.scan(name, words, f.Members(v.Type()))
	if len(ps) > 0 {
		return file, ps
	}
	tree, err := parser.Parse(words, 0)
	if err != nil {
		return file, Problems{f.syntax(name, err, familiar)}
	}
	docs := slices.DeleteFunc(tree.Docs, func(doc *ast.DocumentNode) bool {
		_, directive := doc.Body.(*ast.DirectiveNode)
		return directive || doc.Body == nil
	})
	if len(docs) > 0 && !familiar {
		return file, Problems{{File: name, Line: 1, Column: 1, Message: f.Stranger}}
	}
	d := &decoder{Form: f, file: file}
	d.documents(docs, v)
	return file, d.problems
}

// Decode reads a part of a file that was left raw.
func (f Form) Decode(file *File, raw Raw, into any) Problems {
	d := &decoder{Form: f, file: file}
	d.decode(raw.Node, raw.Path, reflect.ValueOf(into).Elem())
	return d.problems
}

// Unmarked is data without a byte order mark.
func Unmarked(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) }

// documents reads v from the first document of a file; there may be no other one.
func (d *decoder) documents(docs []*ast.DocumentNode, v reflect.Value) {
	for i, doc := range docs {
		if i > 0 {
			d.refuse(doc.Body.GetToken(), "", "a file has one %s", d.What)
			continue
		}
		d.file.Places[""] = Place{1, 1}
		d.decode(doc.Body, "", v)
	}
}
