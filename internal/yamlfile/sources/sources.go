// Package sources reads what Go sources say about the fields of their types, for the schemas
// that tests hold published ones to.
package sources

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"reflect"
	"strings"
)

// Comments are what is said about fields, by package, type and field.
type Comments map[string]string

// Read reads the sources in folders, by the name of their package.
func Read(folders map[string]string) (Comments, error) {
	said := Comments{}
	for pkg, dir := range folders {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			if err != nil {
				return nil, err
			}
			said.read(pkg, tree)
		}
	}
	return said, nil
}

func (c Comments) read(pkg string, tree *ast.File) {
	ast.Inspect(tree, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if s, ok := spec.Type.(*ast.StructType); ok {
			for _, f := range s.Fields.List {
				for _, name := range f.Names {
					c[pkg+"."+spec.Name.Name+"."+name.Name] = say(f)
				}
			}
		}
		return true
	})
}

// say is what is said about a field, on its line or above it, in one line.
func say(f *ast.Field) string {
	text := f.Comment.Text()
	if text == "" {
		text = f.Doc.Text()
	}
	return strings.Join(strings.Fields(text), " ")
}

// Of is what is said about a field of a type.
func (c Comments) Of(t reflect.Type, field string) string {
	return c[path.Base(t.PkgPath())+"."+t.Name()+"."+field]
}
