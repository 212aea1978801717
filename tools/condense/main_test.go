package main

import (
	"strings"
	"testing"
)

const page = "## Schema\n\n- `a` (Attributes) A. (see [below for nested schema](#nestedatt--a))\n\n" +
	"<a id=\"nestedatt--a\"></a>\n### Nested Schema for `a`\n\nOptional:\n\n- `t` (Attributes) T. (see [below for nested schema](#nestedatt--a--t))\n\n" +
	"<a id=\"nestedatt--a--t\"></a>\n### Nested Schema for `a.t`\n\nOptional:\n\n- `x` (Number) X.\n- `y` (Number) Y.\n- `z` (Number) Z.\n\n\n\n" +
	"<a id=\"nestedatt--b\"></a>\n### Nested Schema for `b`\n\nOptional:\n\n- `t` (Attributes) T. (see [below for nested schema](#nestedatt--b--t))\n- `u` (Number) U.\n\n" +
	"<a id=\"nestedatt--b--t\"></a>\n### Nested Schema for `b.t`\n\nOptional:\n\n- `x` (Number) X.\n- `y` (Number) Y.\n- `z` (Number) Z.\n\n## Import\n\nimport\n"

func TestCondense(t *testing.T) {
	c := condenser{first: map[string]place{}, page: place{folder: "resources", file: "r"}}
	got := c.condense(page)
	for _, want := range []string{"- [`a`](#nestedatt--a) (Attributes) A.\n", "- [`t`](#nestedatt--a--t) (Attributes) T.\n- `u`", "\n## Import\n\nimport\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in:\n%s", want, got)
		}
	}
	if n := strings.Count(got, "`x` (Number) X."); n != 1 {
		t.Errorf("x is described %d times:\n%s", n, got)
	}
	c.page = place{folder: "data-sources", file: "d"}
	if other := c.condense(page); !strings.Contains(other, "- [`t`](../resources/r#nestedatt--a--t) (Attributes) T.") || strings.Contains(other, "`x` (Number)") {
		t.Errorf("another page does not link to the first:\n%s", other)
	}
}
