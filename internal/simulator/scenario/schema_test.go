package scenario

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the schema and golden files anew")

// comments reads what the sources say about the fields of their types, by package,
// type and field.
func comments(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for pkg, dir := range map[string]string{"scenario": ".", "simulator": "..", "engine": "../../engine"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				if spec, ok := n.(*ast.TypeSpec); ok {
					if s, ok := spec.Type.(*ast.StructType); ok {
						for _, f := range s.Fields.List {
							for _, name := range f.Names {
								out[pkg+"."+spec.Name.Name+"."+name.Name] = say(f)
							}
						}
					}
				}
				return true
			})
		}
	}
	return out
}

// say is what is said about a field, on its line or above it, in one line.
func say(f *ast.Field) string {
	text := f.Comment.Text()
	if text == "" {
		text = f.Doc.Text()
	}
	return strings.Join(strings.Fields(text), " ")
}

// TestSchema holds the published schema to the types that scenarios are read into:
// go test ./internal/simulator/scenario -run TestSchema -rewrite.
func TestSchema(t *testing.T) {
	const file = "../../../docs/scenario.schema.json"
	said := comments(t)
	want, err := Schema(func(of reflect.Type, field string) string {
		return said[path.Base(of.PkgPath())+"."+of.Name()+"."+field]
	})
	if err != nil {
		t.Fatal(err)
	}
	if *rewrite {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the types say: run this test with -rewrite", file)
	}
}
