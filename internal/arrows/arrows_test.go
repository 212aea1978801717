package arrows

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestImports checks every import of every file against the row of its package.
func TestImports(t *testing.T) {
	_, sources := repository(t)
	for _, s := range sources {
		for _, v := range importViolations(s) {
			t.Error(v)
		}
	}
}

// TestDeepImports checks what the packages reach through code that is not ours: an allowed dependency must not bring
// in, at any depth, what the package itself may not import.
func TestDeepImports(t *testing.T) {
	root, sources := repository(t)
	for _, r := range rows {
		if !r.deep || !slices.ContainsFunc(sources, func(s source) bool { return s.pkg == r.pkg }) {
			continue
		}
		for _, d := range dependencies(t, root, r.pkg) {
			for _, v := range deepViolations(r, d) {
				t.Error(v)
			}
		}
	}
}

// TestDeeds checks that the things only one file may do are done there and nowhere else.
func TestDeeds(t *testing.T) {
	_, sources := repository(t)
	for _, s := range sources {
		for _, v := range deedViolations(s) {
			t.Error(v)
		}
	}
}

// TestExceptionsAreUsed checks the other half of the rules: a file that is named as an exception exists and needs to be
// one, so that no exception outlives its reason. What is not written yet may be named already.
func TestExceptionsAreUsed(t *testing.T) {
	_, sources := repository(t)
	for _, d := range deeds {
		for _, s := range sources {
			if slices.Contains(d.only, s.name) && len(d.found(s)) == 0 {
				t.Errorf("%s may do what no other file may (%s), but does not: take it out of internal/arrows/rules_test.go", s.name, d.name)
			}
		}
	}
}

// importViolations explains each import of a file that its package's row does not allow.
func importViolations(s source) []string {
	i := slices.IndexFunc(rows, func(r row) bool { return r.pkg == s.pkg })
	if i < 0 {
		return []string{fmt.Sprintf("%s: the package %s has no row in internal/arrows/rules_test.go: add one that says what it may import, and why", s.name, s.pkg)}
	}
	r := rows[i]
	var violations []string
	refuse := func(e edge, reason string) {
		violations = append(violations, fmt.Sprintf("%s: %s may not import %s\n\twhy: %s", s.at(e.pos), r.pkg, e.path, reason))
	}
	for _, e := range s.imports() {
		below, ours := strings.CutPrefix(e.path, module+"/")
		switch {
		case ours:
			if !slices.Contains(r.internal, below) {
				refuse(e, r.why)
			}
		case !standard(e.path):
			if !slices.ContainsFunc(r.external, func(p string) bool { return covers(p, e.path) }) {
				reason := r.why
				if strings.HasPrefix(e.path, "github.com/hashicorp/") {
					reason = whyTerraform
				}
				refuse(e, reason)
			}
		default:
			if reason, banned := r.bans(e.path); banned {
				refuse(e, reason)
			}
		}
	}
	return violations
}

// deepViolations explains each import of a dependency that the row bans.
func deepViolations(r row, d dependency) []string {
	if d.ImportPath == module || strings.HasPrefix(d.ImportPath, module+"/") {
		return nil // TestImports sees our own packages, file by file
	}
	var violations []string
	for _, imported := range d.Imports {
		if reason, banned := r.bans(imported); banned {
			violations = append(violations, fmt.Sprintf("%s reaches %s through %s\n\twhy not: %s", r.pkg, imported, d.ImportPath, reason))
		}
	}
	return violations
}

// deedViolations explains each thing a file does that only another file may do.
func deedViolations(s source) []string {
	var violations []string
	for _, d := range deeds {
		if len(d.in) > 0 && !slices.Contains(d.in, s.pkg) || slices.Contains(d.only, s.name) {
			continue
		}
		for _, found := range d.found(s) {
			who := "no file there may"
			if len(d.only) > 0 {
				who = "only " + strings.Join(d.only, ", ") + " may"
			}
			violations = append(violations, fmt.Sprintf("%s: %s (%s); %s\n\twhy: %s", s.at(found.pos), d.name, found.what, who, d.why))
		}
	}
	return violations
}
