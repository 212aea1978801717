package arrows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A source is one parsed file that is not a test.
type source struct {
	name file   // below the root of the repository
	pkg  string // the folder of name; "." for the root
	tree *ast.File
	set  *token.FileSet
}

// A spot is a place in a source where something was found.
type spot struct {
	pos  token.Pos
	what string
}

// An edge is an import: of path, at pos.
type edge struct {
	path string
	pos  token.Pos
}

func (s source) imports() []edge {
	var edges []edge
	for _, spec := range s.tree.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			edges = append(edges, edge{p, spec.Pos()})
		}
	}
	return edges
}

// at says where pos is, as FILE:LINE.
func (s source) at(pos token.Pos) string {
	return fmt.Sprintf("%s:%d", s.name, s.set.Position(pos).Line)
}

// parse reads one file; text is its content when it is not on disk.
func parse(root string, name file, text any) (source, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, filepath.Join(root, filepath.FromSlash(name)), text, 0)
	return source{name: name, pkg: path.Dir(name), tree: tree, set: set}, err
}

// repository finds the root of the checkout and parses all its Go files except tests, whatever system they are built for.
func repository(t *testing.T) (root string, sources []source) {
	t.Helper()
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatalf("go env GOMOD: %v", err)
	}
	root = filepath.Dir(strings.TrimSpace(string(out)))
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p != root && skipped(p, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		s, err := parse(root, filepath.ToSlash(rel), nil)
		sources = append(sources, s)
		return err
	})
	if err != nil {
		t.Fatalf("reading the repository: %v", err)
	}
	if len(sources) == 0 {
		t.Fatalf("no Go file below %s", root)
	}
	return root, sources
}

// skipped tells the folders that hold no code of this module: hidden ones, test data, and modules of their own.
func skipped(dir, name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// A dependency is a package outside the standard library, as `go list` tells it.
type dependency struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

// dependencies lists pkg and all it reaches, outside the standard library.
func dependencies(t *testing.T, root, pkg string) []dependency {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Standard,Imports", "./"+pkg)
	cmd.Dir = root
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list -deps ./%s: %v\n%s", pkg, err, &complaint)
	}
	var deps []dependency
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var d dependency
		if err := dec.Decode(&d); err != nil {
			t.Fatalf("go list -deps ./%s: %v", pkg, err)
		}
		if !d.Standard {
			deps = append(deps, d)
		}
	}
	return deps
}

// covers tells whether pattern names pkg: itself, or "x/..." for x and all below it.
func covers(pattern, pkg string) bool {
	base, below := strings.CutSuffix(pattern, "/...")
	return pkg == base || below && strings.HasPrefix(pkg, base+"/")
}

// standard tells whether an import path is the standard library's: its first part has no dot.
func standard(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return !strings.Contains(first, ".")
}

// bans returns the reason why the row bans an import of the standard library, if it does.
func (r row) bans(pkg string) (reason string, banned bool) {
	for _, pattern := range slices.Sorted(maps.Keys(r.banned)) {
		if covers(pattern, pkg) {
			return r.banned[pattern], true
		}
	}
	return "", false
}

// uses finds the mentions of names of a package, under whatever name the file imports it.
func uses(pkg string, names ...string) func(source) []spot {
	return func(s source) []spot {
		local := ""
		for _, spec := range s.tree.Imports {
			if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != pkg {
				continue
			}
			switch {
			case spec.Name == nil:
				local = base(pkg)
			case spec.Name.Name == ".":
				return []spot{{spec.Pos(), "a dot import of " + pkg + ", which hides what is used of it"}}
			default:
				local = spec.Name.Name
			}
		}
		if local == "" {
			return nil
		}
		var spots []spot
		ast.Inspect(s.tree, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			// A name that the parser could resolve inside the file is a variable, not the package.
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == local && id.Obj == nil && slices.Contains(names, sel.Sel.Name) {
				spots = append(spots, spot{sel.Pos(), pkg + "." + sel.Sel.Name})
			}
			return true
		})
		return spots
	}
}

// base is the name a package has when it is imported without one.
func base(pkg string) string {
	if last := path.Base(pkg); len(last) < 2 || last[0] != 'v' || last[1] < '0' || last[1] > '9' {
		return last
	}
	return path.Base(path.Dir(pkg))
}

// goStatements finds the go statements.
func goStatements(s source) []spot {
	var spots []spot
	ast.Inspect(s.tree, func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok {
			spots = append(spots, spot{g.Pos(), "a go statement"})
		}
		return true
	})
	return spots
}

// both finds what any of the finders finds.
func both(finders ...func(source) []spot) func(source) []spot {
	return func(s source) []spot {
		var spots []spot
		for _, find := range finders {
			spots = append(spots, find(s)...)
		}
		return spots
	}
}
